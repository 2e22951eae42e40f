namespace FedKim.Parameters;

/// <summary>What stands where a published file was meant to be when its download brought something else.</summary>
public static class StandIn
{
    /// <summary>Bytes that tell.</summary>
    public const int Length = 64;

    /// <summary>What it is and what to do, in words; null for a file that is none.</summary>
    /// <param name="start">The file's first <see cref="Length"/> bytes, or all where it has fewer.</param>
    public static string? Of(ReadOnlySpan<byte> start) =>
        start.StartsWith("version https://git-lfs.github.com/spec/"u8) ? "it is a Git LFS pointer: the file itself was not downloaded. Fetch it with git lfs pull"
        : start.StartsWith("/annex/objects/"u8) ? "it is a git-annex pointer: the file itself was not downloaded. Fetch it with git annex get"
        : start.TrimStart(" \t\r\n"u8) is var text && (text.StartsWith("<!DOCTYPE html"u8) || text.StartsWith("<!doctype html"u8) || text.StartsWith("<html"u8))
            ? "it is a web page: the file itself was not downloaded. Download it again, logged in where that is asked for"
        : null;
}
