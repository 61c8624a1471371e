using System.Globalization;
using VgpuPS.Core.Pci;

namespace VgpuPS.Host.Sysfs;

/// <summary>The links <c>virtfnN</c> of a physical function.</summary>
/// <remarks>
/// Source: facts/host-behaviour.md 1.1: addresses differ by board and must be read; the list's order is lexicographic
/// (virtfn0, virtfn1, virtfn10 …).
/// </remarks>
internal static class VirtualFunctionLinks
{
    private const string Prefix = "virtfn";

    public static PciAddress? Read(SysfsReader reader, PciAddress physicalFunction, int index) =>
        reader.ReadLinkAddress(SysfsPaths.Of(
            physicalFunction, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{index}")));

    public static IReadOnlyList<(int Index, PciAddress Address)> Read(SysfsReader reader, PciAddress physicalFunction)
    {
        var links = new List<(int Index, PciAddress Address)>();
        foreach (var name in reader.List(SysfsPaths.Device(physicalFunction)))
        {
            if (name.StartsWith(Prefix, StringComparison.Ordinal)
                && int.TryParse(
                    name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                && reader.ReadLinkAddress(SysfsPaths.Of(physicalFunction, name)) is { } address)
            {
                links.Add((index, address));
            }
        }

        links.Sort((left, right) => left.Index.CompareTo(right.Index));
        return links;
    }
}
