using VgpuPS.Core.Guests;

namespace VgpuPS.Core.Rows;

public sealed partial record HostReport
{
    /// <summary>The host.</summary>
    /// <param name="kind">Kind of the session.</param>
    public HostInfo ToHost(string kind) => new()
    {
        VgpuHost = VgpuHost,
        Kind = kind,
        Node = Node,
        Kernel = Kernel,
        DriverVersion = DriverVersion,
        QemuServerVersion = QemuServerVersion,
        Backend = Gpus.Select(g => g.Backend).FirstOrDefault(b => b != "none") ?? "none",
        IommuIsActive = IommuIsActive,
        Gpus = [.. Gpus.Select(g => g.Model), .. (OtherGpus ?? []).Select(g => g.ToString())],
        VmCount = Vms.Count,
        LockHolder = HookState?.LockHolder,
        BootStatus = Boot?.State,
        BootTime = Boot is { } boot ? EventTime.Parse(boot.Time) : null,
        BootProblems = Boot is null ? []
            : [.. Boot.Problems.Select(p => p.Message),
                .. Boot.Gpus.Where(g => g.Problem is not null).Select(g => $"GPU {g.Gpu}: {g.Problem!.Message}")],
    };

    /// <summary>A VM.</summary>
    public VgpuVmInfo ToVm(VmReport vm) => new()
    {
        VgpuHost = VgpuHost,
        VmId = vm.Id,
        VmName = vm.Name,
        Status = vm.IsTemplate ? "template" : vm.Status,
        Node = Node,
        Vgpu = [.. vm.Vgpus.Where(v => v.State != "removing").Select(v => v.VgpuType ?? v.VgpuTypeId switch
        {
            { } id => $"type {id}",
            null => v.Entry,
        })],
        VgpuFunction = [.. RunningOf(vm).Select(v => v.FunctionAddress)],
        HasHook = vm.Hook.IsRegistered,
        Affinity = vm.Affinity,
        Lock = vm.Lock,
    };

    /// <summary>Claims of a VM, ascending entry.</summary>
    public IEnumerable<VgpuClaimInfo> ClaimsOf(int vm) => Claims.Where(c => c.VmId == vm).Select(claim =>
    {
        var detail = HookState?.Claims.FirstOrDefault(d => d.VmId == vm && d.Entry == claim.Entry);
        var functions = claim.Function is { } own ? [own] : claim.Candidates;
        var gpus = Gpus.Where(g => g.Functions.Any(f => functions.Contains(f.FunctionAddress))).ToList();
        var gpu = gpus.Count == 1 ? gpus[0] : null;
        return new VgpuClaimInfo
        {
            VgpuHost = VgpuHost,
            VmId = vm,
            VmName = Vms.FirstOrDefault(v => v.Id == vm)?.Name,
            Entry = claim.Entry,
            VgpuTypeId = claim.Type,
            VgpuType = Gpus.SelectMany(g => g.Types).FirstOrDefault(t => t.VgpuTypeId == claim.Type)?.VgpuType,
            State = claim.State,
            GpuUuid = gpu?.GpuUuid,
            GpuAddress = gpu?.GpuAddress,
            FunctionAddress = claim.Function,
            MdevUuid = detail?.Mdev,
            GpuInstanceId = gpu?.Vgpus.FirstOrDefault(
                v => v.FunctionAddress == claim.Function && v.VgpuTypeId == claim.Type)?.GpuInstanceId,
            Since = detail?.Since,
            WaitsFor = (claim.State, detail) switch
            {
                (_, { IsStale: true }) => "the next sweep",
                ("held", { HeldSeconds: { } seconds }) => $"the VM to come back, {seconds} s",
                ("pending", _) => claim.Function is null ? "Proxmox to choose a function" : "the VM to run",
                _ => null,
            },
        };
    });

    private const string NotRunning = "NotRunning";

    /// <summary>Licences of a VM's running vGPUs, as the host sees them.</summary>
    public IEnumerable<GridLicenseInfo> LicensesOf(VmReport vm) => RunningOf(vm).Select(vgpu => new GridLicenseInfo
    {
        VgpuHost = VgpuHost,
        VmId = vm.Id,
        VmName = vm.Name,
        VgpuType = vgpu.VgpuType,
        Product = LicenseProduct.For(vgpu.VgpuType),
        LicenseStatus = vgpu.LicenseStatus,
        LicenseExpiry = vgpu.LicenseExpiry,
        GuestDriver = vgpu.GuestDriver,
        GpuAddress = vgpu.GpuAddress,
        FunctionAddress = vgpu.FunctionAddress,
    });

    /// <summary>Drivers of the guests of VMs that request a vGPU or run one.</summary>
    public IEnumerable<VmVgpuDriverInfo> DriversOf(VmReport vm)
    {
        var running = RunningOf(vm).ToList();
        return running.Count > 0 ? running.Select(v => Judge(vm, v)) : vm.Vgpus.Count > 0 ? [Judge(vm, null)] : [];
    }

    private IEnumerable<VgpuInfo> RunningOf(VmReport vm) => Gpus
        .SelectMany(g => g.Vgpus).Where(v => v.IsRunning && v.VmId == vm.Id);

    private VmVgpuDriverInfo Judge(VmReport vm, VgpuInfo? vgpu)
    {
        var guest = vgpu?.GuestDriver;
        var verdict = GuestDriverRule.Judge(guest, DriverVersion);
        return new VmVgpuDriverInfo
        {
            VgpuHost = VgpuHost,
            VmId = vm.Id,
            VmName = vm.Name,
            VgpuType = vgpu?.VgpuType,
            GuestDriver = guest,
            HostDriver = DriverVersion,
            Verdict = vgpu is null ? NotRunning : verdict.ToString(),
            IsCompatible = verdict == GuestDriverVerdict.SameBranch,
            Message = vgpu is null
                ? "the VM's vGPU does not run" : GuestDriverRule.Describe(verdict, guest, DriverVersion),
        };
    }
}
