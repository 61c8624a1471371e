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
        Gpus = [.. Gpus.Select(g => g.Model)],
        VmCount = Vms.Count,
        BootStatus = Boot?.State,
        BootTime = Boot is { } boot ? EventTime.Parse(boot.Time) : null,
        BootProblems = Boot is null ? []
            : [.. Boot.Problems.Select(p => p.Message),
                .. Boot.Gpus.Where(g => g.Problem is not null).Select(g => $"GPU {g.Gpu}: {g.Problem!.Message}")],
    };

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
