namespace VgpuPS.Host.Operations.VmStart;

internal sealed partial class VmRequestReader
{
    private VmVgpuRequest? ReadCandidates(HostPciEntry entry, VgpuTypeId type)
    {
        IReadOnlyList<CandidateFunction> candidates;
        if (entry.Mapping is not { } mapping)
        {
            candidates = FindCandidates(entry, [entry.Hosts], type);
        }
        else if (!_shared.Candidates.TryGetValue(mapping, out candidates!))
        {
            var entries = ReadMapping(entry, mapping);
            if (_shared.UnusableEntries.TryGetValue(mapping, out var unusable))
            {
                _ = FindCandidates(entry, [unusable], type);
            }

            candidates = FindCandidates(entry, entries, type);
            _shared.Candidates[mapping] = candidates;
        }

        // Only functions of other vendors: a vGPU, but not one of ours.
        return candidates.Count == 0 ? null : new VmVgpuRequest(_vm, entry.Index, candidates, type, entry.Mapping);
    }

    private List<CandidateFunction> FindCandidates(
        HostPciEntry entry, IEnumerable<IReadOnlyList<string>> alternatives, VgpuTypeId type)
    {
        var candidates = new List<CandidateFunction>();
        foreach (var paths in alternatives)
        {
            try
            {
                if (FindAlternative(entry, paths, type) is { } candidate)
                {
                    candidates.Add(candidate);
                }
            }
            catch (VgpuException) when (entry.Mapping is not null)
            {
                _shared.UnusableEntries[entry.Mapping] = paths;
                throw;
            }
        }

        return candidates;
    }

    private CandidateFunction? FindAlternative(HostPciEntry entry, IReadOnlyList<string> paths, VgpuTypeId type)
    {
        if (paths.Count != 1)
        {
            throw new InvalidRequestException(
                ErrorIds.UnusableVgpuEntry,
                $"{entry.Key} lists {paths.Count} functions separated by ';', "
                    + "and Proxmox cannot use a mediated device with a multifunction device",
                $"name one function: qm set {_vm} --{entry.Key} {paths[0]},mdev={type.MdevName}", entry.Key);
        }

        return FindCandidate(entry, paths[0], type);
    }

    private List<IReadOnlyList<string>> ReadMapping(HostPciEntry entry, string id)
    {
        var node = _host.Proxmox.Node;
        var found = Mappings.Find(id);
        var entries = found?.ForNode(node) ?? [];
        if (entries.Count > 0)
        {
            return [.. entries.Select(e => e.Paths)];
        }

        throw new ObjectNotFoundException(
            ErrorIds.MappingNotFound,
            found is null
                ? $"{entry.Key} names mapping {id}, and /etc/pve/mapping/pci.cfg has no mapping of that name"
                : $"{entry.Key} names mapping {id}, which has no entry for node {node}",
            "see what is mapped: pvesh get /cluster/mapping/pci; then: "
                + $"qm set {_vm} --{entry.Key} mapping=<id>,mdev={entry.Mdev}", id);
    }

    private CandidateFunction? FindCandidate(HostPciEntry entry, string id, VgpuTypeId type)
    {
        var choose = "choose a function: vgpu-hook show; then: "
            + $"qm set {_vm} --{entry.Key} <function>,mdev={type.MdevName}";
        if (!PciAddress.TryParse(id, out var address))
        {
            var all = HostPciChoices.Expand(id, _host.Devices.GetAddresses());
            if (all.Count != 1)
            {
                throw new InvalidRequestException(
                    ErrorIds.UnusableVgpuEntry,
                    all.Count == 0
                        ? $"{entry.Key} names {id}, and no such PCI device exists"
                        : $"{entry.Key} names {id} without a function, which includes {all.Count} of them ({all[0]} to "
                            + $"{all[^1]}); a vGPU needs one",
                    choose, id);
            }

            address = all[0];
        }

        CheckDomain(entry, address);
        if (_host.Devices.Find(address) is not { } device)
        {
            return Gpus.FirstOrDefault(g => g.IndexOf(address) is not null) is { } owner
                ? CandidateOf(entry, address, owner.Address)
                : throw new ObjectNotFoundException(
                    ErrorIds.DeviceNotFound,
                    $"{entry.Key} names {address}, which does not exist and belongs to no NVIDIA GPU of this host",
                    choose, address.ToString());
        }

        if (!device.IsNvidia || !device.IsDisplay)
        {
            throw new InvalidRequestException(
                ErrorIds.NotAVgpuFunction,
                $"{entry.Key} names {address}, which is not an NVIDIA GPU function (vendor {device.Vendor:x4}, "
                    + $"device {device.Device:x4}, class {device.Class:x6})",
                choose, address.ToString());
        }

        if (device.ParentFunction is { } parent)
        {
            return CandidateOf(entry, address, parent);
        }

        var gpu = Gpus.FirstOrDefault(g => g.Address == address);
        return gpu is { HasMediatedTypes: true } or { TotalFunctions: 0 }
            ? CandidateOf(entry, address, address)
            : throw new InvalidRequestException(
                ErrorIds.NotAVgpuFunction,
                $"{entry.Key} names {address}, the GPU itself; its vGPUs are on its {gpu?.TotalFunctions ?? 0} virtual "
                    + "functions",
                choose, address.ToString());
    }

    /// <remarks>Source: facts/proxmox.md, table of features: other PCI domains with NVIDIA vGPU since 9.0.2.</remarks>
    private void CheckDomain(HostPciEntry entry, PciAddress address)
    {
        if (address.Domain != 0 && !_generation.KnowsOtherDomainsForVgpu
            && _host.Proxmox.QemuServerVersion is { } version)
        {
            throw new InvalidRequestException(
                ErrorIds.UnusableVgpuEntry,
                $"{entry.Key} names {address} outside PCI domain 0000, where qemu-server {version} starts no vGPU; "
                    + "9.0.2 does",
                "upgrade Proxmox VE: apt update && apt full-upgrade", address.ToString());
        }
    }

    private CandidateFunction CandidateOf(HostPciEntry entry, PciAddress function, PciAddress gpu)
    {
        if (!_shared.Drivers.TryGetValue(gpu, out var driver))
        {
            driver = _host.Devices.Find(gpu)?.Driver;
            _shared.Drivers[gpu] = driver;
        }

        return driver == "nvidia" ? new CandidateFunction(function, gpu) : throw new HostNotReadyException(
            ErrorIds.WrongDriver,
            $"GPU {gpu} of {entry.Key} is bound to {driver ?? "no driver"} instead of nvidia, "
                + "so it cannot carry a vGPU",
            driver is null
                ? "load the driver: modprobe nvidia; if that fails see why: dkms status; journalctl -k -g NVRM"
                : $"see what binds it (lspci -nnk -s {gpu}; grep -r {driver} /etc/modprobe.d /etc/kernel/cmdline "
                    + "/etc/default/grub), remove that, then: update-initramfs -u -k all; reboot",
            gpu.ToString());
    }

    private bool NamesNvidia(HostPciEntry entry) => Addresses(entry).Any(IsNvidia);

    /// <summary>Whether the entry names an NVIDIA virtual function, existing or yet to be enabled.</summary>
    private bool NamesFunction(HostPciEntry entry) => Addresses(entry).Any(a =>
        _host.Devices.Find(a) is { } device
            ? device is { IsNvidia: true, ParentFunction: not null }
            : Gpus.Any(g => g.IndexOf(a) is not null));

    private IEnumerable<PciAddress> Addresses(HostPciEntry entry)
    {
        var ids = entry.Mapping is { } mapping
            ? Mappings.Find(mapping)?.ForNode(_host.Proxmox.Node).SelectMany(e => e.Paths) ?? []
            : entry.Hosts;
        foreach (var id in ids)
        {
            if (PciAddress.TryParse(id, out var address))
            {
                yield return address;
            }
        }
    }
}
