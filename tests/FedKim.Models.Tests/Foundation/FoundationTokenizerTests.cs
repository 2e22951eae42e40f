using CsCheck;
using FedKim.Models.Foundation;

namespace FedKim.Models.Tests.Foundation;

public sealed class FoundationTokenizerTests
{
    private static readonly Lazy<FoundationTokenizer> InternLM2 = new(() => FoundationTokenizer.Load(Shared.Folder("data/models/internlm2-tokenizer")));

    [Theory]
    [InlineData("")]
    [InlineData("Does the chest X-ray show lung opacity?")]
    [InlineData(" leading, trailing and  double spaces  ")]
    [InlineData("\ttab\tand\nnewline\r\nand\n\nempty line\n")]
    [InlineData("这张胸片是否显示肺炎？")]
    [InlineData("このX線写真に肺炎はありますか。 폐렴이 있습니까?")]
    [InlineData("emoji 🫁🩺👩‍⚕️ and 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 é e\u0301")]
    [InlineData("T = 38.5 °C, SpO₂ ≥ 94 %, α = ½")]
    [InlineData("<s> </s> <unk> <0x0A> a<s>b</s>")]
    public void A_text_comes_back_from_the_published_tokenizer(string text)
    {
        int[] ids = InternLM2.Value.Encode(text);
        Assert.Equal(text, InternLM2.Value.Decode(ids));
        Assert.All(ids, id => Assert.InRange(id, 3, 92543));
    }

    [Fact]
    public void The_published_tokenizer_has_its_92544_pieces()
    {
        var tokenizer = InternLM2.Value;
        Assert.Equal((92544, 1, 2), (tokenizer.Pieces, tokenizer.Begin, tokenizer.End));
        Assert.Equal([1], tokenizer.EncodePrompt(""));
        Assert.Equal([2], tokenizer.EncodeAnswer(""));
        Assert.Equal("", tokenizer.Decode([1, 2, 0]));
    }

    [Fact]
    public void Any_text_comes_back_from_the_published_tokenizer() => Gen.String[Gen.Char[' ', '\u2fff'], 0, 40].Where(text => !text.Contains('\u2581')).Sample(
        text => Assert.Equal(text, InternLM2.Value.Decode(InternLM2.Value.Encode(text))), iter: 300);

    [Fact]
    public void Any_bytes_are_a_tokenizer_or_refused_but_never_crash()
    {
        var folder = Directory.CreateTempSubdirectory("fedkim-");
        try
        {
            string path = Path.Combine(TinyModel.Write(folder.FullName, TinyModel.Llama), "tokenizer.model");
            byte[] whole = File.ReadAllBytes(path);
            Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[1, 4].Sample(flips =>
            {
                byte[] bytes = (byte[])whole.Clone();
                foreach (var (position, value) in flips)
                    bytes[position] = value;
                File.WriteAllBytes(path, bytes);
                try
                {
                    FoundationTokenizer.Load(folder.FullName);
                }
                catch (FoundationException e)
                {
                    Assert.Contains(path, e.Message);
                }
            }, iter: 500, threads: 1);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
