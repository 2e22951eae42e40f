using FedKim.Learning;
using FedKim.Rounds;

namespace FedKim.Actors.Errands;

/// <summary>One piece of work and how far it is. Mutable, and owned by the actor that does it alone.</summary>
/// <typeparam name="TWork">What is asked for.</typeparam>
/// <typeparam name="TResult">What is made of it.</typeparam>
/// <param name="work">What is asked for.</param>
/// <param name="weights">Base address of the weight plane of the server that asks.</param>
/// <param name="told">What whoever asks for it calls by name: nothing else is called by name where others hear it.</param>
/// <param name="cancel">Ends everything that is done for it.</param>
internal sealed class Errand<TWork, TResult>(TWork work, string weights, IReadOnlySet<string> told, CancellationTokenSource cancel)
    where TWork : class
    where TResult : class
{
    // What hinders it shows until it moves on.
    private bool _hindered;

    public TWork Work => work;

    /// <summary>Where files are fetched and sent: another address when another server leads.</summary>
    public string Weights { get; set; } = weights;

    public CancellationTokenSource Cancel => cancel;

    /// <summary>The transfer under way: what an earlier one still says is not about this one. Null where nothing travels.</summary>
    public CancellationTokenSource? Transfer { get; set; }

    public TResult? Result { get; set; }

    public Stage Stage { get; private set; }

    /// <summary>Steps done, or bytes moved.</summary>
    public long Done { get; private set; }

    /// <summary>Steps in all; 0 where that is not known.</summary>
    public long Total { get; private set; }

    /// <summary>Latest loss; NaN before there is one.</summary>
    public double Loss { get; private set; } = double.NaN;

    /// <summary>What keeps it from working, as others may know it; null when nothing does.</summary>
    public SiteReason? Problem { get; private set; }

    /// <summary>Steps that were made in this process.</summary>
    public int Steps { get; private set; }

    /// <summary>It enters a stage; what hinders it goes on to show.</summary>
    public void Enter(Stage stage) => (Stage, Problem, Done, Total) = (stage, _hindered ? Problem : null, 0, 0);

    /// <summary>It cannot be done.</summary>
    public void Break(SiteReason problem) => (Stage, Problem, Done, Total) = (Stage.Broken, Told(problem), 0, 0);

    public void Hinder(SiteReason problem) => (Problem, _hindered) = (Told(problem), true);

    /// <summary>A reason as it leaves this node.</summary>
    public SiteReason Told(SiteReason reason) => reason.Within(told);

    public void MovesOn(long done) => (Done, Problem, _hindered) = (done, null, false);

    public void Saw(LearningProgress progress)
    {
        MovesOn(progress.Done);
        (Total, Loss, Steps) = (progress.Total, progress.Loss, Steps + 1);
    }
}
