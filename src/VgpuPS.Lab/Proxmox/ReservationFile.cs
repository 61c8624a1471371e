using System.Text.Json.Nodes;

namespace VgpuPS.Lab.Proxmox;

/// <summary>Proxmox's reservations of PCI functions.</summary>
/// <remarks>
/// Source: facts/proxmox.md (e), PVE::QemuServer::PCI reserve_pci_usage and remove_pci_reservation; recordings.
/// </remarks>
internal sealed class ReservationFile(PveHost host)
{
    // An entry lives a little longer than what it covers.
    private const int Slack = 5;

    private static readonly TimeSpan s_reserveWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_removeWait = TimeSpan.FromSeconds(2);

    public IReadOnlyList<PciReservation> Of(VmId vm) => Read().Of(vm);

    public Task ReserveAsync(
        IReadOnlyCollection<PciAddress> functions, VmId vm, int seconds, CancellationToken cancellationToken) =>
        ReserveAsync(
            functions, vm, ("seconds", seconds),
            now => (lines => KeepLonger(lines, functions, vm, now.AddSeconds(seconds + Slack))), cancellationToken);

    public Task ReserveForPidAsync(
        IReadOnlyCollection<PciAddress> functions, VmId vm, int pid, CancellationToken cancellationToken) =>
        ReserveAsync(
            functions, vm, ("pid", pid), _ => (lines => lines.WithPid(functions, vm, pid)), cancellationToken);

    /// <summary>Releases functions of the VM, or all of them.</summary>
    public async Task RemoveAsync(
        IReadOnlyCollection<PciAddress>? functions, VmId vm, CancellationToken cancellationToken)
    {
        using var held = await LockAsync(s_removeWait, cancellationToken).ConfigureAwait(false);
        host.Timeline.Record("unreserve", ("ids", functions is null ? "all" : Ids(functions)));
        Write(lines => functions is null ? lines.Without(vm) : lines.Without(functions, vm));
    }

    // Source: facts/proxmox-reservations.md, point 1: of two times of one VM the longer is kept.
    private static PciReservations KeepLonger(
        PciReservations lines, IReadOnlyCollection<PciAddress> functions, VmId vm, DateTimeOffset end) =>
        functions.Aggregate(lines, (kept, function) =>
            lines.Find(function) is { ExpiresAt: { } own } line && line.Vm == vm && own > end.ToUnixTimeSeconds()
                ? kept
                : kept.WithTime([function], vm, end));

    private static JsonArray Ids(IEnumerable<PciAddress> functions) =>
        LabTimeline.List(functions.Select(function => function.ToString()).Order(StringComparer.Ordinal));

    private async Task ReserveAsync(
        IReadOnlyCollection<PciAddress> functions,
        VmId vm,
        (string Name, JsonNode? Value) term,
        Func<DateTimeOffset, Func<PciReservations, PciReservations>> changeAt,
        CancellationToken cancellationToken)
    {
        using var held = await LockAsync(s_reserveWait, cancellationToken).ConfigureAwait(false);
        var lines = Read();
        var now = host.Machine.Clock.GetUtcNow();
        foreach (var function in functions)
        {
            var verdict = lines.Judge(function, vm, now, (pid, owner) => host.Machine.GetQemuPid(owner) == pid);
            if (verdict.Warning is { } warning)
            {
                host.Warn(warning);
            }

            if (verdict.Error is { } error)
            {
                host.Timeline.Record("reserve", ("ids", Ids(functions)), term, ("error", error));
                throw new ProxmoxFailure(error);
            }
        }

        host.Timeline.Record("reserve", ("ids", Ids(functions)), term);
        Write(changeAt(now));
    }

    private PciReservations Read() =>
        PciReservations.Read(Encoding.ASCII.GetBytes(host.ReadText(PvePaths.Reservations) ?? ""));

    private void Write(Func<PciReservations, PciReservations> change)
    {
        var before = host.ReadText(PvePaths.Reservations) ?? "";
        var changed = change(Read());
        var after = Encoding.ASCII.GetString(changed.Write());
        host.WriteFile(PvePaths.Reservations, after, PvePaths.FileMode);
        if (after != before)
        {
            host.Timeline.Record(
                "reservations", ("lines", LabTimeline.List(changed.All.Select(line => line.ToString()))));
        }
    }

    private Task<IHostFileLock> LockAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        host.LockAsync(PvePaths.ReservationsLock, PvePaths.ReservationsLock, limit, cancellationToken);
}
