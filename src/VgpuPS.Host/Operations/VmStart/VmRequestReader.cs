using VgpuPS.Core.Settings;
using VgpuPS.Core.Text;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>Finds the vGPUs that a VM's configuration requests, as Proxmox will read it; touches no GPU.</summary>
internal sealed partial class VmRequestReader
{
    private readonly HostPorts _host;
    private readonly HookSettings _settings;
    private readonly VmId _vm;
    private readonly SharedInputs _shared;
    private VmConfig _config = null!;
    private PveGeneration _generation = PveGeneration.Pve9;

    private VmRequestReader(HostPorts host, HookSettings settings, VmId vm, SharedInputs shared)
    {
        _host = host;
        _settings = settings;
        _vm = vm;
        _shared = shared;
    }

    private IReadOnlyList<PhysicalFunction> Gpus => _shared.Gpus.Value;

    private PciMappings Mappings => _shared.Mappings.Value;

    /// <summary>Reads what a VM requests that starts: Proxmox has applied what was pending before pre-start, and an
    /// incoming migration takes the configuration as it is.</summary>
    /// <exception cref="VgpuException">A vGPU entry that cannot work: Proxmox would drop or refuse it, or it names no
    /// function.</exception>
    public static VmRequests Read(HostPorts host, HookSettings settings, VmId vm, string? migratedFrom) => Read(
        host, settings, vm, host.Proxmox.ReadConfig(vm, migratedFrom), new SharedInputs(host), isNext: false);

    /// <summary>Reads what the VM will request at its next start, pending changes included.</summary>
    /// <exception cref="VgpuException">As at that start.</exception>
    public static VmRequests ReadNext(HostPorts host, HookSettings settings, VmId vm, SharedInputs shared) => Read(
        host, settings, vm, host.Proxmox.ReadConfig(vm, null), shared, isNext: true);

    /// <summary>Reads what a VM with some configuration would request on this host.</summary>
    /// <exception cref="VgpuException">As at a start with it.</exception>
    public static VmRequests Read(
        HostPorts host, HookSettings settings, VmId vm, byte[] raw, SharedInputs shared, bool isNext)
    {
        if (raw.AsSpan().IndexOf("hostpci"u8) < 0)
        {
            var none = VmConfigReader.Read(raw, PveGeneration.Pve9);
            return new VmRequests(none, PveGeneration.Pve9, [], []);
        }

        return new VmRequestReader(host, settings, vm, shared).Read(raw, isNext);
    }

    private VmRequests Read(byte[] raw, bool isNext)
    {
        _generation = PveGeneration.FromVersion(_host.Proxmox.QemuServerVersion) ?? PveGeneration.FromUse(raw);
        _config = VmConfigReader.Read(raw, _generation);
        _config = isNext ? _config.AtNextStart : _config;
        CheckDroppedLines();
        var requests = _config.HostPci.Select(ReadEntry).OfType<VmVgpuRequest>().ToList();
        var duplicate = requests.Where(r => r.Candidates is [var only] && !r.IsMapped && only.Address != only.Gpu)
            .GroupBy(r => r.Candidates[0].Address).FirstOrDefault(g => g.Count() > 1);
        if (duplicate is not null)
        {
            throw new InvalidRequestException(
                ErrorIds.UnusableVgpuEntry,
                $"function {duplicate.Key} is named by {string.Join(" and ", duplicate.Select(r => r.Name))}; "
                    + "it can carry one vGPU only",
                $"use a separate function for each entry: qm set {_vm} --{duplicate.Last().Name} "
                    + HostPciText.WithDevice(duplicate.Last().Value, "<function>"),
                duplicate.Key.ToString());
        }

        if (requests.Count > 0)
        {
            CheckMachine();
        }

        var mappings = requests.Select(r => r.Mapping).OfType<string>().Distinct()
            .Select(id => Mappings.Find(id)).OfType<PciMapping>().ToList();
        return new VmRequests(_config, _generation, requests, mappings);
    }

    /// <summary>A line that Proxmox drops lets the VM start without its GPU, with a warning that is not read.</summary>
    private void CheckDroppedLines()
    {
        foreach (var line in _config.DroppedHostPci)
        {
            if ((line.HostPciIndex is { } meant && _config.Main.HostPciAt(meant) is not null) || !MeansVgpu(line.Line))
            {
                continue;
            }

            var isEntry = line.HostPciIndex is >= 0 and < HostPciGrammar.EntryCount;
            var index = isEntry ? line.HostPciIndex!.Value : FindFreeEntry();
            var hint = isEntry ? "" : " (Proxmox has hostpci0 to hostpci15)";
            Refuse(
                $"hostpci{index}",
                $"line {line.Number} of the configuration, '{Shorten(line.Line)}', is dropped by Proxmox: "
                    + $"{Shorten(line.Reason)}{hint}; the VM would start without its GPU",
                $"write it again: qm set {_vm} --hostpci{index} <function>,mdev=nvidia-<type> (vgpu-hook show lists "
                    + "both)");
        }
    }

    /// <summary>An entry with <c>pcie=1</c>, with a vGPU or without, stops the start of a machine that is not
    /// q35.</summary>
    /// <remarks>Source: recording grammar-forms: <c>q35 machine model is not enabled</c>, before any other look at the
    /// entries.</remarks>
    private void CheckMachine()
    {
        if (_config.IsQ35 || _config.HostPci.FirstOrDefault(e => e.IsPcie) is not { } entry)
        {
            return;
        }

        throw new InvalidRequestException(
            ErrorIds.PciExpressUnsupported,
            $"{entry.Key} has pcie=1, which Proxmox refuses for machine type {Shorten(_config.Machine ?? "i440fx")}: "
                + "q35 machine model is not enabled",
            $"remove it: qm set {_vm} --{entry.Key} "
                + $"{ShellText.Quote(HostPciText.With(entry.Value, "pcie", null))}; or change the machine: "
                + $"qm set {_vm} --machine q35",
            entry.Key);
    }

    private int FindFreeEntry() => Enumerable.Range(0, HostPciGrammar.EntryCount)
        .FirstOrDefault(index => _config.Main.HostPciAt(index) is null);

    /// <summary>
    /// Whether a line that cannot be parsed was meant as a vGPU: it has <c>mdev=</c>, or names an NVIDIA function, or a
    /// mapping with the mdev flag (Proxmox's manual leaves <c>mapping=</c> out, and such a line does not parse).
    /// </summary>
    private bool MeansVgpu(string line)
    {
        if (line.Contains("mdev=", StringComparison.Ordinal))
        {
            return true;
        }

        var words = line.Split([':', ',', '=', ';', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        var mappings = Mappings;
        if (words.Any(w => mappings.Find(w) is { IsMediated: true }))
        {
            return true;
        }

        var names = line.Split([',', '=', ';', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return names.Any(n => PciAddress.TryParse(n.ToLowerInvariant(), out var address) && IsNvidia(address));
    }

    private bool IsNvidia(PciAddress address) =>
        _host.Devices.Find(address) is { } device ? device.IsNvidia : Gpus.Any(g => g.IndexOf(address) is not null);

    private VmVgpuRequest? ReadEntry(HostPciEntry entry)
    {
        if (entry.Mdev is { } mdev && !mdev.StartsWith("nvidia-", StringComparison.Ordinal))
        {
            return NamesNvidia(entry) ? RefuseMdevText(entry, mdev) : null;
        }

        if (entry.ChoiceError is { } error && (entry.Mdev is not null || NamesFunction(entry)))
        {
            return Refuse(
                entry.Key,
                $"{entry.Key} '{Shorten(entry.Value)}' requests a vGPU, but Proxmox can choose no device for it: "
                    + $"{error}",
                "name one function or one mapping: "
                    + $"qm set {_vm} --{entry.Key} <function>,mdev={entry.Mdev ?? "nvidia-<type>"} (vgpu-hook show "
                    + "lists them)");
        }

        if (entry.Mdev is null)
        {
            return entry.KeepsDriver && NamesFunction(entry) ? ReadKeptEntry(entry) : CheckPlainEntry(entry);
        }

        if (entry.VgpuType is not { } type)
        {
            return RefuseMdevText(entry, entry.Mdev);
        }

        return ReadCandidates(entry, type);
    }

    /// <summary>An NVIDIA virtual function without a type would be unbound from its driver and have no vGPU.</summary>
    private VmVgpuRequest? CheckPlainEntry(HostPciEntry entry)
    {
        if (entry.KeepsDriver || !NamesFunction(entry))
        {
            return null;
        }

        return Refuse(
            entry.Key,
            $"{entry.Key} '{Shorten(entry.Value)}' names a virtual function of an NVIDIA GPU without mdev=: "
                + "Proxmox would bind it to vfio-pci and it could not carry a vGPU",
            $"name the type: qm set {_vm} --{entry.Key} {Shorten(entry.Value)},mdev=nvidia-<type> (vgpu-hook show "
                + "lists them)");
    }

    private VmVgpuRequest? ReadKeptEntry(HostPciEntry entry)
    {
        var text = _settings.KeepTypes.GetValueOrDefault(_vm.ToString())?.GetValueOrDefault(entry.Key);
        if (text is null || !VgpuTypeId.TryParse(text.Replace("nvidia-", "", StringComparison.Ordinal), out var type))
        {
            return Refuse(
                entry.Key,
                $"{entry.Key} has driver=keep without mdev=, and keepTypes of /etc/vgpups/config.json names no type "
                    + $"for VM {_vm} {entry.Key}",
                $"add \"keepTypes\": {{\"{_vm}\": {{\"{entry.Key}\": \"nvidia-<type>\"}}}} to /etc/vgpups/config.json, "
                    + $"or: qm set {_vm} --{entry.Key} {Shorten(entry.Value)},mdev=nvidia-<type>");
        }

        if (entry.Mapping is { } mapping)
        {
            return Refuse(
                entry.Key,
                $"{entry.Key} has driver=keep without mdev= and names mapping {mapping}: Proxmox chooses its function "
                    + "itself and sets no type there",
                $"name one function: qm set {_vm} --{entry.Key} <function>,driver=keep; or the type: "
                    + $"qm set {_vm} --{entry.Key} mapping={mapping},mdev={type.MdevName}");
        }

        if (!QemuGetsUuid())
        {
            return Refuse(
                entry.Key,
                $"{entry.Key} has driver=keep without mdev=, so Proxmox gives QEMU no -uuid, and NVIDIA's vGPU manager "
                    + "refuses a VM without one",
                $"use mdev= instead: qm set {_vm} --{entry.Key} {Shorten(entry.Value)},mdev={type.MdevName}; "
                    + $"or add -uuid: qm set {_vm} --args '-uuid <uuid>'");
        }

        return ReadCandidates(entry, type) is { } request ? request with { KeepsDriver = true } : null;
    }

    /// <remarks>
    /// Source: facts/proxmox.md (b): -uuid is added for a mediated NVIDIA device of the VM; with driver=keep alone it
    /// is not.
    /// </remarks>
    private bool QemuGetsUuid() =>
        (_config.Args?.Split(' ').Contains("-uuid") ?? false) || _config.HostPci.Any(e => e.VgpuType is not null);

    private VmVgpuRequest? RefuseMdevText(HostPciEntry entry, string mdev) => Refuse(
        entry.Key,
        $"{entry.Key} requests mdev={Shorten(mdev)}; Proxmox needs the type's number, "
            + "written nvidia-<number> without leading zeros",
        "find the number with: vgpu-hook show; then: "
            + $"qm set {_vm} --{entry.Key} {WithoutMdev(entry)},mdev=nvidia-<number>");

    private static string WithoutMdev(HostPciEntry entry) => Shorten(string.Join(
        ',', entry.Value.Split(',').Where(part => !part.StartsWith("mdev=", StringComparison.Ordinal))));

    private VmVgpuRequest? Refuse(string entry, string message, string action)
    {
        if (_settings.UnreadableEntry == UnreadableEntryPolicy.Warn)
        {
            _host.Warn($"VM {_vm}: {message}");
            return null;
        }

        throw new InvalidRequestException(ErrorIds.UnusableVgpuEntry, message, action, entry);
    }

    private static string Shorten(string text)
    {
        var line = VisibleText.Of(text.Trim());
        return line.Length <= 160 ? line : line[..160] + "...";
    }
}
