namespace VgpuPS.Lab.Proxmox;

/// <summary>Which function each hostpciN of a VM gets.</summary>
/// <remarks>
/// Source: facts/proxmox.md (c), (d), PVE::QemuServer::PCI parse_hostpci and choose_hostpci_devices; recordings. The
/// lines are taken sorted by key as text (assumed): hostpci10 before hostpci2.
/// </remarks>
internal sealed class DeviceChoice(PveHost host, ReservationFile reservations, VendorVfioWork vendorVfio)
{
    private const int ChoiceSeconds = 10;

    /// <summary>Reads one line against the host: nothing is changed.</summary>
    public ChosenDevice Parse(HostPciEntry entry)
    {
        var mappings = host.ReadText(PvePaths.Mappings) is { } text
            ? PciMappings.Read(Encoding.UTF8.GetBytes(text))
            : PciMappings.None;
        var choice = HostPciChoices.For(
            entry, mappings, host.Options.Node, host.PciAddresses(), host.PciFacts, host.Options.Generation);
        if (choice.Error is { } error)
        {
            throw new ProxmoxFailure(error);
        }

        var alternatives = choice.Alternatives.Select(alternative => alternative.Functions).ToList();
        var isVendorVfio = entry.VgpuTypeText is not null && host.Options.Generation.KnowsVendorVfio
            && host.IsDirectory(PvePaths.Device(alternatives[0][0].ToString()) + "/nvidia");

        // The text is assumed; that it does not work is facts/proxmox.md, table of features. A classic mediated device
        // is recorded to work in another domain.
        if (isVendorVfio && !host.Options.Generation.KnowsOtherDomainsForVgpu
            && alternatives.Find(functions => functions[0].Domain != 0) is { } other)
        {
            throw new ProxmoxFailure($"no nvidia sysfs api for '{other[0]}'");
        }

        return new ChosenDevice(
            entry, alternatives, isVendorVfio ? entry.VgpuTypeText : null, choice.IsLiveMigrationCapable);
    }

    /// <summary>Whether the first function of a line is NVIDIA's.</summary>
    public bool IsNvidia(ChosenDevice device) => IsNvidia(device.Functions[0]);

    /// <summary>Whether a function is NVIDIA's.</summary>
    public bool IsNvidia(PciAddress function) =>
        host.ReadFirstLine(PvePaths.Device(function.ToString()) + "/vendor") == "0x10de";

    /// <summary>Reads all lines and chooses; in a dry run nothing is reserved and no type set.</summary>
    public async Task<IReadOnlyList<ChosenDevice>> ChooseAsync(
        VmId vm, VmConfig config, bool isDryRun, CancellationToken cancellationToken)
    {
        var parsed = ParseAll(config);
        var used = new HashSet<PciAddress>();
        var chosen = new List<ChosenDevice>();
        foreach (var device in parsed.OrderBy(device => device.Entry.Key, StringComparer.Ordinal))
        {
            chosen.Add(device switch
            {
                { IsClassicMdev: true } => device,
                _ when isDryRun => device with { Alternatives = [device.Functions] },
                { Alternatives.Count: 1 } =>
                    await TakeOnlyAsync(vm, device, used, cancellationToken).ConfigureAwait(false),
                _ => await TakeFirstFreeAsync(vm, device, used, cancellationToken).ConfigureAwait(false),
            });
        }

        return chosen;
    }

    // Source: a recording: an entry's devices are looked up before its pcie is, and both before the next entry's.
    private List<ChosenDevice> ParseAll(VmConfig config)
    {
        var isQ35 = config.Machine?.Contains("q35", StringComparison.Ordinal) == true;
        var parsed = new List<ChosenDevice>();
        foreach (var entry in config.HostPci)
        {
            parsed.Add(Parse(entry));
            if (entry.IsPcie && !isQ35)
            {
                throw new ProxmoxFailure("q35 machine model is not enabled.");
            }
        }

        return parsed;
    }

    private static void MarkUsed(HashSet<PciAddress> used, IEnumerable<PciAddress> functions)
    {
        foreach (var function in functions)
        {
            if (!used.Add(function))
            {
                throw new ProxmoxFailure($"device '{function}' assigned more than once");
            }
        }
    }

    private async Task<ChosenDevice> TakeOnlyAsync(
        VmId vm, ChosenDevice device, HashSet<PciAddress> used, CancellationToken cancellationToken)
    {
        MarkUsed(used, device.Functions);
        if (device.VendorVfioType is { } type)
        {
            await reservations.ReserveAsync(device.Functions, vm, ChoiceSeconds, cancellationToken)
                .ConfigureAwait(false);
            vendorVfio.SetType(device.Functions[0], type);
        }

        return device;
    }

    private async Task<ChosenDevice> TakeFirstFreeAsync(
        VmId vm, ChosenDevice device, HashSet<PciAddress> used, CancellationToken cancellationToken)
    {
        foreach (var functions in device.Alternatives.Where(functions => !functions.Any(used.Contains)))
        {
            try
            {
                await reservations.ReserveAsync(functions, vm, ChoiceSeconds, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (ProxmoxFailure)
            {
                continue;
            }

            try
            {
                if (device.VendorVfioType is { } type)
                {
                    vendorVfio.SetType(functions[0], type);
                }
            }
            catch (ProxmoxFailure failure)
            {
                host.Warn(failure.Message);
                await reservations.RemoveAsync(functions, vm, cancellationToken).ConfigureAwait(false);
                continue;
            }

            MarkUsed(used, functions);
            return device with { Alternatives = [functions] };
        }

        throw new ProxmoxFailure($"could not find a free device for '{device.Entry.Key}'");
    }
}

/// <summary>One hostpciN while a start works on it.</summary>
/// <param name="Entry">The line.</param>
/// <param name="Alternatives">What it may become: one once the choice is made, all for a classic mdev.</param>
/// <param name="VendorVfioType">The type to set on the function, or null.</param>
/// <param name="IsLiveMigrationCapable">Whether QEMU gets <c>enable-migration=on</c>.</param>
internal sealed record ChosenDevice(
    HostPciEntry Entry,
    IReadOnlyList<IReadOnlyList<PciAddress>> Alternatives,
    string? VendorVfioType,
    bool IsLiveMigrationCapable)
{
    /// <summary>Whether a mediated device is created for it.</summary>
    public bool IsClassicMdev => Entry.Mdev is not null && VendorVfioType is null;

    /// <summary>The functions of the chosen alternative.</summary>
    public IReadOnlyList<PciAddress> Functions => Alternatives[0];
}
