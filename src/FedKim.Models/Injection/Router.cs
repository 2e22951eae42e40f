using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Injection;

/// <summary>How the router turns pooled attention into experts' weights.</summary>
public enum RouterMlp
{
    /// <summary>Two layers with ReLU between them.</summary>
    Relu,

    /// <summary>Two layers with GELU between them.</summary>
    Gelu,

    /// <summary>One layer.</summary>
    Linear,
}

/// <summary>The router's shape.</summary>
/// <param name="Hidden">d, width of F's token embeddings.</param>
/// <param name="Keys">d_k, width of queries, keys and values.</param>
/// <param name="Middle">Width between the two layers; unused by <see cref="RouterMlp.Linear"/>.</param>
/// <param name="Experts">P.</param>
/// <param name="Softmax">Whether a softmax stands around the attention scores; eq. 4 prints none.</param>
/// <param name="Mlp">The layers behind the pooling.</param>
/// <param name="Normalised">
/// Whether every token of the descriptions enters divided by its root mean square. F's embeddings are so small that without it the experts'
/// weights stay alike for all tasks, whatever is learned; eq. 4 prints none.
/// </param>
public sealed record RouterShape(
    int Hidden, int Keys, int Middle, int Experts, bool Softmax = true, RouterMlp Mlp = RouterMlp.Relu, bool Normalised = false);

/// <summary>M3OE router, eq. 4 of arXiv 2408.10276: weighs the experts from the task's and its modalities' descriptions.</summary>
/// <remarks>Its tensors: <c>wq, wk, wv</c> [d_k, d]; <c>fc1, fc2</c> with <c>.weight</c> and <c>.bias</c>, or <c>fc</c> where one layer is all.</remarks>
/// <param name="shape">Its shape.</param>
/// <param name="tensor">Gives the parameter of a name and shape.</param>
public sealed class Router(RouterShape shape, Func<string, long[], Parameter> tensor)
{
    private readonly Parameter _wq = tensor("wq", [shape.Keys, shape.Hidden]);
    private readonly Parameter _wk = tensor("wk", [shape.Keys, shape.Hidden]);
    private readonly Parameter _wv = tensor("wv", [shape.Keys, shape.Hidden]);
    private readonly (Parameter Weight, Parameter Bias)[] _layers = shape.Mlp == RouterMlp.Linear
        ? [(tensor("fc.weight", [shape.Experts, shape.Keys]), tensor("fc.bias", [shape.Experts]))]
        : [(tensor("fc1.weight", [shape.Middle, shape.Keys]), tensor("fc1.bias", [shape.Middle])),
           (tensor("fc2.weight", [shape.Experts, shape.Middle]), tensor("fc2.bias", [shape.Experts]))];

    /// <summary>The experts' weights.</summary>
    /// <param name="modality">Token embeddings of the modality descriptions, [batch, modalityTokens, hidden].</param>
    /// <param name="task">Token embeddings of the task description, [batch, taskTokens, hidden].</param>
    /// <param name="modalityMask">Bool, [batch, modalityTokens]; null when all are real.</param>
    /// <param name="taskMask">Bool, [batch, taskTokens]; null when all are real.</param>
    /// <returns>α, [batch, experts]; rows sum to 1.</returns>
    public Tensor Weigh(Tensor modality, Tensor task, Tensor? modalityMask = null, Tensor? taskMask = null)
    {
        using var scope = NewDisposeScope();
        if (shape.Normalised)
            (modality, task) = (Normal(modality), Normal(task));
        var x = Pool(Attend(modality, task, taskMask), modalityMask);
        for (int i = 0; i < _layers.Length; i++)
        {
            if (i > 0)
                x = shape.Mlp == RouterMlp.Gelu ? nn.functional.gelu(x) : nn.functional.relu(x);
            x = nn.functional.linear(x, _layers[i].Weight, _layers[i].Bias);
        }

        return x.softmax(-1).MoveToOuterDisposeScope();
    }

    /// <summary>γ, [batch, modalityTokens, d_k]: what each modality token takes from the task's tokens.</summary>
    public Tensor Attend(Tensor modality, Tensor task, Tensor? taskMask)
    {
        using var scope = NewDisposeScope();
        var keys = nn.functional.linear(task, _wk).transpose(1, 2);
        var scores = nn.functional.linear(modality, _wq).matmul(keys).div(Math.Sqrt(shape.Keys));
        if (taskMask is not null)
            scores = scores.masked_fill(taskMask.logical_not().unsqueeze(1), shape.Softmax ? float.NegativeInfinity : 0f);
        if (shape.Softmax)
            scores = scores.softmax(-1);
        return scores.matmul(nn.functional.linear(task, _wv)).MoveToOuterDisposeScope();
    }

    // Padding is nothing, and stays it.
    private static Tensor Normal(Tensor tokens) => tokens.mul(tokens.square().mean([-1L], keepdim: true).add(1e-12).rsqrt());

    /// <summary>The mean over real modality tokens, [batch, d_k].</summary>
    public static Tensor Pool(Tensor gamma, Tensor? modalityMask)
    {
        using var scope = NewDisposeScope();
        if (modalityMask is null)
            return gamma.mean([1L]).MoveToOuterDisposeScope();
        var weights = modalityMask.to(gamma.dtype).unsqueeze(-1);
        return gamma.mul(weights).sum(1).div(weights.sum(1)).MoveToOuterDisposeScope();
    }
}
