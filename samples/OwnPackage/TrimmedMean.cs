using FedKim.Parameters.Strategies;

namespace OwnPackage;

/// <summary>The mean of each value without the fifth of the sites that say the most and the fifth that say the least: who errs moves nothing far.</summary>
public sealed class TrimmedMean : IStrategy
{
    public string Name => "trimmed-mean";

    public bool SeesUpdates => true;

    public void Combine(Tile tile)
    {
        var values = tile.Values;
        double[] said = new double[tile.Updates];
        int cut = said.Length / 5, left = said.Length - (2 * cut);
        for (int i = 0; i < values.Length; i++)
        {
            for (int update = 0; update < said.Length; update++)
                said[update] = tile.Update(update)[i];
            Array.Sort(said);
            double sum = 0;
            foreach (double value in said.AsSpan(cut, left))
                sum += value;
            values[i] = sum / left;
        }
    }
}
