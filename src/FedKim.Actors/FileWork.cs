using Akka.Dispatch;

namespace FedKim.Actors;

/// <summary>Runs work on files on the threads kept for it, away from the actors' own.</summary>
internal static class FileWork
{
    /// <summary>The result of <paramref name="work"/>, run on <paramref name="dispatcher"/>.</summary>
    public static Task<T> Run<T>(this MessageDispatcher dispatcher, Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        dispatcher.Schedule(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }
}
