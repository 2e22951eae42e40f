namespace FedKim.Actors;

/// <summary>Names of the dispatchers, as hocon/dispatchers.conf defines them.</summary>
internal static class Threads
{
    /// <summary>One thread an actor, for training and injection.</summary>
    public const string Learning = "fedkim.dispatchers.learning";

    /// <summary>One thread for the training of all sites of a node that carries several.</summary>
    public const string SharedLearning = "fedkim.dispatchers.shared-learning";

    /// <summary>Threads for work on files.</summary>
    public const string Files = "fedkim.dispatchers.files";
}
