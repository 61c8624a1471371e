using VgpuPS.Core.Settings;
using VgpuPS.Core.Steps;

namespace VgpuPS.Core.Capacity;

public sealed partial class AssignmentPlanner
{
    /// <summary>
    /// Makes sure that the request's type and a GPU's MIG mode go together: refuses a single GPU where they do not, and
    /// enables MIG mode where there is consent. Of a mapping's GPUs one in the right mode is enough.
    /// </summary>
    private void PrepareMigMode(VmVgpuRequest request, PciAddress address, IReadOnlyList<PciAddress> gpus)
    {
        var gpu = _host[address];
        if (!gpu.Types.TryGetValue(request.Type, out var type))
        {
            // Without functions the driver may not report its types yet (facts/host-behaviour.md 1.5): asked again
            // then.
            if (gpu.Functions.Count == 0 || gpus.Any(g => _host[g].Types.ContainsKey(request.Type)))
            {
                return;
            }

            throw RefuseType(request, gpu);
        }

        var refusal = CheckMigMode(request, gpu, type);
        if (refusal is null || gpus.Any(g => g != address && IsServedBy(request, _host[g])))
        {
            return;
        }

        if (gpu.Mig is not { Current: false, Pending: false } || !type.IsMigBacked || !HasMigConsent(address))
        {
            throw refusal;
        }

        if (gpu.Functions.Any(f => f.IsOccupied) || gpu.Active.Count > 0)
        {
            throw new ResourceBusyException(
                ErrorIds.ResourceBusy,
                $"{request.Name} needs MIG mode on GPU {address} ({gpu.Model}), which is off, and time-sliced vGPUs "
                    + $"are on it: {DescribeOccupied(gpu)}",
                $"{StopHolders([gpu])}, then: qm start {request.Vm}", address.ToString());
        }

        if (MustCycleFunctions(gpu))
        {
            CheckFunctionsMayGo(request, gpu);
            _steps.Add(new DisableFunctionsStep(address, gpu.Gpu.EnabledFunctions));
            _steps.Add(new EnableMigModeStep(address));
            _steps.Add(new EnableFunctionsStep(address, gpu.Gpu.TotalFunctions));
        }
        else
        {
            _steps.Add(new EnableMigModeStep(address));
        }

        _host.TurnMigOn(address);
    }

    private static bool MustCycleFunctions(GpuState gpu) =>
        gpu.Gpu is { NeedsMigBeforeFunctions: true, EnabledFunctions: > 0 };

    /// <summary>
    /// Functions go only where no one has them, and where no other VM's start or stop would miss them.
    /// </summary>
    /// <remarks>
    /// Source: facts/proxmox-reservations.md, point 5: one missing function blocks all VMs of the mapping, their
    /// clean-up too.
    /// </remarks>
    private void CheckFunctionsMayGo(VmVgpuRequest request, GpuState gpu)
    {
        var vms = _input.MappedBy.GetValueOrDefault(gpu.Address) ?? [];
        var other = gpu.Functions.FirstOrDefault(f => f.Driver is not (null or "nvidia"));
        if (vms.Count == 0 && other is null)
        {
            return;
        }

        var why = vms.Count > 0
            ? $"{Join(vms)} "
                + $"{(vms.Count == 1
                    ? "runs, starts or stops and names a mapping" : "run, start or stop and name mappings")}"
                + " with functions of that GPU"
            : $"function {other!.Address} is bound to {other.Driver}";
        throw new ResourceBusyException(
            ErrorIds.ResourceBusy,
            $"{request.Name} needs MIG mode on GPU {gpu.Address} ({gpu.Model}), "
                + $"which requires its virtual functions to be disabled for a moment, and {why}",
            $"once {(vms.Count > 0
                ? $"{Join(vms)} {(vms.Count == 1 ? "is" : "are")} stopped ({Commands(
                    "shutdown", [.. vms.Select(v => v.Value)])})" : "it is bound to its driver again")}"
                + $": {MigCommands(gpu)}; then: qm start {request.Vm}",
            gpu.Address.ToString());
    }

    /// <summary>What a user types to enable MIG mode, all of it.</summary>
    private static string MigCommands(GpuState gpu)
    {
        var mode = $"nvidia-smi -i {gpu.Address} -mig 1";
        return MustCycleFunctions(gpu)
            ? $"/usr/lib/nvidia/sriov-manage -d {gpu.Address}; {mode}; /usr/lib/nvidia/sriov-manage -e {gpu.Address}"
            : mode;
    }

    private static bool IsServedBy(VmVgpuRequest request, GpuState gpu) =>
        gpu.Types.TryGetValue(request.Type, out var type) && CheckMigMode(request, gpu, type) is null;

    private bool HasMigConsent(PciAddress gpu) =>
        _input.Settings.MigMode == MigModePolicy.WhenIdle || _input.MigByLayout.Contains(gpu);

    private static VgpuException? CheckMigMode(VmVgpuRequest request, GpuState gpu, VgpuType type)
    {
        var address = gpu.Address;
        if (gpu.Mig is null)
        {
            var why = GpuBoard.Of(gpu.Gpu.DeviceId).HidesMig ? GpuBoard.WhyWithoutFunctions(gpu.Gpu) : null;
            return !type.IsMigBacked ? null : new HostNotReadyException(
                ErrorIds.MigNotSupported,
                $"{type.ShortName} of {request.Name} is MIG-backed, and GPU {address} ({gpu.Model}) "
                    + (why is { } w ? $"offers no MIG: {w.Cause}" : "has no MIG"),
                why?.Fix ?? $"choose a time-sliced type: vgpu-hook show; then: {Set(request, null, "nvidia-<type>")}",
                address.ToString());
        }

        if (gpu.Mig.Current != gpu.Mig.Pending)
        {
            var now = gpu.Mig.Current ? "on" : "off";
            var then = gpu.Mig.Pending ? "on" : "off";
            return new HostNotReadyException(
                ErrorIds.MigModeMismatch,
                $"MIG mode of GPU {address} ({gpu.Model}) is {now} and {then} is pending until a GPU reset",
                $"with no VM on it: nvidia-smi --gpu-reset -i {address} (or reboot); or revert the change: "
                    + $"nvidia-smi -i {address} -mig {(gpu.Mig.Current ? 1 : 0)}",
                address.ToString());
        }

        if (type.IsMigBacked == gpu.Mig.Current)
        {
            return null;
        }

        return type.IsMigBacked
            ? new HostNotReadyException(
                ErrorIds.MigModeMismatch,
                $"{type.ShortName} of {request.Name} is MIG-backed, and MIG mode of GPU {address} ({gpu.Model}) is off",
                $"enable it while no VM uses the GPU: {MigCommands(gpu)} (or set \"migMode\": "
                    + "\"whenIdle\" in /etc/vgpups/config.json)",
                address.ToString())
            : new HostNotReadyException(
                ErrorIds.MigModeMismatch,
                $"{type.ShortName} of {request.Name} is time-sliced, and MIG mode of GPU {address} ({gpu.Model}) is on",
                "choose a MIG-backed type (vgpu-hook show), or while no VM uses the GPU: "
                    + $"/usr/lib/nvidia/sriov-manage -d {address}; nvidia-smi -i {address} -mig 0",
                address.ToString());
    }

    private VgpuType TypeOn(PciAddress gpu, VmVgpuRequest request) =>
        _host[gpu].Types.TryGetValue(request.Type, out var type) ? type : throw RefuseType(request, _host[gpu]);

    private static ObjectNotFoundException RefuseType(VmVgpuRequest request, GpuState gpu) => new(
        ErrorIds.VgpuTypeNotFound,
        $"GPU {gpu.Address} ({gpu.Model}) has no vGPU type {request.Type}, which {request.Name} requests",
        $"choose one that it has: vgpu-hook show; then: {Set(request, null, "nvidia-<type>")}",
        request.Type.MdevName);

    private static string NameOf(GpuState gpu, GpuInstance instance) =>
        gpu.FindProfile(instance.Profile)?.Name ?? $"profile {instance.Profile}";
}
