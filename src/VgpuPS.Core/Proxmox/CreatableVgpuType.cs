namespace VgpuPS.Core.Proxmox;

/// <summary>One vGPU type that may be created on a virtual function now.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name, such as <c>NVIDIA L40S-1Q</c>.</param>
public sealed record CreatableVgpuType(VgpuTypeId Id, string Name)
{
    /// <summary>Reads <c>nvidia/creatable_vgpu_types</c> of a virtual function; its heading is left out.</summary>
    /// <returns>The types in the order of the file; empty when none may be created.</returns>
    /// <exception cref="UnreadableDataException">The file has more than 16 MiB.</exception>
    /// <remarks>
    /// Source: facts/host-behaviour.md 1.4: <c>1147  : NVIDIA L40S-1Q</c>; <c>NVIDIA A40-1Q 557</c> in an older guide.
    /// </remarks>
    public static IReadOnlyList<CreatableVgpuType> Read(ReadOnlySpan<byte> raw) =>
        [.. PveText.Lines(raw, "the list of creatable vGPU types").Select(Parse).OfType<CreatableVgpuType>()];

    /// <summary>The line as the driver writes it today.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id,-5} : {Name}");

    private static CreatableVgpuType? Parse(string line)
    {
        var text = PveText.Trim(line);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && TypeOf(text[..colon], text[(colon + 1)..]) is { } type)
        {
            return type;
        }

        var number = text.AsSpan().LastIndexOfAnyExceptInRange('0', '9') + 1;
        return number > 0 && PveText.IsBlank(text[number - 1]) ? TypeOf(text[number..], text[..number]) : null;
    }

    private static CreatableVgpuType? TypeOf(string id, string name) =>
        VgpuTypeId.TryParse(PveText.TrimEnd(id), out var number) && PveText.Trim(name) is { Length: > 0 } trimmed
            ? new CreatableVgpuType(number, trimmed)
            : null;
}
