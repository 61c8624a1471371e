using VgpuPS.Core.Platform;
using static VgpuPS.Host.Operations.Doctor.CheckOutcome;

namespace VgpuPS.Host.Operations.Doctor.Checks;

/// <summary>NVIDIA's and our own services.</summary>
/// <remarks>Source: facts/errors.md B3, B6; facts/host-behaviour.md 7; design.md section 6.</remarks>
internal static class ServiceChecks
{
    private const string Area = "Services";

    public static IEnumerable<HostCheck> All =>
    [
        new("VgpudFailed", Area, "nvidia-vgpud registered the vGPU types",
            p => OnVgpuDriver(p, HostUnits.Vgpud, u => u.HasFailed
            ? FailUnit(p, u, "it could not register the types: no driver at its start, or an unknown board",
                "see why, and run it again: journalctl -b -u nvidia-vgpud; systemctl restart nvidia-vgpud")
            : Pass($"{u.Unit}: {u.Text}"))) { IsRepairable = true },
        new("VgpuManagerDown", Area, "nvidia-vgpu-mgr runs",
            p => OnVgpuDriver(p, HostUnits.VgpuManager, u => u.IsActive || u.IsStarting
            ? Pass($"{u.Unit}: {u.Text}")
            : FailUnit(p, u, "it was stopped or has failed; no vGPU starts without it",
                "see why, and start it: journalctl -b -u nvidia-vgpu-mgr; systemctl start nvidia-vgpu-mgr")))
        {
            IsRepairable = true
        },
        new("SriovUnitFailed", Area, "Proxmox's unit for functions succeeded", CheckFunctionUnits),
        new("BootServiceDisabled", Area, "the layout is applied at boot",
            p => Enabled(p, HostUnits.Boot)) { IsRepairable = true },
        new("SweepTimerDisabled", Area, "the sweep runs every minute",
            p => Enabled(p, HostUnits.SweepTimer)) { IsRepairable = true },
        new("BootServiceFailed", Area, "the boot service succeeded",
            p => p.Facts.FindUnit(HostUnits.Boot) is not { IsInstalled: true } unit
            ? Skip($"{HostUnits.Boot} is not installed")
            : unit.HasFailed
                ? FailUnit(p, unit, "the layout could not be applied to a GPU",
                    "see which and why: journalctl -b -u vgpups; Compare-VgpuLayout")
                : Pass($"{unit.Unit}: {unit.Text}")),
        new("SweepFailed", Area, "the last sweep succeeded",
            p => p.Facts.FindUnit(HostUnits.Sweep) is not { IsInstalled: true } unit
            ? Skip($"{HostUnits.Sweep} is not installed")
            : unit.HasFailed
                ? FailUnit(p, unit, "the sweep could not release what is orphaned", "see why: vgpu-hook sweep")
                : Pass($"{unit.Unit}: {unit.Text}")),
    ];

    /// <summary>A failed unit's finding, with its own last error lines; where these are known they decide.</summary>
    private static CheckOutcome FailUnit(DoctorSnapshot p, ServiceState unit, string cause, string fix)
    {
        var lines = unit.HasFailed && p.Facts.Journals.IsRead ? HostLog.LastRun(p.Facts.JournalOf(unit.Unit)) : [];
        var quote = HostLog.QuoteErrors(lines);
        var known = KnownFailures.Find(p, lines);
        return Fail(
            $"{unit.Unit}: {unit.Text}{(quote.Length > 0 ? $"; {quote}" : "")}", known?.Cause ?? cause,
            known?.Fix ?? fix) with
        {
            RepairIsVain = known is not null
        };
    }

    private static CheckOutcome CheckFunctionUnits(DoctorSnapshot p)
    {
        var units = p.Facts.Units.Where(u => u.Unit.StartsWith("pve-nvidia-sriov@", StringComparison.Ordinal)).ToList();
        return units.Count == 0 ? Skip("there is no such unit")
            : units.Find(u => u.HasFailed) is { } failed
            ? FailUnit(p, failed, "it could not enable the functions", "see why, and run it again: "
                + $"journalctl -b -u {failed.Unit}; systemctl restart {failed.Unit}")
            : Pass(string.Join("; ", units.Select(u => $"{u.Unit}: {u.Text}")));
    }

    private static CheckOutcome OnVgpuDriver(DoctorSnapshot p, string name, Func<ServiceState, CheckOutcome> look) =>
        !p.Driver.IsLoaded ? Skip("the driver is not loaded")
        : !p.Driver.HasVgpuManager ? Skip("see DriverWrongFlavour")
        : p.Facts.FindUnit(name) is { } unit ? look(unit) : Skip("systemd did not answer");

    private static CheckOutcome Enabled(DoctorSnapshot p, string unit) => p.Host.Services.IsEnabled(unit) switch
    {
        null => Skip($"{unit} is not installed"),
        true => Pass($"{unit} is enabled"),
        false => Warn(
            $"{unit} is not enabled", unit == HostUnits.Boot
                ? "functions, instances and scheduler are lost after a reboot, and nothing restores them"
                : "orphaned objects of a failed start or a migration remain until the next start",
            $"enable it: systemctl enable --now {unit}"),
    };
}
