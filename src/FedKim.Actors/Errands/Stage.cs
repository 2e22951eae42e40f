namespace FedKim.Actors.Errands;

/// <summary>How far an errand is; what it is called where people read it is <see cref="Stages.Text"/>.</summary>
internal enum Stage
{
    /// <summary>Nothing is left to do but to say the result again.</summary>
    Idle,

    /// <summary>What the work needs is fetched from the server.</summary>
    Fetching,

    /// <summary>A hospital trains.</summary>
    Training,

    /// <summary>The injector makes a first model.</summary>
    Initializing,

    /// <summary>The injector injects an aggregate.</summary>
    Injecting,

    /// <summary>The injector measures a model.</summary>
    Evaluating,

    /// <summary>The result is on its way to the server.</summary>
    Sending,

    /// <summary>The server's word on the result is waited for.</summary>
    Waiting,

    /// <summary>The result counts.</summary>
    Counted,

    /// <summary>The work cannot be done, or its result does not count.</summary>
    Broken,

    /// <summary>It is tried again after a pause.</summary>
    Resting,
}

/// <summary>What stages are called, and what they mean for whoever is asked again.</summary>
internal static class Stages
{
    /// <summary>Its name as people and programs read it, in lower case.</summary>
    public static string Text(this Stage stage) => stage.ToString().ToLowerInvariant();

    /// <summary>Whether the work is behind it: who asks for it again has not heard, or has forgotten.</summary>
    public static bool IsBehind(this Stage stage) => stage is Stage.Idle or Stage.Waiting or Stage.Counted or Stage.Broken;

    /// <summary>Whether files travel.</summary>
    public static bool Moves(this Stage stage) => stage is Stage.Fetching or Stage.Sending;
}
