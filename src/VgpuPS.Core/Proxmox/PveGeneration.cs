namespace VgpuPS.Core.Proxmox;

/// <summary>The installed qemu-server, and what it knows and does.</summary>
/// <param name="QemuServer">Version of the package qemu-server.</param>
/// <remarks>Source: facts/proxmox.md, table of features by first qemu-server release.</remarks>
public sealed record PveGeneration(QemuServerVersion QemuServer)
{
    /// <summary>The last release of Proxmox VE 8 that was examined.</summary>
    public static PveGeneration Pve8 { get; } = new(new QemuServerVersion(8, 4, 10));

    /// <summary>The release of Proxmox VE 9 that was examined.</summary>
    public static PveGeneration Pve9 { get; } = new(new QemuServerVersion(9, 2, 6));

    /// <summary>Whether a <c>hostpciN</c> line may name a cluster mapping.</summary>
    public bool KnowsMapping => IsAtLeast(8, 0, 4);

    /// <summary>Whether a type is set by <c>nvidia/current_vgpu_type</c>.</summary>
    public bool KnowsVendorVfio => IsAtLeast(8, 2, 5);

    /// <summary>Whether the <c>mdev</c> flag of a mapping must equal what the device can do.</summary>
    public bool ChecksMappingMdevFlag => IsAtLeast(8, 3, 9);

    /// <summary>Whether a mapping may be marked as capable of live migration.</summary>
    public bool KnowsLiveMigrationCapable => IsAtLeast(8, 3, 9);

    /// <summary>Whether <c>qm showcmd</c> reserves functions and sets types.</summary>
    public bool ShowcmdTouchesDevices => !IsAtLeast(9, 0, 1);

    /// <summary>Whether a start that fails while the command line is built is cleaned up.</summary>
    public bool CleansUpAfterFailedChoice => IsAtLeast(9, 0, 1);

    /// <summary>Whether a vGPU works on a function outside PCI domain 0.</summary>
    public bool KnowsOtherDomainsForVgpu => IsAtLeast(9, 0, 2);

    /// <summary>Whether a <c>hostpciN</c> line may hold <c>driver=</c>.</summary>
    public bool KnowsDriverKey => IsAtLeast(9, 0, 25);

    /// <summary>Whether creatable types are asked of NVML, and not read from the function.</summary>
    public bool AsksNvmlForCreatableTypes => IsAtLeast(9, 1, 11);

    /// <summary>Whether post-stop runs in the stop itself, and not in <c>qm cleanup</c>.</summary>
    public bool RunsPostStopInStop => IsAtLeast(9, 1, 13);

    /// <summary>Reads the version text of the package, such as <c>9.2.6</c> or <c>8.4.10-1</c>.</summary>
    /// <returns>The generation; null when the text is not a version, as when the package is not installed.</returns>
    public static PveGeneration? FromVersion(string? text) =>
        QemuServerVersion.TryParse(text, out var version) ? new PveGeneration(version) : null;

    /// <summary>Guesses the generation from what a configuration uses, for a host of unknown version.</summary>
    /// <param name="config">Bytes of the VM's configuration.</param>
    /// <returns><see cref="Pve9"/> when a <c>hostpciN</c> line holds <c>driver=</c>, else <see cref="Pve8"/>,
    /// which reads such a file in the same way.</returns>
    /// <exception cref="UnreadableDataException">The file has more than 1 MiB.</exception>
    public static PveGeneration FromUse(ReadOnlySpan<byte> config)
    {
        foreach (var line in PveText.Lines(config, VmConfigReader.What, PveText.MaxClusterFileBytes))
        {
            if (line.StartsWith("hostpci", StringComparison.Ordinal)
                && line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(',')
                    .Any(part => PveText.Trim(part).StartsWith("driver=", StringComparison.Ordinal)))
            {
                return Pve9;
            }
        }

        return Pve8;
    }

    private bool IsAtLeast(int major, int minor, int patch) =>
        QemuServer.CompareTo(new QemuServerVersion(major, minor, patch)) >= 0;
}

/// <summary>Version of the Debian package qemu-server.</summary>
/// <param name="Major">First number; equals that of Proxmox VE.</param>
/// <param name="Minor">Second number.</param>
/// <param name="Patch">Third number.</param>
public readonly record struct QemuServerVersion(int Major, int Minor, int Patch) : IComparable<QemuServerVersion>
{
    /// <summary>Reads two or three numbers, after an epoch and before a Debian revision or suffix, if any.</summary>
    public static bool TryParse(string? text, out QemuServerVersion version)
    {
        version = default;
        if (text is null)
        {
            return false;
        }

        var upstream = PveText.Trim(text)[(PveText.Trim(text).IndexOf(':', StringComparison.Ordinal) + 1)..];
        var end = upstream.IndexOfAny(['-', '~', '+']);
        var parts = (end < 0 ? upstream : upstream[..end]).Split('.');
        if (parts.Length is < 2 or > 4)
        {
            return false;
        }

        Span<int> numbers = [0, 0, 0, 0];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return false;
            }
        }

        version = new QemuServerVersion(numbers[0], numbers[1], numbers[2]);
        return true;
    }

    /// <summary>The three numbers with dots.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");

    /// <summary>Orders by the three numbers.</summary>
    public int CompareTo(QemuServerVersion other) =>
        (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
}
