namespace VgpuPS.Core.Platform;

/// <summary>A host below its GPUs, read once: kernel, boot, packages, driver, services, logs.</summary>
public sealed record HostFacts
{
    /// <summary>Release of the running kernel.</summary>
    public required Fact<string> Kernel { get; init; }

    /// <summary>The running kernel's command line.</summary>
    public required Fact<string> CommandLine { get; init; }

    /// <summary>Maker of the processor.</summary>
    public required Fact<CpuMaker> Cpu { get; init; }

    /// <summary>Names of loaded modules.</summary>
    public required Fact<IReadOnlyList<string>> Modules { get; init; }

    /// <summary>How it boots.</summary>
    public required Fact<BootFacts> Boot { get; init; }

    /// <summary>Names of installed packages.</summary>
    public required Fact<IReadOnlySet<string>> Packages { get; init; }

    /// <summary>Files of module options, with path, ascending.</summary>
    public required Fact<IReadOnlyList<(string Path, string Text)>> ModuleOptions { get; init; }

    /// <summary>Other files that decide which driver a device gets: rules, overrides, lists of modules, scripts,
    /// units.</summary>
    public required Fact<IReadOnlyList<(string Path, string Text)>> BindingFiles { get; init; }

    /// <summary>NVIDIA's driver.</summary>
    public required Fact<DriverFacts> Driver { get; init; }

    /// <summary>Lines of the kernel log, oldest first.</summary>
    public required Fact<IReadOnlyList<LogLine>> KernelLog { get; init; }

    /// <summary>NVIDIA's and our own services; none where systemd cannot be asked.</summary>
    public required IReadOnlyList<ServiceState> Units { get; init; }

    /// <summary>A service; null where systemd could not be asked about it.</summary>
    public ServiceState? FindUnit(string name) => Units.FirstOrDefault(u => u.Unit == name);

    /// <summary>Journals since the boot, by unit: of NVIDIA's daemons, and of other units that have failed; oldest line
    /// first.</summary>
    public required Fact<IReadOnlyDictionary<string, IReadOnlyList<LogLine>>> Journals { get; init; }

    /// <summary>A unit's journal; empty where none was read.</summary>
    public IReadOnlyList<LogLine> JournalOf(string unit) => Journals.Value.GetValueOrDefault(unit, []);

    /// <summary>
    /// Enabled units of Proxmox that enable functions, which nothing orders before ours; none where all is in order.
    /// </summary>
    public required Fact<IReadOnlyList<string>> UnorderedSriovUnits { get; init; }

    /// <summary>What keeps nouveau from loading at the next boot, for display; null where nothing does.</summary>
    public string? NouveauBlacklist => ModuleOptions.Value.Concat(
        BindingFiles.Value.Where(f => f.Path.Contains("/modprobe.d/", StringComparison.Ordinal)))
            .Where(
                f => f.Text.Split('\n').Any(l => KernelCommandLine.Words(l).ToArray() is ["blacklist", "nouveau"]
                    or ["install", "nouveau", "/bin/false" or "/bin/true" or "/usr/bin/false" or "/usr/bin/true", ..]
                    or ["alias", "nouveau", "off"]))
            .Select(f => $"nouveau is blacklisted in {f.Path}").FirstOrDefault()
        ?? (Boot is { IsRead: true, Value: var boot }
            && (boot.Loader == BootLoader.SystemdBoot || boot.Grub is { IsRead: true, Value.Fault: null })
            ? boot.ConfiguredWords.Where(w => KernelCommandLine.Key(w) is "modprobe.blacklist" or "module_blacklist"
                && KernelCommandLine.Values(w).Contains("nouveau"))
                .Select(w => $"{w} is passed to the kernel").FirstOrDefault() : null);
}

/// <summary>What is installed and loaded of NVIDIA's driver.</summary>
/// <param name="LoadedVersion">Version of the loaded kernel module; null when it is not loaded.</param>
/// <param name="InstalledVersion">Version of the module's source that DKMS builds; null where none is
/// installed.</param>
/// <param name="HasVgpuManager">Whether the vGPU manager is installed, which only the <c>-vgpu-kvm</c> packages
/// bring.</param>
/// <param name="HasSriovTool">Whether <c>sriov-manage</c> is there.</param>
/// <param name="BuiltFor">Kernels that have the module.</param>
public sealed record DriverFacts(
    string? LoadedVersion, string? InstalledVersion, bool HasVgpuManager, bool HasSriovTool,
    IReadOnlyList<string> BuiltFor)
{
    /// <summary>Whether the module is loaded.</summary>
    public bool IsLoaded => LoadedVersion is not null;

    /// <summary>Version loaded, else installed; null for none.</summary>
    public string? Version => LoadedVersion ?? InstalledVersion;
}
