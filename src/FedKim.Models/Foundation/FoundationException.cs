namespace FedKim.Models.Foundation;

/// <summary>A foundation model, its tokenizer or its adapters that cannot be used, in words for the person who can mend it.</summary>
public sealed class FoundationException(string message, Exception? inner = null) : Exception(message, inner);
