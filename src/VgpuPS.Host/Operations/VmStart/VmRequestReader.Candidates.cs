namespace VgpuPS.Host.Operations.VmStart;

internal sealed partial class VmRequestReader
{
    private VmVgpuRequest? ReadCandidates(HostPciEntry entry, VgpuTypeId type)
    {
        IReadOnlyList<CandidateFunction> candidates;
        if (entry.Mapping is not { } mapping)
        {
            candidates = FindCandidates([new Source(entry, null, entry.Hosts)], type);
        }
        else if (!_shared.Candidates.TryGetValue(mapping, out candidates!))
        {
            var (found, entries) = ReadMapping(entry, mapping);
            if (_shared.UnusableEntries.TryGetValue(mapping, out var unusable))
            {
                _ = FindCandidates([new Source(entry, found, unusable)], type);
            }

            candidates = FindCandidates(entries.Select(e => new Source(entry, found, e.Paths)), type);
            _shared.Candidates[mapping] = candidates;
        }

        // Only functions of other vendors: a vGPU, but not one of ours.
        return candidates.Count == 0 ? null : new VmVgpuRequest(_vm, entry.Index, candidates, type, entry.Mapping)
        {
            Value = entry.Value,
            Parameters = _settings.ParametersOf(_vm, entry.Key),
        };
    }

    private List<CandidateFunction> FindCandidates(IEnumerable<Source> alternatives, VgpuTypeId type)
    {
        var candidates = new List<CandidateFunction>();
        foreach (var source in alternatives)
        {
            try
            {
                if (FindAlternative(source, type) is { } candidate)
                {
                    candidates.Add(candidate);
                }
            }
            catch (VgpuException) when (source.Mapping is not null)
            {
                _shared.UnusableEntries[source.Mapping.Id] = source.Paths;
                throw;
            }
        }

        return candidates;
    }

    private CandidateFunction? FindAlternative(Source source, VgpuTypeId type)
    {
        if (source.Paths.Count != 1)
        {
            throw new InvalidRequestException(
                ErrorIds.UnusableVgpuEntry,
                $"{source.Text} lists {source.Paths.Count} functions separated by ';', "
                    + "and Proxmox cannot use a mediated device with a multifunction device",
                source.Mapping is null ? $"name one function: {Set(source, source.Paths[0], type)}"
                    : Choose(source, type), source.Target);
        }

        return FindCandidate(source, source.Paths[0], type);
    }

    /// <summary>What makes a usable function of one that is not: another in the VM's entry, or in the mapping, so that
    /// the VM keeps it.</summary>
    private string Choose(Source source, VgpuTypeId type)
    {
        if (source.Mapping is not { } mapping)
        {
            return $"choose a function: vgpu-hook show; then: {Set(source, "<function>", type)}";
        }

        if (!_shared.MappingAdvice.TryGetValue(mapping.Id, out var advice))
        {
            advice = MappingRepair.Advise(_host, mapping);
            _shared.MappingAdvice[mapping.Id] = advice;
        }

        return advice;
    }

    private string Set(Source source, string device, VgpuTypeId type) => $"qm set {_vm} --{source.Entry.Key} "
        + HostPciText.With(HostPciText.WithDevice(source.Entry.Value, device), "mdev", type.MdevName);

    private (PciMapping Mapping, IReadOnlyList<PciMappingEntry> Entries) ReadMapping(HostPciEntry entry, string id)
    {
        var node = _host.Proxmox.Node;
        var found = Mappings.Find(id);
        if (found?.ForNode(node) is { Count: > 0 } entries)
        {
            return (found, entries);
        }

        throw new ObjectNotFoundException(
            ErrorIds.MappingNotFound,
            found is null
                ? $"{entry.Key} names mapping {id}, and /etc/pve/mapping/pci.cfg has no mapping of that name"
                : $"{entry.Key} names mapping {id}, which has no entry for node {node}",
            found is null
                ? "see what is mapped: pvesh get /cluster/mapping/pci; then: "
                    + $"qm set {_vm} --{entry.Key} {HostPciText.WithDevice(entry.Value, "mapping=<id>")}"
                : MappingRepair.Advise(_host, found), id);
    }

    private CandidateFunction? FindCandidate(Source source, string id, VgpuTypeId type)
    {
        if (!PciAddress.TryParse(id, out var address))
        {
            var all = HostPciChoices.Expand(id, _host.Devices.GetAddresses());
            if (all.Count != 1)
            {
                throw new InvalidRequestException(
                    ErrorIds.UnusableVgpuEntry,
                    all.Count == 0
                        ? $"{source.Text} names {id}, and no such PCI device exists"
                        : $"{source.Text} names {id} without a function, which includes {all.Count} of them "
                            + $"({all[0]} to {all[^1]}); a vGPU needs one",
                    Choose(source, type), id);
            }

            address = all[0];
        }

        CheckDomain(source, address);
        if (_host.Devices.Find(address) is not { } device)
        {
            return Gpus.FirstOrDefault(g => g.IndexOf(address) is not null) is { } owner
                ? CandidateOf(source, address, owner.Address)
                : throw new ObjectNotFoundException(
                    ErrorIds.DeviceNotFound,
                    $"{source.Text} names {address}, which does not exist and belongs to no NVIDIA GPU of this host",
                    Choose(source, type), address.ToString());
        }

        if (!device.IsNvidia || !device.IsDisplay)
        {
            throw new InvalidRequestException(
                ErrorIds.NotAVgpuFunction,
                $"{source.Text} names {address}, which is not an NVIDIA GPU function (vendor {device.Vendor:x4}, "
                    + $"device {device.Device:x4}, class {device.Class:x6})",
                Choose(source, type), address.ToString());
        }

        if (device.ParentFunction is { } parent)
        {
            return CandidateOf(source, address, parent);
        }

        var gpu = Gpus.FirstOrDefault(g => g.Address == address);
        return gpu is { HasMediatedTypes: true } or { TotalFunctions: 0 }
            ? CandidateOf(source, address, address)
            : throw new InvalidRequestException(
                ErrorIds.NotAVgpuFunction,
                $"{source.Text} names {address}, the GPU itself; its vGPUs are on its "
                    + $"{gpu?.TotalFunctions ?? 0} virtual functions",
                Choose(source, type), address.ToString());
    }

    /// <remarks>Source: facts/proxmox.md, table of features: other PCI domains with NVIDIA vGPU since 9.0.2.</remarks>
    private void CheckDomain(Source source, PciAddress address)
    {
        if (address.Domain != 0 && !_generation.KnowsOtherDomainsForVgpu
            && _host.Proxmox.QemuServerVersion is { } version)
        {
            throw new InvalidRequestException(
                ErrorIds.UnusableVgpuEntry,
                $"{source.Text} names {address} outside PCI domain 0000, where qemu-server {version} starts no vGPU; "
                    + "9.0.2 does",
                "upgrade Proxmox VE: apt update && apt full-upgrade", address.ToString());
        }
    }

    private CandidateFunction CandidateOf(Source source, PciAddress function, PciAddress gpu)
    {
        if (!_shared.Drivers.TryGetValue(gpu, out var driver))
        {
            driver = _host.Devices.Find(gpu)?.Driver;
            _shared.Drivers[gpu] = driver;
        }

        return driver == "nvidia" ? new CandidateFunction(function, gpu) : throw new HostNotReadyException(
            ErrorIds.WrongDriver,
            $"GPU {gpu} of {source.Text} is bound to {driver ?? "no driver"} instead of nvidia, "
                + "so it cannot carry a vGPU",
            driver is null
                ? "load the driver: modprobe nvidia; if that fails see why: dkms status; journalctl -k -g NVRM"
                : $"stop the VM that has it, free it and bind it: {PhysicalFunction.Rebind(gpu, driver)}; "
                    + "what would give it away again at a boot: Test-VgpuHost VfioIdsOption",
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

    /// <summary>Where the address of a function comes from: a VM's entry, or an entry of the mapping that it
    /// names.</summary>
    private sealed record Source(HostPciEntry Entry, PciMapping? Mapping, IReadOnlyList<string> Paths)
    {
        public string Text => Mapping is null ? Entry.Key
            : $"entry {string.Join(';', Paths)} of mapping {Mapping.Id} ({Entry.Key})";

        public string Target => Mapping?.Id ?? Entry.Key;
    }
}
