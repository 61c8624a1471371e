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
        new("VgpuParametersMissing", Area, "running VMs have the plugin parameters that are configured",
            CheckParameters),
        new("VmUuidMissing", Area, "the vGPU manager found every VM's UUID", p => FailStanding(
            p, "Failed to get VM UUID from QEMU command-line", s_started,
            "QEMU was started without -uuid: driver=keep without mdev=, or args that replace it",
            "name the type in the entry (Set-VmVgpu), or add the UUID: qm set <vm> --args '-uuid <uuid>'")),
        new("GuestDriverTooOld", Area, "guests' drivers are of a branch that the host accepts", CheckGuestDrivers),
        new("LicenseRestricted", "Licensing", "running vGPUs are not restricted for lack of a licence",
            p => CheckLicense(p, isFailure: true, "Unlicensed (Restricted)", "Unlicensed")),
        new("LicenseMissing", "Licensing", "running vGPUs have a licence",
            p => CheckLicense(p, isFailure: false, "Unlicensed (Unrestricted)")),
        new("LicenseExpired", "Licensing", "licences of running vGPUs have not ended", CheckExpiry),
    ];

    private const string Incompatible = "Incompatible Guest/Host drivers";

    private static readonly string[] s_started = ["display_init inst: 0 successful", "license state: Licensed"];

    // The guest's driver introduces itself before it is refused, and a licence comes only after it was accepted.
    private static readonly string[] s_accepted = ["license state: Licensed", "Guest NVIDIA Driver Information"];

    private static CheckOutcome FailStanding(
        DoctorSnapshot p, string fault, string[] over, string cause, string fix)
    {
        var found = p.ManagerLog.FindStanding([fault], over);
        return FailOf(
            [.. found.Select(f => f.Quote)],
            p.ManagerLog.DescribeOver([fault], over) ?? "no entry about it in the daemons' journals", cause, fix);
    }

    /// <summary>Two opposite messages with a common beginning: which it is decides the direction of the fix.</summary>
    /// <remarks>Source: facts/errors.md E3.</remarks>
    private static CheckOutcome CheckGuestDrivers(DoctorSnapshot p)
    {
        var found = p.ManagerLog.FindStanding([Incompatible, "Guest VGX version is"], s_accepted)
            .Where(f => !IsLicensed(p, f.Vm)).ToList();
        var newer = found.Exists(f => f.Line.Has(["is newer"]));
        var older = found.Exists(f => f.Line.Has(["is older"]));
        return FailOf(
            [.. found.Select(f => f.Quote)],
            p.ManagerLog.DescribeOver([Incompatible], s_accepted) ?? "no entry about it in the daemons' journals",
            string.Join("; ", (string[])[
                .. newer ? ["a guest's driver is of a newer branch than the host's vGPU manager accepts"] : s_none,
                .. older ? ["a guest's driver is of an older branch than the host accepts"] : s_none,
                .. newer || older ? s_none : ["a guest's driver and the host's do not fit each other"]]),
            string.Join("; ", (string[])[
                .. newer ? ["update the host's driver first, or install an older guest driver, of the host's branch: "
                    + $"{PlatformChecks.InstallDriver}; Install-VmVgpuDriver <vm> -Path <file>"] : s_none,
                .. newer && !older ? s_none : ["install the guest driver of the host's branch in the guest: "
                    + "Get-VmVgpuDriver; Install-VmVgpuDriver <vm> -Path <file>"]]));
    }

    private static readonly string[] s_none = [];

    /// <summary>Parameters take effect when QEMU opens the vGPU: what came later, or was configured since, has
    /// none.</summary>
    /// <remarks>Source: facts/host-behaviour.md 1.6.</remarks>
    private static CheckOutcome CheckParameters(DoctorSnapshot p)
    {
        var found = p.Claims.Claims.Where(c => c.StartedWith is not null && p.Host.Proxmox.IsRunning(c.Vm))
            .Select(c => (Claim: c, Wanted: p.Settings.ParametersOf(c.Vm, $"hostpci{c.Entry}")))
            .Where(c => !VgpuParameters.AreSame(c.Claim.StartedWith!, c.Wanted)).ToList();
        return WarnOf(
            [.. found.Select(f => $"VM {f.Claim.Vm} hostpci{f.Claim.Entry} has {Name(f.Claim.StartedWith!)}, and "
                + $"{Name(f.Wanted)} is configured")],
            "all have",
            found.Exists(f => f.Claim.ParametersAreLate)
                ? "Proxmox took another function than the one that was prepared, or set its type itself"
                : "the configuration was changed while the VM ran",
            "restart it: " + string.Join("; ", found.Select(f => $"qm reboot {f.Claim.Vm}").Distinct()));

        static string Name(string parameters) => parameters.Length == 0 ? "none" : parameters;
    }

    private static bool IsLicensed(DoctorSnapshot p, VmId? vm) => vm is { } id && p.DriverAnswers
        && p.Report.Gpus.SelectMany(g => g.Vgpus).Any(v => v.VmId == id.Value && v.LicenseStatus == "Licensed");

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
            .Select(v => $"VM {v.VmId} on {v.FunctionAddress}: {v.LicenseStatus}{QuoteLicense(p, v.VmId)}").ToList();
        const string Cause = "the guest has no token, cannot reach the licence server, "
            + "or requests another product than the type needs";
        const string Fix = "look at the guest's licence, and set a token: Get-GridLicense; "
            + "Set-GridLicense -TokenPath <file.tok>";
        return isFailure ? FailOf(found, "none is", Cause, Fix)
            : WarnOf(found, "all have, or their guest's driver does not run",
                Cause + "; it runs at full speed for a limited time only", Fix);
    });

    /// <summary>When the manager last reported the licence of a VM's vGPU; empty where it did not.</summary>
    private static string QuoteLicense(DoctorSnapshot p, int? vm) => p.Facts.Journals.IsRead && vm is { } id
        && p.ManagerLog.FindLast(new VmId(id), "license state:") is { } line ? $" ({line.Quote})" : "";

    private static CheckOutcome CheckExpiry(DoctorSnapshot p) => GpuChecks.OnAnsweringDriver(p, () => FailOf(
        [.. p.Report.Gpus.SelectMany(g => g.Vgpus)
            .Where(v => v is { LicenseStatus: "Licensed", LicenseExpiry: { } end } && end < p.Host.Clock.GetUtcNow())
            .Select(v => $"VM {v.VmId} on {v.FunctionAddress}: ended {v.LicenseExpiry:yyyy-MM-dd HH:mm} UTC")],
        "none has", "the guest cannot renew it: the licence server is unreachable, or a clock is wrong",
        "check the time of host and guest (timedatectl), and the guest's log: journalctl -u nvidia-gridd"));
}
