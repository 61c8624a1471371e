using VgpuPS.Core.Platform;

namespace VgpuPS.Host.Operations.Boot;

/// <summary>Says of the driver's services what is missing, and whether waiting can help.</summary>
/// <remarks>
/// Source: facts/host-behaviour.md 7 (nvidia-vgpud registers the types and ends, nvidia-vgpu-mgr stays),
/// facts/proxmox.md (f) (Proxmox's units that enable functions).
/// </remarks>
internal sealed class ServiceCheck(IReadOnlyList<ServiceState> services, string elapsed)
{
    public const string TypesUnit = "nvidia-vgpud.service";
    public const string ManagerUnit = "nvidia-vgpu-mgr.service";
    public const string FunctionsUnits = HostUnits.SriovPattern;

    /// <summary>Whether a unit enables functions at this moment: the GPUs must be left alone meanwhile.</summary>
    public bool FunctionsAreBeingEnabled => FunctionsUnit is not null;

    private ServiceState? FunctionsUnit =>
        services.FirstOrDefault(s => s.Unit.StartsWith("pve-nvidia-sriov@", StringComparison.Ordinal) && s.IsStarting);

    /// <summary>What is worth knowing and no failure.</summary>
    public IEnumerable<string> Notes()
    {
        foreach (var missing in services.Where(s => !s.IsInstalled))
        {
            yield return $"this host has no unit {missing.Unit}";
        }

        foreach (var failed in services.Where(
            s => s.HasFailed && s.Unit.StartsWith("pve-nvidia-sriov@", StringComparison.Ordinal)))
        {
            yield return $"{failed.Unit} has failed ({failed.Result}); see journalctl -b -u {failed.Unit}";
        }
    }

    /// <summary>Failures that no waiting heals.</summary>
    public IEnumerable<VgpuException> Failures()
    {
        if (Find(TypesUnit) is { HasFailed: true } types)
        {
            yield return new HostNotReadyException(
                ErrorIds.DriverNotReady, $"{TypesUnit} has failed ({types.Result}): the driver knows no vGPU types",
                $"see why: journalctl -b -u {TypesUnit}; then: systemctl restart {TypesUnit}; vgpu-hook boot",
                TypesUnit);
        }

        if (Find(ManagerUnit) is { HasFailed: true } manager)
        {
            yield return new HostNotReadyException(
                ErrorIds.DriverNotReady, $"{ManagerUnit} has failed ({manager.Result}): no vGPU can run",
                $"see why: journalctl -b -u {ManagerUnit}; then: systemctl restart {ManagerUnit}; vgpu-hook boot",
                ManagerUnit);
        }
    }

    /// <summary>What is not there yet, as the failure that it becomes when the time is over.</summary>
    /// <param name="typesAreKnown">Whether the driver knows vGPU types, whatever the daemon is doing.</param>
    public IEnumerable<VgpuException> Pending(Func<bool> typesAreKnown)
    {
        if (FunctionsUnit is { } functions)
        {
            yield return NotInTime(
                $"{functions.Unit} still enables functions",
                $"see what it waits for: journalctl -b -u {functions.Unit}; then: vgpu-hook boot",
                functions.Unit);
        }

        if (Find(TypesUnit) is { IsInstalled: true, HasFailed: false } types
            && !(types is { Active: "inactive", HasEnded: true, IsQueued: false }) && !typesAreKnown())
        {
            yield return NotInTime(
                $"{TypesUnit} has not finished, it is {types.Text}",
                $"see what it waits for: journalctl -b -u {TypesUnit}; then: systemctl restart {TypesUnit}; "
                    + "vgpu-hook boot", TypesUnit);
        }

        if (Find(ManagerUnit) is { IsInstalled: true, HasFailed: false, IsActive: false } manager)
        {
            yield return NotInTime(
                $"{ManagerUnit} does not run, it is {manager.Text}",
                $"see why: journalctl -b -u {ManagerUnit}; then: systemctl start {ManagerUnit}; vgpu-hook boot",
                ManagerUnit);
        }
    }

    private ServiceState? Find(string unit) => services.FirstOrDefault(s => s.Unit == unit);

    private HostTimeoutException NotInTime(string what, string action, string target) =>
        new(ErrorIds.Timeout, $"{what} after {elapsed}", action, target);
}
