using System.Globalization;
using System.Text;
using FedKim.Rounds;

namespace FedKim.Actors.Hospital;

/// <summary>
/// What a site has trained and sent, a line each in a file beside its rounds. It outlives the site's processes: so it can be counted from
/// outside that nobody was made to train or send twice, whatever was killed meanwhile.
/// </summary>
/// <remarks>Owned by one actor. Like the outbox it does not wait for the disk: a power cut takes both.</remarks>
public sealed class WorkRecord
{
    private const string TrainedWord = "trained";
    private const string SentWord = "sent";

    private readonly string _path;
    private readonly TimeProvider _clock;
    private readonly HashSet<(string Round, string Update)> _known = [];

    // Lines that the disk had no room for yet.
    private readonly StringBuilder _unwritten = new();

    /// <param name="rounds">The folder of the site's rounds; the file lies beside it.</param>
    /// <param name="clock">Says when.</param>
    public WorkRecord(string rounds, TimeProvider clock)
    {
        (_path, _clock) = (PathBeside(rounds), clock);
        try
        {
            foreach (var line in Lines(_path).Where(l => l.Word == TrainedWord))
            {
                _known.Add((line.Round, line.Update));
                Trainings++;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It keeps nobody from training; whoever asks for it is told (Read).
        }
    }

    /// <summary>Trainings that the site has finished, in all its processes together.</summary>
    public int Trainings { get; private set; }

    /// <summary>Whether this training of a round was written down.</summary>
    public bool Knows(RoundId round, Digest update) => _known.Contains(($"{round}", update.Hex));

    /// <summary>A training is finished.</summary>
    /// <exception cref="IOException">It could not be written; it is with the next line.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public void Trained(RoundId round, Digest update)
    {
        _known.Add(($"{round}", update.Hex));
        Trainings++;
        Write(TrainedWord, round, update, 0);
    }

    /// <summary>An update has arrived at a server, for which so many bytes were sent.</summary>
    /// <exception cref="IOException">It could not be written; it is with the next line.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public void Sent(RoundId round, Digest update, long bytes) => Write(SentWord, round, update, bytes);

    /// <summary>What the record beside a folder of rounds says of each round, the earliest first; nothing when there is none.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public static IReadOnlyList<RoundWork> Read(string rounds) =>
    [
        .. Lines(PathBeside(rounds)).GroupBy(l => l.Round).Select(g => new RoundWork(
            g.Key,
            g.Count(l => l.Word == TrainedWord),
            g.Where(l => l.Word == TrainedWord).Select(l => l.Update).Distinct().Count(),
            g.Count(l => l.Word == SentWord),
            g.Sum(l => l.Bytes),
            g.Where(l => l.Word == SentWord).Select(l => l.At).DefaultIfEmpty().Max())),
    ];

    /// <summary>What several sites have done, a line a round.</summary>
    public static IReadOnlyList<RoundWork> Sum(IEnumerable<RoundWork> works) =>
    [
        .. works.GroupBy(w => w.Round).Select(g => new RoundWork(
            g.Key, g.Sum(w => w.Trained), g.Sum(w => w.Updates), g.Sum(w => w.Sent), g.Sum(w => w.Bytes), g.Max(w => w.LastSent))),
    ];

    private static string PathBeside(string rounds) => $"{rounds}.log";

    private void Write(string word, RoundId round, Digest update, long bytes)
    {
        _unwritten.Append(CultureInfo.InvariantCulture, $"{_clock.GetUtcNow().ToUnixTimeMilliseconds()}\t{word}\t{round}\t{update}\t{bytes}\n");
        using var file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        // A process that was killed may have left half a line.
        bool half = file.Length > 0 && LastByte(file) != '\n';
        file.Position = file.Length;
        file.Write(Encoding.UTF8.GetBytes($"{(half ? "\n" : "")}{_unwritten}"));
        _unwritten.Clear();
    }

    private static int LastByte(FileStream file)
    {
        file.Position = file.Length - 1;
        return file.ReadByte();
    }

    private static IEnumerable<Line> Lines(string path) => File.Exists(path) ? ReadLines(path).Select(Line.Parse).OfType<Line>() : [];

    private static IEnumerable<string> ReadLines(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    private sealed record Line(long At, string Word, string Round, string Update, long Bytes)
    {
        // Half a line stands for nothing: its writer says it again.
        public static Line? Parse(string text) =>
            text.Split('\t') is [var at, TrainedWord or SentWord, var round, var update, var bytes]
            && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out long time)
            && long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
                ? new Line(time, text.Split('\t')[1], round, update, count)
                : null;
    }
}

/// <summary>A site's work for one round.</summary>
/// <param name="Round">The round, as text.</param>
/// <param name="Trained">Trainings finished.</param>
/// <param name="Updates">Different updates that came of them.</param>
/// <param name="Sent">Times its update arrived at a server.</param>
/// <param name="Bytes">Bytes sent for that.</param>
/// <param name="LastSent">When it arrived last, in milliseconds since 1970 (UTC); 0 if never.</param>
public sealed record RoundWork(string Round, int Trained, int Updates, int Sent, long Bytes, long LastSent);
