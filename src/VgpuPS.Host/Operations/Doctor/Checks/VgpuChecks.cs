using VgpuPS.Host.Operations.VmStart;
using static VgpuPS.Host.Operations.Doctor.CheckOutcome;

namespace VgpuPS.Host.Operations.Doctor.Checks;

/// <summary>vGPUs, claims, what the vGPU manager said of VMs, and licences.</summary>
/// <remarks>Source: facts/errors.md D4, D7, E2, E3, F1, F4, F7; facts/host-behaviour.md 7 and 9.</remarks>
internal static class VgpuChecks
{
    private const string Area = "Vgpu";

    public static IEnumerable<HostCheck> All =>
    [
        new("NoVgpuTypes", Area, "GPUs have vGPU types", CheckTypes),
        new("StaleClaim", Area, "claims belong to VMs that run or start", CheckClaims) { IsRepairable = true },
        new("VgpuLeftOver", Area, "no function has the vGPU of a VM that does not run", CheckOrphans),
        new("VmUuidMissing", Area, "the vGPU manager found every VM's UUID",
            p => p.FindInJournal("Failed to get VM UUID from QEMU command-line") is { } line
            ? Fail(line, "QEMU was started without -uuid: driver=keep without mdev=, or args that replace it",
                "name the type in the entry (Set-VmVgpu), or add the UUID: qm set <vm> --args '-uuid <uuid>'")
            : Pass("no entry about it in the daemons' journals")),
        new("GuestDriverTooOld", Area, "guests' drivers are new enough for the host",
            p => p.FindInJournal("Guest VGX version is older", "Incompatible Guest/Host drivers") is { } line
            ? Fail(line, "the guest's driver is of an older branch than the host accepts",
                "install the guest driver of the host's branch in the guest: Get-VmVgpuDriver")
            : Pass("no entry about it in the daemons' journals")),
        new("LicenseRestricted", "Licensing", "running vGPUs are not restricted for lack of a licence",
            p => CheckLicense(p, isFailure: true, "Unlicensed (Restricted)", "Unlicensed")),
        new("LicenseMissing", "Licensing", "running vGPUs have a licence",
            p => CheckLicense(p, isFailure: false, "Unlicensed (Unrestricted)")),
        new("LicenseExpired", "Licensing", "licences of running vGPUs have not ended", CheckExpiry),
    ];

    private static CheckOutcome CheckTypes(DoctorSnapshot p) => GpuChecks.OnAnsweringDriver(p, () =>
        p.Facts.FindUnit(VgpuPS.Core.Platform.HostUnits.Vgpud) is { HasFailed: true } ? Skip("see VgpudFailed")
        : p.Facts.FindUnit(VgpuPS.Core.Platform.HostUnits.Vgpud) is
        {
            HasEnded: false, IsActive: false,
            IsInstalled: true
        } ? Skip("nvidia-vgpud has not run yet")
        : FailOf(
            [.. p.Report.Gpus.Where(g => g.Types.Count == 0).Select(g => $"GPU {g.GpuAddress} ({g.Model}) has none")],
            "all have",
            "nvidia-vgpud registered none: the board is not in its vgpuConfig.xml, or the driver was loaded after it",
            "register them: systemctl restart nvidia-vgpud; journalctl -b -u nvidia-vgpud"));

    private static CheckOutcome CheckClaims(DoctorSnapshot p) => WarnOf(
        [.. p.Claims.Claims.Select(c => c.Vm).Distinct().Where(v => ClaimSweeper.IsStale(p.Host, p.Claims, v))
            .Select(v => $"VM {v} neither runs nor starts")],
        $"{p.Claims.Claims.Count} claims",
        "a start failed after the hook's part, or a VM was migrated away: no hook is called then",
        "release it: vgpu-hook sweep");

    private static CheckOutcome CheckOrphans(DoctorSnapshot p)
    {
        var reservations = p.Host.Proxmox.GetReservations();
        var found = new List<(string What, string Command)>();
        foreach (var function in p.Gpus.SelectMany(g => p.Host.Devices.GetFunctions(g)))
        {
            if (function.CurrentType is { } type && reservations.FirstOrDefault(
                r => r.Function == function.Address) is { IsHeld: false } old && IsGone(old.Vm))
            {
                found.Add(
                    ($"type {type} of VM {old.Vm} on {function.Address}",
                        $"Remove-Vgpu -FunctionAddress {function.Address}"));
            }

            found.AddRange(function.Devices.Where(d => d.Uuid.Guest is { } owner && IsGone(owner.Vm)).Select(d =>
                ($"mediated device {d.Uuid} of VM {d.Uuid.Guest!.Value.Vm} on {function.Address}",
                    $"Remove-Vgpu -MdevUuid {d.Uuid}")));
        }

        return WarnOf(
            [.. found.Select(f => f.What)], "none does",
            "Proxmox could not clean up when the VM stopped: QEMU still held it, or the host's services were down",
            $"remove it: {found.Select(f => f.Command).FirstOrDefault()}");

        bool IsGone(VmId vm) => !p.Host.Proxmox.IsRunning(vm) && !p.Host.Proxmox.IsLocked(vm)
            && !p.Claims.Claims.Any(c => c.Vm == vm);
    }

    private static CheckOutcome CheckLicense(DoctorSnapshot p, bool isFailure, params string[] states) =>
        GpuChecks.OnAnsweringDriver(p, () =>
    {
        var found = p.Report.Gpus.SelectMany(g => g.Vgpus).Where(v => states.Contains(v.LicenseStatus))
            .Select(v => $"VM {v.VmId} on {v.FunctionAddress}: {v.LicenseStatus}").ToList();
        const string Cause = "the guest has no token, cannot reach the licence server, "
            + "or requests another product than the type needs";
        const string Fix = "look at the guest's licence, and set a token: Get-GridLicense; "
            + "Set-GridLicense -TokenPath <file.tok>";
        return isFailure ? FailOf(found, "none is", Cause, Fix)
            : WarnOf(found, "all have, or their guest's driver does not run",
                Cause + "; it runs at full speed for a limited time only", Fix);
    });

    private static CheckOutcome CheckExpiry(DoctorSnapshot p) => GpuChecks.OnAnsweringDriver(p, () => FailOf(
        [.. p.Report.Gpus.SelectMany(g => g.Vgpus)
            .Where(v => v is { LicenseStatus: "Licensed", LicenseExpiry: { } end } && end < p.Host.Clock.GetUtcNow())
            .Select(v => $"VM {v.VmId} on {v.FunctionAddress}: ended {v.LicenseExpiry:yyyy-MM-dd HH:mm} UTC")],
        "none has", "the guest cannot renew it: the licence server is unreachable, or a clock is wrong",
        "check the time of host and guest (timedatectl), and the guest's log: journalctl -u nvidia-gridd"));
}
