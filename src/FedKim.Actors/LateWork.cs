using Akka.Actor;
using FedKim.Parameters;

namespace FedKim.Actors;

/// <summary>Work on files that nobody waits for: what must be done at once is, and the rest runs on the threads for files.</summary>
internal static class LateWork
{
    /// <summary>Begins it now, and does the rest later.</summary>
    /// <param name="context">Of the actor that owns the files.</param>
    /// <param name="place">Where they lie, in words.</param>
    /// <param name="begin">What is done at once; it returns the rest.</param>
    /// <param name="failed">Told why it could not be done; from any thread.</param>
    public static void Later(this IActorContext context, string place, Func<Action> begin, Action<string> failed)
    {
        try
        {
            var rest = begin();
            context.System.Dispatchers.Lookup(Threads.Files).Schedule(() =>
            {
                try
                {
                    rest();
                }
                catch (Exception e)
                {
                    failed(FileTrouble.Of(e, place)?.What ?? e.Message);
                }
            });
        }
        catch (Exception e) when (FileTrouble.Of(e, place) is { } trouble)
        {
            failed(trouble.What);
        }
    }
}
