namespace VgpuPS.Core.Proxmox;

/// <summary>One <c>hostpciN</c> entry whose value Proxmox's grammar accepts.</summary>
/// <param name="Index">The N, 0 to 15.</param>
/// <param name="Value">The value as it stands in the file, without blanks at the end.</param>
/// <param name="Properties">Its properties as text; booleans as <c>1</c> and <c>0</c>, absent keys missing.</param>
/// <remarks>Source: facts/proxmox.md (b), PVE::QemuServer::PCI.</remarks>
public sealed record HostPciEntry(int Index, string Value, IReadOnlyDictionary<string, string> Properties)
{
    private const string NvidiaPrefix = "nvidia-";

    /// <summary>Name of the entry: <c>hostpci0</c>.</summary>
    public string Key => $"{HostPciGrammar.KeyPrefix}{Index}";

    /// <summary>Ids of the functions that are passed together, as written; empty when a mapping is named.</summary>
    public IReadOnlyList<string> Hosts => Text("host")?.Split(';') ?? [];

    /// <summary>Id of the cluster mapping, or null.</summary>
    public string? Mapping => Text("mapping");

    /// <summary>The text of <c>mdev=</c>, or null for plain passthrough.</summary>
    public string? Mdev => Text("mdev");

    /// <summary>The digits of <c>mdev=nvidia-N</c> as written, or null when the text has another form.</summary>
    public string? VgpuTypeText => Mdev is { } mdev && mdev.StartsWith(NvidiaPrefix, StringComparison.Ordinal)
        && mdev.Length > NvidiaPrefix.Length && mdev.AsSpan(NvidiaPrefix.Length).IndexOfAnyExceptInRange('0', '9') < 0
        ? mdev[NvidiaPrefix.Length..]
        : null;

    /// <summary>The vGPU type requested; null without one, or when its digits are not a type's own number.</summary>
    /// <remarks>
    /// Source: facts/proxmox.md (d): the number is compared as text, so <c>nvidia-01131</c> is not a type that exists.
    /// </remarks>
    public VgpuTypeId? VgpuType => VgpuTypeText is { } text && VgpuTypeId.TryParse(text, out var type) ? type : null;

    /// <summary>Whether the function's driver is neither changed nor reset (<c>driver=keep</c>).</summary>
    public bool KeepsDriver => Text("driver") == "keep";

    /// <summary>Whether the guest sees a PCI Express device.</summary>
    public bool IsPcie => Text("pcie") == "1";

    /// <summary>Whether the device is the guest's primary display.</summary>
    public bool IsPrimaryDisplay => Text("x-vga") == "1";

    /// <summary>Whether the device's ROM is shown to the guest.</summary>
    public bool ShowsRom => Text("rombar") != "0";

    /// <summary>Why no device can be chosen whatever the host has, in Proxmox's words; null when one can.</summary>
    public string? ChoiceError => (Text("host"), Mapping) switch
    {
        (not null, not null) => "Cannot set both 'host' and 'mapping'.",
        (null, null) => "Either 'host' or 'mapping' must be set.",
        _ => null,
    };

    private string? Text(string key) => Properties.GetValueOrDefault(key);
}
