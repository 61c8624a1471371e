namespace VgpuPS.Core.Performance;

/// <summary>A guest's clock against the host's.</summary>
/// <param name="OffsetSeconds">The guest's clock less the host's.</param>
/// <param name="UncertaintySeconds">By how much the offset may be wrong at most: half of the round trip in which it
/// was measured.</param>
/// <remarks>
/// The guest read its clock at some moment between question and answer; the middle is wrong by half of the time
/// between them at most, whatever the way is like.
/// </remarks>
public readonly record struct GuestClock(double OffsetSeconds, double UncertaintySeconds)
{
    /// <summary>The offset by the question that was answered fastest.</summary>
    /// <param name="probes">One or more.</param>
    public static GuestClock Of(IEnumerable<ClockProbe> probes)
    {
        var best = probes.MinBy(p => p.HostAfter - p.HostBefore);
        var half = Math.Max(0, best.HostAfter - best.HostBefore) / 2;
        return new GuestClock(best.Guest - (best.HostBefore + half), half);
    }

    /// <summary>A moment of the host by the guest's clock.</summary>
    public double ToGuest(double hostSeconds) => hostSeconds + OffsetSeconds;

    /// <summary>A moment of the guest by the host's clock.</summary>
    public double ToHost(double guestSeconds) => guestSeconds - OffsetSeconds;
}

/// <summary>A question for a guest's clock; all three in seconds since 1970.</summary>
/// <param name="HostBefore">When it was asked, by the host's clock.</param>
/// <param name="Guest">What the guest answered.</param>
/// <param name="HostAfter">When the answer came, by the host's clock.</param>
public readonly record struct ClockProbe(double HostBefore, double Guest, double HostAfter);

/// <summary>What a guest measured, and how its clock goes.</summary>
/// <param name="Samples">Its samples by its own clock, ascending; one at least.</param>
/// <param name="Clock">Its clock.</param>
public sealed record GuestRun(IReadOnlyList<BenchSample> Samples, GuestClock Clock);

/// <summary>The time in which all guests worked for certain, by the host's clock.</summary>
/// <param name="StartSeconds">Its start, in seconds since 1970.</param>
/// <param name="EndSeconds">Its end, later than the start.</param>
public sealed record CommonWindow(double StartSeconds, double EndSeconds)
{
    /// <summary>Its length in seconds.</summary>
    public double Seconds => EndSeconds - StartSeconds;

    // One guest has nobody to be compared with, so that its clock does not matter.
    private bool IsCertain { get; init; }

    /// <summary>The common time; null where there is none.</summary>
    /// <param name="runs">One or more.</param>
    /// <remarks>
    /// Each end is cut by what the clock of the guest that decides it may be wrong: half of a round trip.
    /// </remarks>
    public static CommonWindow? Of(IReadOnlyCollection<GuestRun> runs)
    {
        var isCertain = runs.Count == 1;
        var start = runs.Max(r => r.Clock.ToHost(r.Samples[0].StartSeconds) + Doubt(r, isCertain));
        var end = runs.Min(r => r.Clock.ToHost(r.Samples[^1].EndSeconds) - Doubt(r, isCertain));
        return end > start ? new CommonWindow(start, end) { IsCertain = isCertain } : null;
    }

    /// <summary>A guest's samples that lie wholly in it, however its clock may be wrong.</summary>
    public IReadOnlyList<BenchSample> Cut(GuestRun run)
    {
        var doubt = Doubt(run, IsCertain);
        return [.. run.Samples.Where(s => IsIn(run.Clock.ToHost(s.StartSeconds) - doubt)
            && IsIn(run.Clock.ToHost(s.EndSeconds) + doubt))];
    }

    private bool IsIn(double moment) => moment >= StartSeconds && moment <= EndSeconds;

    private static double Doubt(GuestRun run, bool isCertain) => isCertain ? 0 : run.Clock.UncertaintySeconds;
}
