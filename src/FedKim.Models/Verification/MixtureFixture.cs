using FedKim.Models.Injection;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Verification;

/// <summary>The M3OE router (eq. 4) in its variants, and the stacked experts (eq. 5) with all gradients.</summary>
internal static class MixtureFixture
{
    private const double Tolerance = 1e-5;

    public static List<VerifiedOutput> Verify(string folder, Device device)
    {
        List<VerifiedOutput> outputs = [];
        string router = Path.Combine(folder, "router.safetensors"), experts = Path.Combine(folder, "lora_moe.safetensors");
        if (File.Exists(router))
            outputs.AddRange(VerifyRouter(router, device));
        if (File.Exists(experts))
            outputs.AddRange(VerifyExperts(experts, device));
        return outputs;
    }

    private static List<VerifiedOutput> VerifyRouter(string path, Device device)
    {
        using var scope = NewDisposeScope();
        using var references = new References(path, Tolerance, device);
        var (modality, task, modalityMask, taskMask) = Texts(references);
        foreach (bool softmax in new[] { false, true })
        {
            string attention = softmax ? "softmax" : "literal";
            foreach (var (mlp, name) in new[] { (RouterMlp.Relu, "relu2"), (RouterMlp.Gelu, "gelu2"), (RouterMlp.Linear, "linear") })
            {
                var router = RouterOf(references, softmax, mlp, []);
                if (mlp == RouterMlp.Relu)
                {
                    references.Compare($"expected.{attention}.gamma", () => router.Attend(modality, task, taskMask));
                    references.Compare($"expected.{attention}.pooled", () => Router.Pool(router.Attend(modality, task, taskMask), modalityMask));
                }

                references.Compare($"expected.{attention}.{name}.alpha", () => router.Weigh(modality, task, modalityMask, taskMask));
            }
        }

        return references.Outputs;
    }

    private static List<VerifiedOutput> VerifyExperts(string path, Device device)
    {
        using var scope = NewDisposeScope();
        using var references = new References(path, Tolerance, device);
        var trained = new SortedDictionary<string, Tensor>(StringComparer.Ordinal);
        var (modality, task, modalityMask, taskMask) = Texts(references);
        var alpha = RouterOf(references, true, RouterMlp.Relu, trained).Weigh(modality, task, modalityMask, taskMask);
        alpha.retain_grad();
        var (a, b) = (new Parameter(references.Read("A")), new Parameter(references.Read("B")));
        var h = references.Read("h").requires_grad_();
        var c = new LoraExperts(a, b).Add(h, nn.functional.linear(h, references.Read("W")), alpha);
        references.Compare("expected.alpha", () => alpha);
        references.Compare("expected.c", () => c);
        references.Compare("expected.c_scaled4", () => new LoraExperts(a, b, 4).Add(h, nn.functional.linear(h, references.Read("W")), alpha));
        var loss = c.mul(references.Read("R")).sum();
        references.Compare("expected.loss", () => loss);
        loss.backward();
        foreach (var (name, tensor) in new SortedDictionary<string, Tensor>(trained, StringComparer.Ordinal) { ["A"] = a, ["B"] = b, ["h"] = h, ["alpha"] = alpha })
            references.Compare("expected.grad." + name, () => tensor.grad!);
        return references.Outputs;
    }

    private static (Tensor Modality, Tensor Task, Tensor ModalityMask, Tensor TaskMask) Texts(References references) => (
        references.Read("modality_tokens"), references.Read("task_tokens"),
        references.Read("modality_mask").to(ScalarType.Bool), references.Read("task_mask").to(ScalarType.Bool));

    private static Router RouterOf(References references, bool softmax, RouterMlp mlp, SortedDictionary<string, Tensor> trained)
    {
        Parameter Of(string name, long[] _)
        {
            string known = name switch
            {
                "fc.weight" => "lin_w",
                "fc.bias" => "lin_b",
                _ => name.Replace(".weight", "_w", StringComparison.Ordinal).Replace(".bias", "_b", StringComparison.Ordinal),
            };
            var parameter = new Parameter(references.Read(known));
            trained[known] = parameter;
            return parameter;
        }

        using var wq = references.Read("wq");
        using var middle = references.Read("fc1_w");
        using var experts = references.Read("lin_b");
        return new Router(new RouterShape((int)wq.shape[1], (int)wq.shape[0], (int)middle.shape[0], (int)experts.shape[0], softmax, mlp), Of);
    }
}
