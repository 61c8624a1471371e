using System.Text.RegularExpressions;

namespace VgpuPS.Core.Platform;

/// <summary>NVIDIA's driver package as its file name and header describe it; it is never run to find out.</summary>
/// <param name="Path">Path on the host.</param>
/// <param name="Version">Version of the driver: <c>580.105.06</c>.</param>
/// <param name="Flavour"><c>vgpu-kvm</c>, <c>vgpu-kvm-aie</c>, <c>grid</c>, or nothing for the plain driver.</param>
/// <remarks>
/// Source: facts/host-behaviour.md 8 and 10: names of the packages. Assumed: the head, a Makeself script that names the
/// folder it unpacks to.
/// </remarks>
public sealed partial record DriverPackage(string Path, string Version, string Flavour)
{
    /// <summary>How it is uploaded, for display; null where it lies on the host.</summary>
    public string? Upload { get; init; }

    /// <summary>Whether it is the vGPU host driver.</summary>
    public bool IsHostDriver => Flavour is "vgpu-kvm" or "vgpu-kvm-aie";

    /// <summary>Reads a file name; null when it is none of NVIDIA's.</summary>
    public static DriverPackage? FromName(string path) =>
        Name().Match(path[(path.LastIndexOf('/') + 1)..]) is { Success: true } match
            ? new DriverPackage(path, match.Groups[1].Value, match.Groups[2].Value)
            : null;

    /// <summary>What the head of a package says that it is; null when it is not a package of NVIDIA's.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="head">Its first kilobytes.</param>
    public static DriverPackage? FromHead(string path, string head) =>
        head.StartsWith("#!", StringComparison.Ordinal) && Target().Match(head) is { Success: true } match
            ? new DriverPackage(path, match.Groups[1].Value, match.Groups[2].Value)
            : null;

    [GeneratedRegex(
        @"^NVIDIA-Linux-x86_64-(\d+\.\d+(?:\.\d+)?)(?:-([a-z]+(?:-[a-z]+)*))?\.run$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex("^targetdir=\"?NVIDIA-Linux-x86_64-(\\d+\\.\\d+(?:\\.\\d+)?)(?:-([a-z]+(?:-[a-z]+)*))?\"?\\s*$",
        RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Target();
}
