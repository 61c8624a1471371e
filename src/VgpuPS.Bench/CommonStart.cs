namespace VgpuPS.Bench;

/// <summary>A moment by this machine's clock at which several guests begin.</summary>
internal static class CommonStart
{
    /// <summary>How far ahead it may be.</summary>
    public const double MaxAheadSeconds = 3600;

    /// <summary>How late a start may be.</summary>
    public const double MaxLateSeconds = 1;

    // A sleep may take as much longer.
    private const double SpinSeconds = 0.002;

    /// <summary>Refuses a start that cannot be kept.</summary>
    /// <param name="startAt">The moment, in seconds of Unix time.</param>
    /// <param name="now">What time it is.</param>
    /// <param name="state">What has been done: <c>set up and warm</c>.</param>
    /// <exception cref="BenchFailure">It is past, or hours away.</exception>
    public static void Require(double startAt, DateTimeOffset now, string state)
    {
        var ahead = Ahead(startAt, now);
        if (ahead > MaxAheadSeconds)
        {
            throw new BenchFailure(
                ExitCodes.Usage, Text($"--start-at {startAt:0.###} is {ahead:0} s ahead of this guest's clock"),
                "give Unix time in seconds by this guest's clock (vgpu-bench clock), an hour ahead at most");
        }

        if (ahead < -MaxLateSeconds)
        {
            throw new BenchFailure(
                ExitCodes.TryAgain, Text($"{state} {-ahead:0.000} s after --start-at {startAt:0.###}"),
                "give a later start, by this guest's clock (vgpu-bench clock): the first run in a guest may take half "
                    + "a minute to set up");
        }
    }

    /// <summary>Waits for it, to within microseconds.</summary>
    public static void Await(double startAt, TimeProvider clock, CancellationToken cancellationToken)
    {
        while (Ahead(startAt, clock.GetUtcNow()) is > 0 and var ahead)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (ahead > SpinSeconds)
            {
                cancellationToken.WaitHandle.WaitOne(TimeSpan.FromSeconds(Math.Min(60, ahead - SpinSeconds)));
            }
            else
            {
                Thread.SpinWait(20);
            }
        }
    }

    private static double Ahead(double startAt, DateTimeOffset now) =>
        startAt - (now - DateTimeOffset.UnixEpoch).TotalSeconds;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
