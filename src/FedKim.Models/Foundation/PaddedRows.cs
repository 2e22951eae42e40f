using static TorchSharp.torch;

namespace FedKim.Models.Foundation;

/// <summary>Rows of ids of different lengths as one tensor.</summary>
internal static class PaddedRows
{
    /// <summary>Fills short rows up to the longest one.</summary>
    /// <param name="rows">Ids.</param>
    /// <param name="pad">Id that fills.</param>
    /// <param name="device">Where the tensors shall live.</param>
    /// <param name="left">Whether it fills before a row's ids, so that all rows end in the same column, or behind them.</param>
    /// <returns>Int64 and bool, [rows, longest]; true for real ids.</returns>
    public static (Tensor Ids, Tensor Mask) Of(IReadOnlyList<int[]> rows, int pad, Device device, bool left)
    {
        int width = rows.Max(r => r.Length);
        long[,] ids = new long[rows.Count, width];
        bool[,] real = new bool[rows.Count, width];
        for (int row = 0; row < rows.Count; row++)
        {
            int gap = left ? width - rows[row].Length : 0;
            for (int i = 0; i < width; i++)
            {
                real[row, i] = i >= gap && i < gap + rows[row].Length;
                ids[row, i] = real[row, i] ? rows[row][i - gap] : pad;
            }
        }

        return (tensor(ids, device: device), tensor(real, device: device));
    }
}
