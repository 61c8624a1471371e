namespace VgpuPS.Host.Proxmox;

public sealed partial class ProxmoxHost
{
    private const string ReservationsName = "the file of PCI reservations";
    private const int ReservationsLimit = 16 * 1024 * 1024;
    private const int ReservationsMode = FileModes.Mode644;
    private const int RunFolderMode = FileModes.Mode750;

    // A line with this part of its time left is not rewritten: hooks run in bursts.
    private const double RenewalShare = 0.9;

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
                found.Add(new FunctionReservation(function, line.Vm, isHeld) { IsByProcess = line.Pid is not null });
            }
        }

        return found;
    }

    /// <inheritdoc/>
    /// <exception cref="HostNotReadyException">The file cannot be written.</exception>
    public async Task<PciAddress?> ReserveFirstAsync(
        IReadOnlyList<PciAddress> functions, VmId vm, TimeSpan time, CancellationToken cancellationToken)
    {
        using var held = await LockReservationsAsync(s_reserveWait, cancellationToken).ConfigureAwait(false);
        var before = ReadReservations();
        var now = clock.GetUtcNow();
        foreach (var function in functions)
        {
            if (!before.IsHeldByOther(function, vm, now, IsLiveQemu))
            {
                WriteChanged(before, Renew(before, function, vm, now, time));
                return function;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    /// <exception cref="HostNotReadyException">The file cannot be written.</exception>
    public async Task<IReadOnlyList<FunctionReservation>> RenewAsync(
        IReadOnlyList<(PciAddress Function, VmId Vm)> reservations, TimeSpan time, CancellationToken cancellationToken)
    {
        using var held = await LockReservationsAsync(s_reserveWait, cancellationToken).ConfigureAwait(false);
        var before = ReadReservations();
        var now = clock.GetUtcNow();
        var (after, lost) = (before, new List<FunctionReservation>());
        foreach (var (function, vm) in reservations)
        {
            if (before.Judge(function, vm, now, IsLiveQemu).Holder is { } other)
            {
                lost.Add(new FunctionReservation(function, other, IsHeld: true));
            }
            else
            {
                after = Renew(after, function, vm, now, time);
            }
        }

        WriteChanged(before, after);
        return lost;
    }

    /// <summary>The VM's line with this time; one of its running QEMU, or one that holds nearly as long,
    /// stays.</summary>
    private PciReservations Renew(
        PciReservations reservations, PciAddress function, VmId vm, DateTimeOffset now, TimeSpan time)
    {
        var own = reservations.Find(function) is { } line && line.Vm == vm ? line : null;
        var isEnough = own is { Pid: { } pid }
            ? IsLiveQemu(pid, vm)
            : own is { ExpiresAt: { } end } && end >= (now + (time * RenewalShare)).ToUnixTimeSeconds();
        return isEnough ? reservations : reservations.WithTime([function], vm, now + time);
    }

    private void WriteChanged(PciReservations before, PciReservations after)
    {
        if (after != before)
        {
            Write(after);
        }
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
                    $"Proxmox's lock {ProxmoxPaths.ReservationsLock} was not free within {limit.TotalSeconds} s",
                    $"see what holds it (fuser -v {ProxmoxPaths.ReservationsLock}), then start the VM again",
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
            throw HostFileErrors.ForWrite(failure, "the lock of PCI reservations");
        }
    }
}
