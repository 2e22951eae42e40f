namespace FedKim.Audit;

/// <summary>
/// Keeps whoever is refused from filling the log: the first of a kind in a minute is written at once, the others are counted and written when the
/// minute is over. More kinds than a log should hold in a minute are counted together.
/// </summary>
internal sealed class Refusals
{
    private const int MostKinds = 50;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Dictionary<AuditEntry, long> _more = [];
    private DateTimeOffset _began;
    private long _others;

    /// <summary>Whether an entry is to be written now; otherwise it is counted.</summary>
    public bool IsFirst(DateTimeOffset at, AuditEntry entry)
    {
        if (entry.Kind != AuditKind.Refused)
            return true;
        if (_more.Count == 0)
            _began = at;
        if (_more.TryGetValue(entry, out long times))
            _more[entry] = times + 1;
        else if (_more.Count < MostKinds)
            return _more.TryAdd(entry, 0);
        else
            _others++;
        return false;
    }

    /// <summary>What was counted, once its minute is over.</summary>
    public IEnumerable<AuditEntry> Counted(DateTimeOffset now) => _more.Count > 0 && now - _began >= Minute ? Counted() : [];

    /// <summary>What was counted until now.</summary>
    public IReadOnlyList<AuditEntry> Counted()
    {
        List<AuditEntry> counted = [.. _more.Where(one => one.Value > 0).Select(one => one.Key with { Times = one.Value })];
        if (_others > 0)
            counted.Add(new AuditEntry(AuditKind.Refused, AuditMatter.Log) { Outcome = AuditOutcome.Refused, Times = _others, Detail = "others, too many to be named in one minute" });
        _more.Clear();
        _others = 0;
        return counted;
    }
}
