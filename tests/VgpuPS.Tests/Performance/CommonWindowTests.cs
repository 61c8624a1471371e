using FsCheck;
using FsCheck.Fluent;
using VgpuPS.Core.Performance;
using Xunit;

namespace VgpuPS.Tests.Performance;

public sealed class CommonWindowTests
{
    private const double Start = 1_764_500_000;

    [Fact]
    public void The_question_that_was_answered_fastest_gives_the_clock()
    {
        var clock = GuestClock.Of(
        [
            new(Start, Start + 3601, Start + 4), new(Start + 10, Start + 3610.25, Start + 10.5),
            new(Start + 20, Start + 3622, Start + 22),
        ]);
        Assert.Equal((3600, 0.25), (clock.OffsetSeconds, clock.UncertaintySeconds));
        Assert.Equal(Start, clock.ToHost(clock.ToGuest(Start)));
    }

    [Fact]
    public void One_guest_alone_counts_whole()
    {
        var run = Run(3600, 2, Start, 10);
        var window = CommonWindow.Of([run])!;
        Assert.Equal(10, window.Seconds, 6);
        Assert.Equal(40, window.Cut(run).Count);
    }

    [Fact]
    public void Both_ends_are_cut_by_half_of_the_round_trip()
    {
        GuestRun[] runs = [Run(0, 0.5, Start, 10), Run(-3600, 0.5, Start, 10)];
        var window = CommonWindow.Of(runs)!;
        Assert.Equal((Start + 0.5, Start + 9.5), (window.StartSeconds, window.EndSeconds));
        Assert.All(runs, r => Assert.Equal(32, window.Cut(r).Count));
    }

    [Fact]
    public void Guests_that_never_worked_together_have_no_common_time()
    {
        Assert.Null(CommonWindow.Of([Run(0, 0.1, Start, 5), Run(0, 0.1, Start + 5, 5)]));
        Assert.Null(CommonWindow.Of([Run(0, 3, Start, 5), Run(0, 3, Start, 5)]));
    }

    // Whatever the clocks say within what they may be wrong: what counts was within the time in which all worked.
    [Fact]
    public void What_counts_was_measured_while_all_worked()
    {
        var checks = 0;
        Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<Guest>>(), drawn =>
        {
            var guests = drawn.Get.Take(6).ToList();
            var runs = guests.Select(g => g.ToRun()).ToList();
            if (guests.Count < 2 || CommonWindow.Of(runs) is not { } window)
            {
                return true;
            }

            var from = guests.Max(g => g.Begins);
            var to = guests.Min(g => g.Begins + g.Length);
            foreach (var (guest, run) in guests.Zip(runs))
            {
                foreach (var sample in window.Cut(run))
                {
                    checks++;
                    var begun = sample.StartSeconds - guest.TrueOffset;
                    Assert.True(begun >= from - 1e-6, $"{begun} {from}");
                    Assert.True(sample.EndSeconds - guest.TrueOffset <= to + 1e-6);
                }
            }

            return true;
        }).Holds(1000);
        Assert.True(checks > 1000, $"{checks}");
    }

    [Theory]
    [InlineData(new[] { 5.0 }, 5, null)]
    [InlineData(new[] { 4.0, 2 }, 3, 1.0)]
    [InlineData(new[] { 5.0, 1, 4, 2, 3 }, 3, 2.0)]
    public void Samples_come_to_their_median_and_the_distance_of_quartiles(
        double[] samples, double median, double? spread) =>
        Assert.Equal(new SampleSummary(median, spread), SampleSummary.Of(samples));

    private static GuestRun Run(double offset, double doubt, double start, double length)
    {
        var clock = new GuestClock(offset, doubt);
        return new GuestRun(
            [.. Enumerable.Range(0, (int)(length * 4)).Select(i => new BenchSample(
                clock.ToGuest(start + (i * 0.25)), clock.ToGuest(start + ((i + 1) * 0.25)), 25))],
            clock);
    }

    /// <summary>A guest whose clock is measured with an error that is within what is said of it.</summary>
    public sealed record Guest(NonNegativeInt Late, PositiveInt Samples, int Offset, byte Error, byte Doubt)
    {
        public double TrueOffset => Offset * 1.37;

        public double Begins => Start + (Late.Get % 50 / 50.0);

        public double Length => ((Samples.Get % 40) + 10) * 0.25;

        public GuestRun ToRun()
        {
            var doubt = Doubt / 500.0;
            var measured = TrueOffset + (((Error / 127.5) - 1) * doubt);
            return new GuestRun(
                [.. Enumerable.Range(0, (int)(Length * 4)).Select(i => new BenchSample(
                    Begins + TrueOffset + (i * 0.25), Begins + TrueOffset + ((i + 1) * 0.25), 1))],
                new GuestClock(measured, doubt));
        }
    }
}
