namespace VgpuPS.Host.Operations.Guests;

/// <summary>Keeps two changes of one guest apart, from whichever host they come: the lock lies in the guest.</summary>
internal static class GuestLock
{
    /// <summary>Works while the lock is held.</summary>
    /// <exception cref="ResourceBusyException">Another user or program has it.</exception>
    public static async Task HoldAsync(
        HostPorts host, GuestOs os, Func<Task> work, CancellationToken cancellationToken)
    {
        await os.LockAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await work().ConfigureAwait(false);
        }
        finally
        {
            await ReleaseAsync(host, os).ConfigureAwait(false);
        }
    }

    /// <summary>Gives a lock back that was taken.</summary>
    public static async Task ReleaseAsync(HostPorts host, GuestOs os)
    {
        try
        {
            await os.UnlockAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (VgpuException e)
        {
            host.Warn($"the lock in {os.Guest.Vm.Label} was not released and expires in 15 minutes: {e.Message}");
        }
    }
}
