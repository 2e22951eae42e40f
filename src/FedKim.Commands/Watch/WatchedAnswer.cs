using System.Globalization;
using System.Text.Json;
using FedKim.Commands.Palettes;

namespace FedKim.Commands.Watch;

/// <summary>What one question was answered last, row by row, and with which change each row came. Whoever uses it holds the watch's lock.</summary>
/// <param name="asked">The question.</param>
internal sealed class WatchedAnswer(CommandInvocation asked)
{
    private readonly List<(byte[] Json, long Change)> _rows = [];
    private long _change;

    public CommandInvocation Asked => asked;

    /// <summary>Why there is no answer now; empty where there is one. The rows are the last that came.</summary>
    public string Fault { get; private set; } = "";

    /// <summary>How many want it.</summary>
    public int Listeners { get; set; }

    /// <summary>Ends its asking.</summary>
    public CancellationTokenSource Ending { get; } = new();

    /// <summary>Takes an answer.</summary>
    /// <param name="rows">Its rows as JSON; null where there was none.</param>
    /// <param name="fault">Why there was none; empty otherwise.</param>
    /// <param name="change">The number of this change, if it is one.</param>
    /// <returns>Whether it is.</returns>
    public bool Take(IReadOnlyList<byte[]>? rows, string fault, long change)
    {
        bool isNews = _change == 0 || fault != Fault;
        if (rows is not null)
            isNews |= Replace(rows, change);
        Fault = fault;
        if (isNews)
            _change = change;
        return isNews;
    }

    /// <summary>Writes what is new since a change: <c>{"ask":0,"count":2,"fault":"","rows":{"1":{…}}}</c>; nothing where nothing is.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="place">Its place among what the listener asked.</param>
    /// <param name="seen">The last change that the listener has seen.</param>
    /// <returns>Whether something was written.</returns>
    public bool Write(Utf8JsonWriter json, int place, long seen)
    {
        if (_change <= seen)
            return false;
        json.WriteStartObject();
        json.WriteNumber("ask", place);
        json.WriteNumber("count", _rows.Count);
        json.WriteString("fault", Fault);
        json.WriteStartObject("rows");
        for (int i = 0; i < _rows.Count; i++)
        {
            if (_rows[i].Change <= seen)
                continue;
            json.WritePropertyName(i.ToString(CultureInfo.InvariantCulture));
            json.WriteRawValue(_rows[i].Json, skipInputValidation: true);
        }
        json.WriteEndObject();
        json.WriteEndObject();
        return true;
    }

    private bool Replace(IReadOnlyList<byte[]> rows, long change)
    {
        bool isNews = rows.Count != _rows.Count;
        for (int i = 0; i < rows.Count; i++)
        {
            if (i < _rows.Count && rows[i].AsSpan().SequenceEqual(_rows[i].Json))
                continue;
            if (i == _rows.Count)
                _rows.Add(default);
            _rows[i] = (rows[i], change);
            isNews = true;
        }
        if (rows.Count < _rows.Count)
            _rows.RemoveRange(rows.Count, _rows.Count - rows.Count);
        return isNews;
    }
}
