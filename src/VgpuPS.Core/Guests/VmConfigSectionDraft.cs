using System.Text;

namespace VgpuPS.Core.Guests;

/// <summary>One section while its lines are read.</summary>
internal sealed class VmConfigSectionDraft(VmConfigSectionId id)
{
    private StringBuilder? _description;

    public VmConfigSectionId Id { get; } = id;

    public Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<int, HostPciEntry> HostPci { get; } = [];

    public string? DeleteText { get; set; }

    public string? SnapshotState { get; set; }

    public void Describe(string text) => (_description ??= new StringBuilder()).Append(text);

    public VmConfigSection ToSection() => new(
        Id, Values, [.. HostPci.Values], _description is null ? null : PveText.TrimEnd(_description.ToString()),
        DeleteText, SnapshotState);
}
