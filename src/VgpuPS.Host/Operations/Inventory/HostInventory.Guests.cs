using VgpuPS.Core.Guests;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Licensing;

namespace VgpuPS.Host.Operations.Inventory;

public sealed partial class HostInventory
{
    private const string NotRunning = "NotRunning";

    /// <summary>Licences of a VM's running vGPUs.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="guest">What the guest itself said; null where it was not asked.</param>
    public IEnumerable<GridLicenseInfo> LicensesOf(VmReport vm, GridLicenseReport? guest = null) =>
        RunningOf(vm).Select(found => new GridLicenseInfo
        {
            VgpuHost = session,
            VmId = vm.Id,
            VmName = vm.Name,
            VgpuType = found.Vgpu.TypeName,
            Product = LicenseProduct.For(found.Vgpu.TypeName),
            LicenseStatus = found.Vgpu.Guest?.LicenseStatus,
            LicenseExpiry = found.Vgpu.Guest?.LicenseExpiry ?? guest?.Expiry,
            Server = guest?.Server,
            FeatureType = guest?.FeatureType,
            GuestSystem = guest?.System,
            ClockSkewSeconds = guest?.ClockSkewSeconds,
            LogLines = guest?.LastLines ?? [],
            GuestDriver = found.Vgpu.Guest?.DriverVersion,
            GpuAddress = found.Gpu.Address,
            FunctionAddress = found.Vgpu.Function,
        });

    /// <summary>Drivers of the guests of VMs that request a vGPU or run one.</summary>
    public IEnumerable<VmVgpuDriverInfo> DriversOf(VmReport vm)
    {
        var running = RunningOf(vm).Select(f => f.Vgpu).ToList();
        return running.Count > 0 ? running.Select(v => Judge(vm, v)) : vm.Vgpus.Count > 0 ? [Judge(vm, null)] : [];
    }

    private IEnumerable<(GpuReport Gpu, VgpuReport Vgpu)> RunningOf(VmReport vm) => Report.Gpus
        .SelectMany(g => g.Vgpus.Where(v => v.IsRunning && v.VmId == vm.Id).Select(v => (g, v)));

    private VmVgpuDriverInfo Judge(VmReport vm, VgpuReport? vgpu)
    {
        var guest = vgpu?.Guest?.DriverVersion;
        var verdict = GuestDriverRule.Judge(guest, Report.DriverVersion);
        return new VmVgpuDriverInfo
        {
            VgpuHost = session,
            VmId = vm.Id,
            VmName = vm.Name,
            VgpuType = vgpu?.TypeName,
            GuestDriver = guest,
            HostDriver = Report.DriverVersion,
            Verdict = vgpu is null ? NotRunning : verdict.ToString(),
            IsCompatible = verdict == GuestDriverVerdict.SameBranch,
            Message = vgpu is null ? "the VM's vGPU does not run" : GuestDriverRule.Describe(verdict, guest, Report.DriverVersion),
        };
    }
}
