using System.Text.Json;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Actors.Journals;

/// <summary>
/// How far a journal has come, as a small file in the server's work folder says it: a journal that has come less far has lost events, or is an
/// old copy. A power cut may leave an earlier mark, which every journal reaches that reached the later one.
/// </summary>
/// <param name="Epoch">The latest coordinator's.</param>
/// <param name="Federation">The federation that was submitted or resumed last; empty before the first.</param>
/// <param name="Round">Its last committed round since; 0 before the first.</param>
public sealed record JournalMark(int Epoch, string Federation, int Round)
{
    /// <summary>The mark of a journal without events.</summary>
    public static JournalMark Start { get; } = new(0, "", 0);

    /// <summary>The mark in this file; null where there is none, or none that can be read.</summary>
    public static JournalMark? Find(string file)
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<JournalMark>(File.ReadAllText(file), JsonSerializerOptions.Web) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it.</summary>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    public void Write(string file) => WholeFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web), flushed: true);

    /// <summary>Whether the journal that this is the mark of has come at least as far as the other one had.</summary>
    /// <param name="mark">The other mark.</param>
    /// <param name="knows">Whether the journal knows a federation of this name.</param>
    public bool Reaches(JournalMark mark, Func<string, bool> knows) =>
        Epoch > mark.Epoch || (Epoch == mark.Epoch && (Federation == mark.Federation ? Round >= mark.Round : mark.Federation.Length == 0 || knows(mark.Federation)));

    internal JournalMark After(IFederationEvent e) => e switch
    {
        FederationEvents.TakenOver t => this with { Epoch = Math.Max(Epoch, t.Epoch) },
        FederationEvents.Submitted s => this with { Federation = s.Plan.Id.Value, Round = 0 },
        FederationEvents.FederationResumed r when r.Federation.Value != Federation => this with { Federation = r.Federation.Value, Round = 0 },
        FederationEvents.RoundCommitted { Federation: null } r => this with { Round = r.Number },
        _ => this,
    };

    /// <inheritdoc/>
    public override string ToString() => Federation.Length == 0 ? $"epoch {Epoch}" : $"epoch {Epoch}, federation {Federation}, {Round} rounds committed";
}
