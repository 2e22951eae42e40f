namespace FedKim.Data.Files;

/// <summary>What stands where a file was meant to be when its download brought something else.</summary>
internal static class StandIn
{
    /// <summary>Bytes at a file's start that tell.</summary>
    public const int Length = 64;

    /// <summary>What it is and what to do, in words; null for a file that is none.</summary>
    public static string? Of(ReadOnlySpan<byte> file) =>
        file.StartsWith("version https://git-lfs.github.com/spec/"u8) ? "is a Git LFS pointer: the file itself was not downloaded. Fetch it with git lfs pull."
        : file.StartsWith("/annex/objects/"u8) ? "is a git-annex pointer: the file itself was not downloaded. Fetch it with git annex get."
        : file.TrimStart(" \t\r\n"u8) is var text && (text.StartsWith("<!DOCTYPE html"u8) || text.StartsWith("<!doctype html"u8) || text.StartsWith("<html"u8))
            ? "is a web page: the file itself was not downloaded. Download it again, logged in where that is asked for."
        : null;
}
