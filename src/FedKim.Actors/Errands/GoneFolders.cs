namespace FedKim.Actors.Errands;

/// <summary>Folders that nobody uses any more: another name takes a moment, to free their space takes long.</summary>
internal static class GoneFolders
{
    // No round's folder, and no work's, is called so; one that was left is taken for any other that is not needed.
    private const string Suffix = ".gone";

    /// <summary>Takes folders out of use, those that are there; the action returned frees their space.</summary>
    /// <exception cref="IOException">One cannot be renamed.</exception>
    public static Action Of(IEnumerable<string> folders)
    {
        List<string> gone = [];
        foreach (string folder in folders.Where(Directory.Exists))
        {
            string name = folder.EndsWith(Suffix, StringComparison.Ordinal) ? folder : $"{folder}.{Guid.NewGuid():N}{Suffix}";
            if (name != folder)
                Directory.Move(folder, name);
            gone.Add(name);
        }

        return () => gone.ForEach(Free);
    }

    // Another may free it at the same time.
    private static void Free(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // It is gone.
        }
    }
}
