using Akka.Pattern;
using Google.Protobuf;
using Microsoft.Data.Sqlite;

namespace FedKim.Actors.Journals;

/// <summary>A history that no server will ever be able to go on with; published on the actor system's event stream, for the node that ends with it.</summary>
/// <param name="History">Whose: <c>federation</c>, or a round such as <c>demo/3</c>.</param>
/// <param name="Problem">What is wrong with it.</param>
public sealed record JournalFault(string History, string Problem)
{
    /// <summary>What a failed reading means; null when the same reading may do better later, as of a database that is away.</summary>
    internal static JournalFault? Of(string history, Exception cause)
    {
        Exception[] causes = [.. Chain(cause)];
        if (causes.OfType<SqliteException>().FirstOrDefault(s => s.SqliteErrorCode is JournalException.Corrupt or JournalException.NoDatabase) is { } corrupt)
            return new JournalFault(history, $"the file contradicts itself: {corrupt.Message}");
        if (causes.Any(c => JournalException.IsOfDatabase(c) || c is OperationCanceledException or ObjectDisposedException or OpenCircuitException))
            return null;
        if (causes.FirstOrDefault(c => c.Message.Contains("replayed event", StringComparison.Ordinal)) is not null)
            return new JournalFault(history, "two servers wrote to it at once, and their events stand among each other");
        return causes.FirstOrDefault(c => c is ArgumentException or FormatException or InvalidProtocolBufferException or InvalidCastException or NullReferenceException
            or KeyNotFoundException or OverflowException) is { } unreadable
            ? new JournalFault(history, $"an event of it cannot be read: {unreadable.Message}")
            : null;
    }

    private static IEnumerable<Exception> Chain(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            yield return e;
            foreach (var inner in e is AggregateException several ? several.InnerExceptions.SelectMany(Chain) : [])
                yield return inner;
        }
    }
}
