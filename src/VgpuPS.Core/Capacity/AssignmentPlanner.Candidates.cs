using VgpuPS.Core.Proxmox;
using VgpuPS.Core.Settings;
using VgpuPS.Core.Steps;

namespace VgpuPS.Core.Capacity;

public sealed partial class AssignmentPlanner
{
    private CandidateFunction? FindOwnDevice(VmVgpuRequest request)
    {
        if (_own.TryGetValue(request.Entry, out var own))
        {
            return own;
        }

        foreach (var candidate in request.Candidates)
        {
            var function = _host.FindFunction(candidate);
            if (function is null)
            {
                continue;
            }

            var isOwnMdev = function.Devices.Any(d => d.Uuid == request.Uuid && d.Type == request.Type);
            var isPreset = !request.IsMapped && function.CurrentType == request.Type
                && FindHolder(candidate.Address) is null && !_input.Refused.ContainsKey(candidate.Address);
            if (isOwnMdev || isPreset)
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>Enables what the request's GPUs lack; refuses where that would destroy something.</summary>
    private void PrepareGpus(VmVgpuRequest request)
    {
        var gpus = request.Candidates.Select(c => c.Gpu).Distinct().ToList();
        foreach (var gpu in gpus.Where(g => _host[g].Gpu.TotalFunctions > 0))
        {
            var missing = request.Candidates
                .Where(c => c.Gpu == gpu && _host.FindFunction(c) is null && !_host.WillExist(c.Address))
                .Select(c => c.Address).ToList();
            PrepareMigMode(request, gpu, gpus);
            if (missing.Count > 0)
            {
                PlanFunctions(request, _host[gpu], missing);
            }
        }

        foreach (var gpu in gpus.Where(g => _host[g].Gpu.TotalFunctions == 0))
        {
            PrepareMigMode(request, gpu, gpus);
        }
    }

    private void PlanFunctions(VmVgpuRequest request, GpuState gpu, IReadOnlyList<PciAddress> missing)
    {
        var first = missing[0];
        var enable = $"/usr/lib/nvidia/sriov-manage -e {gpu.Address}";
        if (gpu.Gpu.EnabledFunctions > 0)
        {
            throw new ObjectNotFoundException(
                ErrorIds.DeviceNotFound,
                $"function {first} of {Describe(request)} does not exist: "
                    + $"GPU {gpu.Address} ({gpu.Model}) has {gpu.Gpu.EnabledFunctions} of {gpu.Gpu.TotalFunctions} "
                    + "virtual functions enabled, and this is not one of them",
                request.Mapping is { } mapping ? _input.AdviseMapping(mapping)
                    : $"choose one that exists: vgpu-hook show; then: {Set(request, "<function>", null)}",
                first.ToString());
        }

        if (_input.Settings.Sriov == SriovPolicy.Never)
        {
            throw new HostNotReadyException(
                ErrorIds.SriovNotReady,
                $"virtual functions of GPU {gpu.Address} ({gpu.Model}) are disabled, "
                    + $"so {first} of {request.Name} does not exist, and the setting sriov is never",
                $"enable them: {enable}", gpu.Address.ToString());
        }

        var remake = enable;
        var lost = gpu.Instances.Select(i => $"GPU instance {i.Id} ({NameOf(gpu, i)} at {i.Placement})")
            .Concat(gpu.Active.Select(a => $"a running vGPU of type {a.Type}")).ToList();
        if (gpu.Instances.Count > 0)
        {
            remake = $"nvidia-smi mig -i {gpu.Address} -dci; nvidia-smi mig -i {gpu.Address} -dgi; {enable}";
        }

        if (gpu.MixedSizes)
        {
            lost.Add("mixed-size mode");
            remake += $"; nvidia-smi vgpu -i {gpu.Address} -shm 1";
        }

        if (lost.Count > 0)
        {
            throw new HostNotReadyException(
                ErrorIds.SriovNotReady,
                $"virtual functions of GPU {gpu.Address} ({gpu.Model}) are disabled, "
                    + $"and enabling them would destroy {string.Join(", ", lost)}",
                $"if they are not needed: {remake}", gpu.Address.ToString());
        }

        _steps.Add(new EnableFunctionsStep(gpu.Address, gpu.Gpu.TotalFunctions));
        _host.EnableFunctions(missing);
    }

    /// <summary>The entry for display, with the mapping that it names.</summary>
    private static string Describe(VmVgpuRequest request) =>
        request.Mapping is { } mapping ? $"mapping {mapping} ({request.Name})" : request.Name;

    /// <summary>The command that changes the entry's device or type, and nothing else of it.</summary>
    private static string Set(VmVgpuRequest request, string? device, string? mdev)
    {
        var value = request.Value.Length > 0 ? request.Value
            : $"{(request.Mapping is { } id ? $"mapping={id}" : request.Candidates[0].Address)},"
                + $"mdev={request.Type.MdevName}";
        value = device is null ? value : HostPciText.WithDevice(value, device);
        value = mdev is null ? value : HostPciText.With(HostPciText.With(value, "mdev", mdev), "driver", null);
        return $"qm set {request.Vm} --{request.Name} {value}";
    }

    /// <summary>Candidates that no other VM holds; refuses when there is none.</summary>
    private IReadOnlyList<CandidateFunction> FindUsable(VmVgpuRequest request)
    {
        var blocks = new List<VgpuException>();
        var usable = new List<CandidateFunction>();
        foreach (var candidate in request.Candidates)
        {
            if (FindBlock(request, candidate) is { } block)
            {
                blocks.Add(block);
            }
            else
            {
                usable.Add(candidate);
            }
        }

        if (usable.Count > 0)
        {
            return usable;
        }

        if (blocks.Count == 1)
        {
            throw blocks[0];
        }

        throw new CapacityException(
            ErrorIds.NoFreeFunction,
            string.Create(CultureInfo.InvariantCulture,
                $"none of the {blocks.Count} functions of mapping {request.Mapping} on this node is available for "
                    + $"{request.Name}: ")
                + string.Join("; ", blocks.Take(4).Select(b => b.Message)) + (blocks.Count > 4 ? "; …" : ""),
            $"stop one of these VMs, or add functions to the mapping: pvesh get /cluster/mapping/pci/{request.Mapping}",
            request.Mapping);
    }

    /// <summary>The refusal of a function that the vGPU manager has not made ready.</summary>
    /// <param name="function">The function.</param>
    /// <param name="owner">Whose it is, after a blank; empty where that is not known.</param>
    /// <remarks>Source: facts/errors.md B3.</remarks>
    public static HostNotReadyException NoTypes(PciAddress function, string owner) => new(
        ErrorIds.SriovNotReady,
        $"function {function}{owner} offers no vGPU types: it has neither mdev_supported_types nor a directory nvidia",
        "see whether the vGPU manager runs: systemctl status nvidia-vgpud nvidia-vgpu-mgr", function.ToString());

    private VgpuException? FindBlock(VmVgpuRequest request, CandidateFunction candidate)
    {
        var function = _host.FindFunction(candidate);
        if (function is null)
        {
            return new ObjectNotFoundException(
                ErrorIds.DeviceNotFound, $"function {candidate.Address} of {Describe(request)} does not exist",
                request.Mapping is { } mapping ? _input.AdviseMapping(mapping)
                    : "see which functions exist: vgpu-hook show",
                candidate.Address.ToString());
        }

        if (function.Driver != "nvidia")
        {
            return new HostNotReadyException(
                ErrorIds.WrongDriver,
                $"function {function.Address} of {request.Name} is bound to {function.Driver ?? "no driver"} instead "
                    + "of nvidia, so it cannot carry a vGPU",
                "rebind it to its driver by cycling the functions while no VM uses the GPU: "
                    + $"/usr/lib/nvidia/sriov-manage -d {candidate.Gpu}; "
                    + $"/usr/lib/nvidia/sriov-manage -e {candidate.Gpu}",
                function.Address.ToString());
        }

        if (function.LacksTypes)
        {
            return NoTypes(function.Address, $" of {request.Name}");
        }

        if (request.KeepsDriver && function.Backend == VgpuBackend.Mdev)
        {
            return new InvalidRequestException(
                ErrorIds.UnusableVgpuEntry,
                $"{request.Name} has driver=keep without mdev=, and function {function.Address} offers mediated "
                    + "devices, which Proxmox uses with mdev= only",
                $"name the type: {Set(request, null, request.Type.MdevName)}",
                request.Name);
        }

        if (_input.Refused.TryGetValue(function.Address, out var refusal))
        {
            return refusal;
        }

        if (FindHolder(function.Address) is { } holder)
        {
            return new ResourceBusyException(
                ErrorIds.FunctionHeld,
                $"function {function.Address} of {request.Name} is held by {holder.Text}",
                $"{holder.Action}, or {(request.Mapping is { } mapped ? $"add functions to mapping {mapped} "
                    + $"(pvesh get /cluster/mapping/pci/{mapped})" : "choose a free function (vgpu-hook show)")}, "
                    + $"then: qm start {request.Vm}",
                function.Address.ToString());
        }

        return null;
    }
}
