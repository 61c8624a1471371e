using System.Text;
using VgpuPS.Core.Guests;

namespace VgpuPS.Host.Proxmox;

/// <summary>Tells by its content whether a program is a vgpu-hook of any version, and whether a script calls one.</summary>
internal static class HookRecognition
{
    private const long LargestProgram = 64 << 20;
    private const int LargestScript = 1 << 20;
    private const int MostNames = 64;

    // The beginning of its usage, which every version of the program has, as .NET keeps a text.
    private static readonly byte[] s_usage = Encoding.Unicode.GetBytes("usage: vgpu-hook VMID PHASE");

    private static readonly char[] s_separators =
        [' ', '\t', '\r', '"', '\'', '`', '(', ')', '{', '}', '[', ']', ';', '&', '|', '<', '>', '=', ',', '$'];

    /// <summary>Whether a file of this size can be one of them.</summary>
    public static bool IsWorthReading(long size) => size is > 0 and <= LargestProgram;

    /// <summary>Whether a program is a vgpu-hook.</summary>
    public static bool IsHook(ReadOnlySpan<byte> content) =>
        content.StartsWith("\u007fELF"u8) && content.IndexOf(s_usage) >= 0;

    /// <summary>
    /// What a script may start: absolute paths in its text, comments aside; <see cref="HookVolume.FileName"/> for each
    /// word that ends in that name.
    /// </summary>
    public static IEnumerable<string> FilesThatAScriptNames(byte[] content)
    {
        if (content.Length > LargestScript || content.AsSpan().Contains((byte)0))
        {
            return [];
        }

        return Encoding.UTF8.GetString(content).Split('\n')
            .Where(line => !line.TrimStart().StartsWith('#') || line.StartsWith("#!", StringComparison.Ordinal))
            .SelectMany(line => line.Split(s_separators, StringSplitOptions.RemoveEmptyEntries))
            .Where(word => word.Contains('/', StringComparison.Ordinal) || word == HookVolume.FileName)
            .Select(word => word.EndsWith("/" + HookVolume.FileName, StringComparison.Ordinal) ? HookVolume.FileName : word)
            .Where(word => word == HookVolume.FileName || word.StartsWith('/'))
            .Distinct().Take(MostNames);
    }
}
