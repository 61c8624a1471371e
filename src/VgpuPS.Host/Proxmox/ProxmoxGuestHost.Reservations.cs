using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Pci;
using VgpuPS.Host.Seams;
using VgpuPS.Host.State;

namespace VgpuPS.Host.Proxmox;

public sealed partial class ProxmoxGuestHost
{
    private const string ReservationsName = "The file of PCI reservations";
    private const int ReservationsLimit = 16 * 1024 * 1024;
    private const int ReservationsMode = 0b110_100_100;
    private const int RunFolderMode = 0b111_101_000;

    // As long as Proxmox itself waits.
    private static readonly TimeSpan s_reserveWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_unreserveWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_lockPoll = TimeSpan.FromMilliseconds(20);

    /// <summary>PCI functions that VMs have reserved, as the file stands, in its order.</summary>
    public IReadOnlyList<FunctionReservation> GetReservations()
    {
        var now = clock.GetUtcNow();
        var found = new List<FunctionReservation>();
        foreach (var line in ReadReservations().All)
        {
            if (PciAddress.TryParse(line.Id, out var function))
            {
                var isHeld = line.Pid is { } pid
                    ? IsLiveQemu(pid, line.Vm)
                    : line.ExpiresAt > now.ToUnixTimeSeconds();
                found.Add(new FunctionReservation(function, line.Vm, isHeld));
            }
        }

        return found;
    }

    /// <summary>
    /// Adds this VM's reservation of a function, under Proxmox's own lock; one that holds for half the time and more stays.
    /// </summary>
    /// <param name="function">The function.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="time">How long it holds unless Proxmox renews it.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <exception cref="ResourceBusyException">Another VM holds it (<see cref="ErrorIds.FunctionHeld"/>), or the lock.</exception>
    /// <exception cref="HostNotReadyException">The file cannot be written.</exception>
    public async Task ReserveAsync(
        PciAddress function, VmId vm, TimeSpan time, CancellationToken cancellationToken)
    {
        using var held = await LockReservationsAsync(s_reserveWait, cancellationToken).ConfigureAwait(false);
        var reservations = ReadReservations();
        var now = clock.GetUtcNow();
        if (reservations.Judge(function, vm, now, IsLiveQemu).Holder is { } other)
        {
            throw new ResourceBusyException(
                ErrorIds.FunctionHeld, $"The function {function} is reserved by VM {other}.",
                $"Stop that VM with `qm shutdown {other}`, or give VM {vm} another function with `qm set {vm}`.",
                function.ToString());
        }

        if (reservations.Find(function) is { ExpiresAt: { } end } own && own.Vm == vm
            && end >= (now + (time / 2)).ToUnixTimeSeconds())
        {
            return;
        }

        Write(reservations.WithTime([function], vm, now + time));
    }

    /// <summary>Drops this VM's reservation of a function, if it has one.</summary>
    /// <param name="function">The function.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <exception cref="ResourceBusyException">The lock was not had in time.</exception>
    public async Task UnreserveAsync(PciAddress function, VmId vm, CancellationToken cancellationToken)
    {
        if (ReadReservations().Find(function)?.Vm != vm)
        {
            return;
        }

        using var held = await LockReservationsAsync(s_unreserveWait, cancellationToken).ConfigureAwait(false);
        var reservations = ReadReservations();
        if (reservations.Find(function)?.Vm == vm)
        {
            Write(reservations.Without([function], vm));
        }
    }

    private PciReservations ReadReservations() => PciReservations.Read(
        TryRead(ProxmoxPaths.Reservations, ReservationsLimit, ReservationsName) ?? []);

    private void Write(PciReservations reservations)
    {
        var content = reservations.Write();
        try
        {
            files.WriteWhole(ProxmoxPaths.Reservations, content, ReservationsMode);
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForWrite(failure, ReservationsName);
        }

        if (TryRead(ProxmoxPaths.Reservations, ReservationsLimit, ReservationsName) is not { } kept
            || !kept.AsSpan().SequenceEqual(content))
        {
            throw HostFileErrors.NotKept(ProxmoxPaths.Reservations, ReservationsName);
        }
    }

    private async Task<IHostFileLock> LockReservationsAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        while (true)
        {
            if (TryLockReservations() is { } held)
            {
                return held;
            }

            if (clock.GetElapsedTime(since) >= limit)
            {
                throw new ResourceBusyException(
                    ErrorIds.ResourceBusy,
                    $"Proxmox's lock {ProxmoxPaths.ReservationsLock} was not free within {limit.TotalSeconds} s.",
                    $"See who holds it with `fuser -v {ProxmoxPaths.ReservationsLock}`, then start the VM again.",
                    ProxmoxPaths.ReservationsLock);
            }

            await Task.Delay(s_lockPoll, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private IHostFileLock? TryLockReservations()
    {
        try
        {
            // Made by tmpfiles on every host; its group and mode are not ours to change, so it is made only if missing.
            if (files.GetInfo(ProxmoxPaths.RunFolder) is null)
            {
                files.CreateDirectory(ProxmoxPaths.RunFolder, RunFolderMode);
            }

            return files.TryLock(ProxmoxPaths.ReservationsLock, ReservationsMode);
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForWrite(failure, "The lock of PCI reservations");
        }
    }
}
