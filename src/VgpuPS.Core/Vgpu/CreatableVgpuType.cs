using System.Globalization;
using System.Text.RegularExpressions;
using VgpuPS.Core.Guests;

namespace VgpuPS.Core.Vgpu;

/// <summary>One vGPU type that may be created on a virtual function now.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name, such as <c>NVIDIA L40S-1Q</c>.</param>
public sealed partial record CreatableVgpuType(VgpuTypeId Id, string Name)
{
    /// <summary>Reads <c>nvidia/creatable_vgpu_types</c> of a virtual function; its heading is left out.</summary>
    /// <returns>The types in the order of the file; empty when none may be created.</returns>
    /// <exception cref="Errors.UnreadableDataException">The file has more than 16 MiB.</exception>
    /// <remarks>
    /// Source: facts/host-behaviour.md 1.4: <c>1147  : NVIDIA L40S-1Q</c>; <c>NVIDIA A40-1Q 557</c> in an older guide.
    /// </remarks>
    public static IReadOnlyList<CreatableVgpuType> Read(ReadOnlySpan<byte> raw) =>
        [.. PveText.Lines(raw, "The list of creatable vGPU types").Select(Parse).OfType<CreatableVgpuType>()];

    /// <summary>The line as the driver writes it today.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id,-5} : {Name}");

    private static CreatableVgpuType? Parse(string line)
    {
        var match = NumberFirst().Match(line) is { Success: true } first ? first : NumberLast().Match(line);
        return match.Success && VgpuTypeId.TryParse(match.Groups["id"].Value, out var id)
            ? new CreatableVgpuType(id, PveText.Trim(match.Groups["name"].Value))
            : null;
    }

    [GeneratedRegex(@"^\s*(?<id>[0-9]+)\s*:\s*(?<name>\S.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex NumberFirst();

    [GeneratedRegex(@"^\s*(?<name>\S.*?)\s+(?<id>[0-9]+)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex NumberLast();
}
