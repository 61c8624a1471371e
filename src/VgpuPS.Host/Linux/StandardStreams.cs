namespace VgpuPS.Host.Linux;

/// <summary>The three descriptors that a program is started with.</summary>
public static class StandardStreams
{
    private const int GetFlags = 1;

    /// <summary>
    /// Fills those that are closed, before anything else is opened: the next file, such as a lock, would get their number and
    /// be written to. Output to a closed one fails like output to a full disk, and input ends at once.
    /// </summary>
    public static void Fill()
    {
        for (var descriptor = 0; descriptor <= 2; descriptor++)
        {
            if (Libc.Control(descriptor, GetFlags, 0) < 0)
            {
                // The lowest free number is the one that is missing.
                _ = Libc.Open(descriptor == 0 ? "/dev/null" : "/dev/full", descriptor == 0 ? Libc.ReadOnly : Libc.WriteOnly, 0);
            }
        }
    }
}
