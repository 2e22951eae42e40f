namespace FedKim.Commands.Client;

/// <summary>How an answer is printed.</summary>
public enum AnswerForm
{
    /// <summary>For reading: what fits the width, digests by their first digits.</summary>
    Table,

    /// <summary>For reading, too: every field, every value whole, as wide as it comes.</summary>
    Wide,

    /// <summary>For programs.</summary>
    Json,
}
