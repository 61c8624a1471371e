using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Lab.Machine;

public sealed partial class LabHost
{
    private const string Qemu = "/usr/bin/kvm";

    /// <summary>Runs a hookscript: path, VM, phase, node that a migration comes from; null answers 127 (not
    /// found).</summary>
    public Func<string, VmId, string, string?, CancellationToken, Task<LabHookResult>>? HookRunner { get; set; }

    /// <inheritdoc/>
    public IReadOnlyList<VgpuTypeId>? GetCreatableTypes(PciAddress physicalFunction)
    {
        using var call = Enter($"creatable {physicalFunction}");
        return State.Gpus.Find(gpu => gpu.Pci == physicalFunction && gpu.Driver == "nvidia") is { } known
            ? [.. LabGpuRules.Creatable(known).Select(type => new VgpuTypeId(type.Id))]
            : null;
    }

    /// <inheritdoc/>
    /// <remarks>Source: facts/errors.md E1 and E2: a missing or held device, or no <c>-uuid</c>, ends QEMU; a vGPU that
    /// the manager refuses does too (assumed).</remarks>
    public LabQemuStart StartQemu(VmId vm, IReadOnlyList<string> arguments)
    {
        using var call = Enter($"run {Qemu}");
        if (call.Refusal is { } code)
        {
            return new LabQemuStart(null, code, "");
        }

        IReadOnlyList<int> cpus = [.. State.Setup.Cpus.Online];
        if (arguments is ["/usr/bin/taskset", _, _, var list, ..])
        {
            if (CpuPlacement.Usable(list, cpus) is not { } usable)
            {
                return new LabQemuStart(null, 1, $"taskset: failed to parse CPU list or set affinity: {list}");
            }

            (cpus, arguments) = (usable, [.. arguments.Skip(4)]);
        }

        var uuid = ValueOf(arguments, "-uuid");
        var found = new List<LabVgpu>();
        if (FindDevices(arguments, uuid, found) is { } failure)
        {
            return new LabQemuStart(null, 1, failure);
        }

        if (PlaceMemory(arguments, cpus) is not { } memory)
        {
            return new LabQemuStart(null, 1, "kvm: cannot set up guest memory 'pc.ram': Cannot allocate memory");
        }

        foreach (var vgpu in found)
        {
            (vgpu.Holder, vgpu.VmUuid, vgpu.ActiveParameters) = (State.NextPid, uuid, vgpu.Parameters);
        }

        return new LabQemuStart(StartProcess(vm, arguments, cpus, memory), 0, "");
    }

    /// <summary>Finds the devices of a command line; what QEMU says of one that cannot be had.</summary>
    private string? FindDevices(IReadOnlyList<string> arguments, string? uuid, List<LabVgpu> found)
    {
        for (var index = 0; index + 1 < arguments.Count; index++)
        {
            if (arguments[index] != "-device"
                || !arguments[index + 1].StartsWith("vfio-pci,", StringComparison.Ordinal))
            {
                continue;
            }

            if (!TryFindDevice(arguments[index + 1], uuid, found, out var name, out var group)
                || IsRefusedByManager(found))
            {
                return $"vfio {name}: error getting device from group {group}: Input/output error\n"
                    + $"Verify all devices in group {group} are bound to vfio-<bus> or pci-stub and not already in use";
            }
        }

        return null;
    }

    /// <summary>Whether the manager refuses the last of a VM's vGPUs, beside the others or at its place.</summary>
    private bool IsRefusedByManager(List<LabVgpu> found)
    {
        var why = found.Count > 1 && LabGpuRules.FindClash(State, found) is { } clash ? clash
            : found.Count > 0 && LabGpuRules.FindBadPlacement(State, found[^1]) is { } id
                ? $"invalid vgpu-placement-id {id}" : null;
        if (why is not null)
        {
            LogManager($"error: vmiop_log: (0x{found.Count - 1:x}): init_device_instance failed for inst "
                + $"{found.Count - 1} with error 1 ({why})");
        }

        return why is not null;
    }

    /// <summary>Adds the process, whose guest boots.</summary>
    /// <returns>Its id.</returns>
    private int StartProcess(
        VmId vm, IReadOnlyList<string> arguments, IReadOnlyList<int> cpus,
        SortedDictionary<int, long> memory)
    {
        var pid = State.NextPid++;
        if (State.Guests.Find(guest => guest.Vm == vm.Value) is { } inside)
        {
            inside.Boot(this);
        }

        State.Processes.Add(new LabProcess
        {
            Pid = pid,
            Vm = vm.Value,
            Cpus = string.Join(',', cpus),
            MemoryMiB = memory,
            CommandLine =
            [
                Qemu, "-id", vm.ToString(), "-pidfile", $"/var/run/qemu-server/{vm}.pid", .. arguments,
            ],
        });
        Change();
        return pid;
    }

    /// <inheritdoc/>
    public void EndQemu(VmId vm, LabQemuEnd how)
    {
        using var call = Enter($"end {vm}");
        foreach (var process in State.Processes.FindAll(process => process.Vm == vm.Value))
        {
            State.Processes.Remove(process);
            foreach (var gpu in State.Gpus)
            {
                foreach (var vgpu in gpu.Vgpus.FindAll(vgpu => vgpu.Holder == process.Pid))
                {
                    (vgpu.Holder, vgpu.VmUuid, vgpu.GuestDriver) = (null, null, null);
                    vgpu.ActiveParameters = "";
                    if (vgpu.IsBeingRemoved)
                    {
                        gpu.Vgpus.Remove(vgpu);
                    }
                }
            }

            Change();
        }
    }

    /// <inheritdoc/>
    public int? GetQemuPid(VmId vm) => With(state => state.Processes.Find(process => process.Vm == vm.Value)?.Pid);

    /// <inheritdoc/>
    public Task<LabHookResult> RunHookAsync(
        string path, VmId vm, string phase, string? migratedFrom, CancellationToken cancellationToken) =>
        HookRunner is { } run
            ? run(path, vm, phase, migratedFrom, cancellationToken)
            : Task.FromResult(new LabHookResult(127, null, "", $"{path}: no such file"));

    /// <summary>Memory in MiB by node: as it is bound, else on the first node of its CPUs and what does not fit there
    /// elsewhere; null where there is not enough.</summary>
    /// <remarks>
    /// Source: facts/numa.md C10: first touch, spilling to other nodes, and pinned from the start on. QEMU's words are
    /// from memory (assumed).
    /// </remarks>
    private SortedDictionary<int, long>? PlaceMemory(IReadOnlyList<string> arguments, IReadOnlyList<int> cpus)
    {
        var bound = arguments.FirstOrDefault(a => a.Contains(",host-nodes=", StringComparison.Ordinal))?.Split(',');
        var first = bound is null ? State.Setup.Cpus.NodeOf(cpus[0])
            : CpuPlacement.Ranges(bound.First(p => p.StartsWith("host-nodes=", StringComparison.Ordinal))["host-nodes="
                .Length..])[0];
        var others = bound?.Contains("policy=bind") == true ? []
            : Enumerable.Range(0, State.Setup.Cpus.NodeCount + State.Setup.Cpus.MemoryNodes).Where(n => n != first);
        var left = long.Parse(ValueOf(arguments, "-m") ?? "512", CultureInfo.InvariantCulture);
        var placed = new SortedDictionary<int, long>();
        foreach (var node in others.Prepend(first))
        {
            var used = State.Processes.Sum(p => p.MemoryMiB.GetValueOrDefault(node));
            var part = Math.Min(left, State.Setup.Cpus.MemoryMiB - used);
            if (part > 0)
            {
                placed[node] = part;
                left -= part;
            }
        }

        return left > 0 ? null : placed;
    }

    private void LogManager(string line)
    {
        if (!State.Platform.Journals.TryGetValue(LabBootSetup.ManagerUnit, out var journal))
        {
            State.Platform.Journals[LabBootSetup.ManagerUnit] = journal = [];
        }

        journal.Add(line);
        Change();
    }

    private static string? ValueOf(IReadOnlyList<string> arguments, string name)
    {
        for (var index = 0; index + 1 < arguments.Count; index++)
        {
            if (arguments[index] == name)
            {
                return arguments[index + 1];
            }
        }

        return null;
    }

    // False for what QEMU gives up on; a whole device that is not a vGPU is taken as it is.
    private bool TryFindDevice(string device, string? uuid, List<LabVgpu> found, out string name, out string group)
    {
        const string Mediated = "sysfsdev=/sys/bus/mdev/devices/";
        const string Function = "sysfsdev=/sys/bus/pci/devices/";
        var parts = device.Split(',');
        var mediated = parts.FirstOrDefault(
            part => part.StartsWith(Mediated, StringComparison.Ordinal))?[Mediated.Length..];
        var host = parts.FirstOrDefault(part => part.StartsWith("host=", StringComparison.Ordinal))?[5..]
            ?? parts.FirstOrDefault(part => part.StartsWith(Function, StringComparison.Ordinal))?[Function.Length..];
        name = mediated ?? host ?? "?";
        group = "?";
        var address = PciAddress.TryParse(host, out var pci) ? pci.ToString() : null;
        var vgpu = State.Gpus.SelectMany(gpu => gpu.Vgpus).FirstOrDefault(candidate =>
            mediated is not null ? candidate.MdevUuid == mediated : candidate.Function == address);
        var function = State.Bus.Find(vgpu?.Function ?? address ?? "");
        if (function is null)
        {
            return false;
        }

        group = Number(function.Address.RoutingId);
        if (vgpu is null)
        {
            return mediated is null && function.Driver == "vfio-pci";
        }

        if (uuid is null)
        {
            Log("[nvidia-vgpu-mgr] Failed to get VM UUID from QEMU command-line 0x57");
        }

        if (uuid is null || vgpu.Holder is not null || vgpu.IsBeingRemoved || found.Contains(vgpu))
        {
            return false;
        }

        found.Add(vgpu);
        return true;
    }
}
