namespace VgpuPS.Core.Capacity;

public sealed partial class AssignmentPlanner
{
    /// <summary>Who else holds a function: by Proxmox's reservation, by a claim, or by a mediated device on
    /// it.</summary>
    private FunctionHolder? FindHolder(PciAddress address)
    {
        if (_input.Reservations.FirstOrDefault(
            r => r.Function == address && r.IsHeld && r.Vm != _input.Vm) is { } reserved)
        {
            return FunctionHolder.Of(reserved.Vm);
        }

        if (_host.Gpus.SelectMany(g => g.Functions).Any(f => f.Address == address && f.IsShared))
        {
            return null;
        }

        return _input.Claims.FirstOrDefault(c => c.Function == address && c.Vm != _input.Vm) is { } claim
            ? FunctionHolder.Of(claim.Vm)
            : FindOccupant(address);
    }

    /// <summary>Whose mediated device is on a function, where no reservation and no claim says so.</summary>
    private FunctionHolder? FindOccupant(PciAddress address) =>
        _host.Gpus.SelectMany(g => g.Functions).FirstOrDefault(f => f.Address == address)?.Devices
            .FirstOrDefault(d => d.Uuid.Guest?.Vm != _input.Vm) switch
        {
            { Uuid.Guest: { } owner } => FunctionHolder.Of(owner.Vm),
            { } device => new FunctionHolder(
                $"mediated device {device.Uuid}, which does not belong to Proxmox", null,
                $"remove it if it is not needed (echo 1 > /sys/bus/mdev/devices/{device.Uuid}/remove)"),
            _ => null,
        };

    /// <summary>
    /// A vGPU type that no one has reserved: it takes capacity, and does not prevent writing another over it.
    /// </summary>
    private FunctionHolder? FindOrphan(VirtualFunction function) =>
        function.CurrentType is not { } type || IsMine(function.Address) ? null : new FunctionHolder(
            $"vGPU type {NameOf(type)}, which no VM has reserved", null,
            "clear it if no VM uses it (qm list; "
                + $"echo 0 > /sys/bus/pci/devices/{function.Address}/nvidia/current_vgpu_type)");

    private bool IsMine(PciAddress function) =>
        _input.Reservations.Any(r => r.Function == function && r.Vm == _input.Vm)
        || _input.Claims.Any(c => c.Vm == _input.Vm && c.Function == function)
        || _input.Requests.Any(r => !r.IsMapped && r.Candidates.Any(c => c.Address == function)
            && _host.FindFunction(r.Candidates[0])?.CurrentType == r.Type);

    private string DescribeOccupied(GpuState gpu) => string.Join(", ", gpu.Functions.Where(f => f.IsOccupied)
        .Select(
            f => $"function {f.Address} "
                + $"({string.Join(", ", FindHolders(f).Select(h => h.Text).DefaultIfEmpty($"VM {_input.Vm}"))})"));

    private IEnumerable<FunctionHolder> FindHolders(VirtualFunction function) => function.IsShared
        ? function.Devices.Select(d => d.Uuid.Guest?.Vm).OfType<VmId>().Where(v => v != _input.Vm).Distinct()
            .Select(FunctionHolder.Of)
        : (FindHolder(function.Address) ?? FindOrphan(function)) is { } holder ? [holder] : [];

    /// <summary>
    /// What frees the GPUs of everybody else: the VMs by number, and commands for what is not a VM's.
    /// </summary>
    private string StopHolders(IEnumerable<GpuState> gpus)
    {
        var holders = gpus.SelectMany(g => g.Functions).Where(f => f.IsOccupied)
            .SelectMany(FindHolders).ToList();
        var vms = holders.Select(h => h.Vm).OfType<VmId>().Distinct().Order().ToList();
        var others = holders.Where(h => h.Vm is null).Select(h => h.Action);
        return holders.Count == 0 ? "stop a VM of that GPU" : string.Join("; ", vms.Count == 0
            ? others
            : others.Prepend($"stop {Join(vms)} ({string.Join("; ", vms.Select(v => $"qm shutdown {v}"))})"));
    }

    private string NameOf(VgpuTypeId type) => _host.Gpus
        .Select(g => g.Types.GetValueOrDefault(type)).OfType<VgpuType>().FirstOrDefault() is { } known
            ? $"{known.ShortName} ({type})"
            : $"{type}";
}

/// <summary>Who holds a function that another user or program wants, and what would free it.</summary>
/// <param name="Text">Whoever it is, for display.</param>
/// <param name="Vm">The VM; null when it is not a VM's.</param>
/// <param name="Action">What frees it, with a command.</param>
internal sealed record FunctionHolder(string Text, VmId? Vm, string Action)
{
    /// <summary>A VM that holds it.</summary>
    public static FunctionHolder Of(VmId vm) =>
        new($"VM {vm}", vm, $"see what VM {vm} does (qm status {vm}) and stop it (qm shutdown {vm})");
}
