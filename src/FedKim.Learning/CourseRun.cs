namespace FedKim.Learning;

/// <summary>Takes a course from its last checkpoint to its end.</summary>
/// <param name="Who">Whose it is, for messages.</param>
/// <param name="FirstCheckpoint">Steps before the first checkpoint; see <see cref="PacedCheckpoints"/>.</param>
/// <param name="Clock">Measures what checkpoints cost.</param>
/// <param name="Warn">Told what goes wrong without ending the work.</param>
/// <param name="BeforeStep">Called before each step with its number from 1, where a test breaks steps.</param>
internal sealed record CourseRun(string Who, int FirstCheckpoint, TimeProvider Clock, Action<string> Warn, Action<long> BeforeStep)
{
    /// <summary>Makes the steps that are left.</summary>
    /// <exception cref="PoisonedStepException">A step gave no usable numbers; see <see cref="PoisonedSteps"/>.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled; the checkpoint stays.</exception>
    internal void ToEnd(ICourse course, StepCheckpoint checkpoint, Action<LearningProgress> progress, CancellationToken cancel)
    {
        using (var kept = checkpoint.Open(Warn))
        {
            if (kept is not null)
                course.Restore(kept);
        }

        var paced = new PacedCheckpoints(checkpoint, FirstCheckpoint, Clock, Warn);
        while (course.Done < course.Total)
        {
            cancel.ThrowIfCancellationRequested();
            double loss = PoisonedSteps.Make(Step, course.Done + 1, Who);
            paced.After(course.Done, course.State);
            progress(new LearningProgress(course.Done, course.Total, loss));
        }

        course.RequireFinite();

        double Step()
        {
            BeforeStep(course.Done + 1);
            return course.Step();
        }
    }
}
