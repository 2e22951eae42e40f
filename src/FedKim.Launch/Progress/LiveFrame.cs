using System.Collections.Immutable;
using System.Globalization;
using FedKim.Commands.Answers;

namespace FedKim.Launch.Progress;

/// <summary>What a terminal shows of a federation at one moment: lines that fit it, the most important ones where there is no room for all. Pure.</summary>
/// <param name="Width">Columns of the terminal.</param>
/// <param name="Height">Its rows.</param>
internal sealed record LiveFrame(int Width, int Height)
{
    // Heads of the two tables, empty lines before them, and a row of each.
    private const int LeastTables = 8, MostSaid = 6, LeastBar = 6, MostBar = 24;

    private const string Indent = "  ";

    /// <summary>The lines, each no wider than the terminal, and fewer than it has rows.</summary>
    /// <param name="snapshot">The latest look at the server; null before the first.</param>
    /// <param name="answered">Whether it answered the last time it was asked.</param>
    /// <param name="seen">The sites that were ever there, the injector by its name: others are still starting.</param>
    /// <param name="said">What was said besides, the latest last.</param>
    public ImmutableArray<FrameLine> Draw(Snapshot? snapshot, bool answered, IReadOnlySet<string> seen, IEnumerable<string> said)
    {
        int room = Math.Max(4, Height - 1);
        List<FrameLine> top = [.. Head(snapshot, answered).SelectMany(Folded)];
        List<FrameLine> bottom = [.. said.TakeLast(MostSaid).SelectMany(line => Folded(new FrameLine(line, Tone.Quiet)))];
        int forTables = snapshot is null ? 0 : Math.Max(LeastTables, room - top.Count - bottom.Count);
        bottom.RemoveRange(0, Math.Clamp(top.Count + forTables + bottom.Count - room, 0, bottom.Count));
        List<FrameLine> tables = snapshot is null ? [] : [.. Tables(snapshot, seen, Math.Max(0, room - top.Count - bottom.Count))];
        return [.. ((FrameLine[])[.. top, .. tables, .. bottom]).Take(room)];
    }

    private static IEnumerable<FrameLine> Head(Snapshot? snapshot, bool answered)
    {
        if (snapshot is not { Federation: var federation })
        {
            yield return new FrameLine("the nodes are starting", Tone.Quiet);
            yield break;
        }

        yield return new FrameLine($"{federation.Federation}  {federation.Phase.ToLowerInvariant()}  {federation.CommittedRounds} of {federation.Rounds} rounds committed", Tone.Strong);
        // Who has ended everything need not answer any more.
        if (!answered && !snapshot.HasEnded)
            yield return new FrameLine("the server does not answer", Tone.Warning);
        if (federation.Waiting.Length > 0)
            yield return new FrameLine(federation.Waiting, Tone.Warning);
    }

    private IEnumerable<FrameLine> Tables(Snapshot s, IReadOnlySet<string> seen, int room)
    {
        // What its sites do is over with it.
        List<FrameLine> sites = s.HasEnded ? [] : [.. Sites(s, seen)];
        int roundsRoom = Math.Max(1, room - (sites.Count == 0 ? 2 : Math.Min(sites.Count, room / 2) + 3));
        var rounds = s.Rounds.TakeLast(roundsRoom).ToArray();
        if (rounds.Length > 0)
        {
            yield return FrameLine.Empty;
            yield return new FrameLine(Cut("round  phase         updates  left out  seconds"), Tone.Quiet);
            foreach (var r in rounds)
            {
                string line = Text($"{r.Round,5}  {r.Phase.ToLowerInvariant(),-12}  {$"{r.Accepted} of {r.Invited}",7}  {r.Dropped,8}  {r.Milliseconds / 1000.0,7:0.0}");
                yield return new FrameLine(Cut(line), Tone.Plain);
            }
        }

        if (sites.Count == 0)
            yield break;
        int left = room - (rounds.Length > 0 ? rounds.Length + 2 : 0) - 1;
        yield return FrameLine.Empty;
        foreach (var line in sites.Take(sites.Count <= left ? left : Math.Max(0, left - 1)))
            yield return line;
        if (sites.Count > left)
            yield return new FrameLine(Cut($"… and {sites.Count - Math.Max(0, left - 1)} more lines; pbm client list has all"), Tone.Quiet);
    }

    private IEnumerable<FrameLine> Sites(Snapshot s, IReadOnlySet<string> seen)
    {
        (string Name, bool Present, string Activity, long Done, long Total, double Loss, string Standing, string Problem)[] rows =
        [
            .. s.Clients.Select(c => (c.Client, c.Present, c.Activity, c.Done, c.Total, c.Loss, c.Standing, c.Problem)),
            (SiteNames.Injector, s.Injector.Present, s.Injector.Activity, s.Injector.Done, s.Injector.Total, s.Injector.Loss, "", s.Injector.Problem),
        ];
        int names = Math.Clamp(rows.Max(row => row.Name.Length), 4, 24);
        // What is left beside the columns of words and figures, which have their widest here.
        int bar = Math.Clamp(Width - names - 11 - 19 - 7 - 9 - 10, LeastBar, MostBar);
        yield return new FrameLine(Cut($"{"site".PadRight(names)}  {"does",-11}  {"progress".PadRight(bar + 1 + 18)}  {"loss",5}  update"), Tone.Quiet);
        foreach (var row in rows)
        {
            string does = row.Present ? row.Activity : seen.Contains(row.Name) ? "silent" : "starting";
            string progress = row.Present && row.Total > 0 ? $"{Bar(row.Done, row.Total, bar)} {Amount(row.Activity, row.Done, row.Total)}" : "";
            string loss = double.IsFinite(row.Loss) ? Text($"{row.Loss:0.000}") : "";
            string name = row.Name.Length > names ? $"{row.Name[..(names - 1)]}…" : row.Name;
            yield return new FrameLine(
                Cut($"{name.PadRight(names)}  {does,-11}  {progress.PadRight(bar + 1 + 18)}  {loss,5}  {row.Standing}".TrimEnd()), does == "silent" ? Tone.Warning : Tone.Plain);
            if (row.Problem.Length > 0)
            {
                foreach (string part in Wrapped.Lines($"! {row.Problem}", Width - Indent.Length))
                    yield return new FrameLine(Indent + part, Tone.Warning);
            }
        }
    }

    // What is done and what is left differ in shape, for eyes and terminals that know no colours.
    private static string Bar(long done, long total, int width)
    {
        int full = (int)Math.Clamp(done * width / total, 0, width);
        return new string('━', full) + new string('┄', width - full);
    }

    private static string Amount(string activity, long done, long total) => activity is "fetching" or "sending"
        ? Text($"{done / 1048576.0:0.0} of {total / 1048576.0:0.0} MiB")
        : $"{done} of {total}";

    private IEnumerable<FrameLine> Folded(FrameLine line) => Wrapped.Lines(line.Text, Width).Select(part => line with { Text = part });

    private string Cut(string line) => line.Length <= Width ? line : $"{line[..(Width - 1)]}…";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A line of a <see cref="LiveFrame"/>.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Tone">How.</param>
internal sealed record FrameLine(string Text, Tone Tone)
{
    public static FrameLine Empty { get; } = new("", Tone.Plain);
}

/// <summary>How a line of a frame is said.</summary>
internal enum Tone
{
    /// <summary>As it is.</summary>
    Plain,

    /// <summary>A heading.</summary>
    Strong,

    /// <summary>What is not looked for.</summary>
    Quiet,

    /// <summary>What somebody may have to do something about.</summary>
    Warning,
}
