using VgpuPS.Core.Errors;
using VgpuPS.Core.Performance;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Performance;

public sealed class SharingComparisonTests
{
    private static readonly IReadOnlyList<VgpuSharingInfo> s_article =
        SharingComparison.Of(ArticleStudy.TimeSliced(), ArticleStudy.MigBacked()).Rows;

    /// <summary>The article's table, its percentages, and what follows of it by hand: sums of four, their share of 32
    /// and 933 GB/s and of 82 TFLOP/s in percent, what a loaded sum lacks of the idle value in percent.</summary>
    public static TheoryData<string, string, double[], double[], double[], double?> Article => new()
    {
        { "HostToDevice", "Idle", [25.2, 25.2], [25.2, 25.2], [78.75, 78.75], null },
        { "HostToDevice", "Loaded", [6.3, 6.3], [25.2, 25.2], [78.75, 78.75], 0 },
        { "DeviceToHost", "Idle", [26.2, 26.3], [26.2, 26.3], [81.88, 82.19], null },
        { "DeviceToHost", "Loaded", [6.6, 6.6], [26.4, 26.4], [82.5, 82.5], -0.76 },
        { "DeviceMemory", "Idle", [786, 196], [786, 196], [84.24, 21.01], null },
        { "DeviceMemory", "Loaded", [160, 196], [640, 784], [68.6, 84.03], 18.58 },
        { "SmallGemm", "Idle", [6680, 6550], [6680, 6550], [8.15, 7.99], null },
        { "SmallGemm", "Loaded", [1410, 6550], [5640, 26200], [6.88, 31.95], 15.57 },
        { "LargeGemm", "Idle", [68800, 16000], [68800, 16000], [83.9, 19.51], null },
        { "LargeGemm", "Loaded", [14500, 15300], [58000, 61200], [70.73, 74.63], 15.7 },
    };

    [Theory]
    [MemberData(nameof(Article))]
    public void The_articles_table_comes_out(
        string workload, string mode, double[] values, double[] sums, double[] percent, double? price)
    {
        var row = Row(s_article, workload, mode);
        Near([row.ReferenceValue, row.DifferenceValue], values);
        Near([row.ReferenceSum, row.DifferenceSum], sums);
        Near([100 * row.ReferenceEfficiency, 100 * row.DifferenceEfficiency], percent);
        Assert.Equal(price, row.ReferenceSwitchingPrice is { } p ? Math.Round(100 * p, 2) : null);
        Assert.Null(row.DifferenceSwitchingPrice);
    }

    [Fact]
    public void Rows_come_as_in_the_article_and_say_what_the_sides_are()
    {
        Assert.Equal(Article.Select(a => (a.Data.Item1, a.Data.Item2)), s_article.Select(r => (r.Workload, r.Mode)));
        Assert.All(s_article, r => Assert.Equal(
            ("4 x A30-6C time-sliced", "4 x A30-1-6C MIG-backed", "lab"), (r.Reference, r.Difference, r.VgpuHost)));
        Assert.All(s_article, r => Assert.Empty(r.Notes));
    }

    [Fact]
    public void The_change_is_absolute_and_in_percent_and_from_idle_to_loaded()
    {
        var row = Row(s_article, "DeviceMemory", "Loaded");
        Near([row.Change, row.ChangePercent], [36, 22.5]);
        Near([row.ReferenceLoadedChangePercent, row.DifferenceLoadedChangePercent], [-79.64, 0]);
        Assert.Null(Row(s_article, "DeviceMemory", "Idle").ReferenceLoadedChangePercent);
    }

    /// <summary>Half a spread of 1 % on both sides: the root of 0.8 and 0.98 squared.</summary>
    [Fact]
    public void Noise_is_half_the_spreads_of_both_sides_and_a_change_may_be_within_it()
    {
        var row = Row(s_article, "DeviceMemory", "Loaded");
        Near([row.Noise, row.NoisePercent], [1.27, 0.79]);
        Assert.True(row.IsAboveNoise);
        Assert.False(Row(s_article, "DeviceToHost", "Idle").IsAboveNoise);
        Assert.False(Row(s_article, "HostToDevice", "Loaded").IsAboveNoise);
    }

    [Fact]
    public void Repeats_are_pooled_and_what_they_differ_by_is_noise()
    {
        VgpuPerformanceInfo[] twice = [ArticleStudy.Result(770), ArticleStudy.Result(790)];
        var row = Assert.Single(SharingComparison.Of(twice, [ArticleStudy.Result(800)]).Rows);
        Near([row.ReferenceValue, row.ReferenceSum], [780, 780]);
        Assert.Equal([780], row.ReferenceValues);
        Near([row.Noise], [Math.Sqrt(200 + 16)]);
        var same = Assert.Single(SharingComparison.Of([.. twice, .. twice], [ArticleStudy.Result(800)]).Rows);
        Near([same.ReferenceValue, same.Noise], [780, Math.Sqrt((400.0 / 3) + 16)]);
    }

    [Fact]
    public void Without_spread_or_repeats_the_noise_is_not_known()
    {
        var row = Assert.Single(SharingComparison.Of(
            [ArticleStudy.Result(786) with { Spread = null }], [ArticleStudy.Result(800)]).Rows);
        Assert.Equal((null, null), (row.Noise, row.IsAboveNoise));
    }

    [Fact]
    public void Nothing_is_divided_by_nothing()
    {
        var row = Assert.Single(SharingComparison.Of(
            [ArticleStudy.Result(0) with { GpuPeak = null }], [ArticleStudy.Result(800)]).Rows);
        Assert.Equal(
            (800, null, null, null), (row.Change, row.ChangePercent, row.NoisePercent, row.ReferenceEfficiency));
    }

    [Fact]
    public void A_side_without_a_workload_is_null_and_said()
    {
        var comparison = SharingComparison.Of(
            ArticleStudy.TimeSliced(), [.. ArticleStudy.MigBacked().Where(r => r.Workload != "SmallGemm")]);
        Assert.Equal(
            ["only the reference has results of SmallGemm Idle, SmallGemm Loaded"], comparison.Warnings);
        var row = Row(comparison.Rows, "SmallGemm", "Loaded");
        Assert.Equal((1410, null, null, null), (row.ReferenceValue, row.DifferenceValue, row.Change, row.Noise));
        Assert.Equal(["the difference has no result of it"], row.Notes);
    }

    [Fact]
    public void Vgpus_that_worked_and_have_no_result_count_as_the_others_and_it_is_said()
    {
        var row = Row(
            SharingComparison.Of(
                [.. ArticleStudy.TimeSliced().Where(r => r.VmId != 103)], ArticleStudy.MigBacked()).Rows,
            "DeviceMemory", "Loaded");
        Near([row.ReferenceSum], [640]);
        Assert.Equal(3, row.ReferenceValues.Count);
        Assert.Equal(
            ["reference: 1 of 4 vGPUs that worked have no result; the sum counts the mean for them"], row.Notes);
    }

    /// <summary>Idle, such a vGPU has its own time slices and not the whole GPU.</summary>
    [Theory]
    [InlineData("EqualShare")]
    [InlineData("FixedShare")]
    public void The_price_of_switching_is_not_known_where_idle_is_not_the_whole_GPU(string policy) => Assert.All(
        SharingComparison.Of(
            [.. ArticleStudy.TimeSliced().Select(r => r with { Conditions = new() { Scheduler = policy } })],
            ArticleStudy.MigBacked()).Rows,
        r => Assert.Null(r.ReferenceSwitchingPrice));

    [Fact]
    public void Two_sides_of_one_sharing_have_both_prices()
    {
        var row = Row(SharingComparison.Of(
            ArticleStudy.TimeSliced(), [.. ArticleStudy.TimeSliced().Select(r => r with { Value = r.Value + 1 })]).Rows,
            "DeviceMemory", "Loaded");
        Near([100 * row.ReferenceSwitchingPrice, 100 * row.DifferenceSwitchingPrice], [18.58, 18.17]);
    }

    /// <summary>Sums and peaks are of one GPU, whatever results of several are there.</summary>
    [Fact]
    public void Several_GPUs_of_a_side_are_means_and_it_is_said()
    {
        var comparison = SharingComparison.Of(
            [
                .. ArticleStudy.TimeSliced(),
                .. ArticleStudy.TimeSliced().Select(r => r with
                {
                    GpuUuid = "GPU-2", GpuAddress = "0000:ca:00.0", Value = r.Value * 1.1,
                }),
            ],
            ArticleStudy.MigBacked());
        var row = Row(comparison.Rows, "DeviceMemory", "Loaded");
        Near([row.ReferenceSum, 100 * row.ReferenceEfficiency], [672, 72.03]);
        Assert.Contains(comparison.Warnings, w => w.StartsWith(
            "the reference has results of several GPUs, 0000:4b:00.0 (NVIDIA A30) of lab, 0000:ca:00.0",
            StringComparison.Ordinal));
    }

    public static TheoryData<Func<VgpuPerformanceInfo, VgpuPerformanceInfo>, string> Others => new()
    {
        {
            r => r with { VgpuHost = "pve2", GpuUuid = "GPU-2" },
            "the results are of different hosts, GPUs: reference 0000:4b:00.0 (NVIDIA A30) of lab, difference "
                + "0000:4b:00.0 (NVIDIA A30) of pve2"
        },
        {
            r => r with { Model = "NVIDIA A100 80GB PCIe", GpuUuid = "GPU-2", GpuAddress = "0000:ca:00.0" },
            "the results are of different boards, GPUs: reference 0000:4b:00.0 (NVIDIA A30) of lab, difference "
                + "0000:ca:00.0 (NVIDIA A100 80GB PCIe) of lab"
        },
        { r => r with { Tool = "Cuda" }, "the results are of different tools: reference Builtin, difference Cuda" },
        {
            r => r with { VgpuCount = 3, WorkingCount = Math.Min(3, r.WorkingCount) },
            "the results are of different numbers of vGPUs on the GPU: reference 4, difference 3|"
                + "the results are of different numbers of vGPUs at work at once: reference 4, difference 3"
        },
        {
            r => r with { Conditions = new() { HostDriver = "570.1", GuestDriver = "570.2" } },
            "the results are of different drivers on the host: reference 580.105.06, difference 570.1"
        },
        { r => r with { Conditions = new() }, "" },
        { r => r with { VgpuHost = "" }, "" },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void What_the_sides_differ_in_is_said_and_stands_in_every_row(
        Func<VgpuPerformanceInfo, VgpuPerformanceInfo> change, string warnings)
    {
        var comparison = SharingComparison.Of(
            ArticleStudy.TimeSliced(), [.. ArticleStudy.MigBacked().Where(r => r.VmId < 104).Select(change)]);
        Assert.Equal(warnings, string.Join('|', comparison.Warnings));
        Assert.All(comparison.Rows, r => Assert.Equal(
            warnings.Length == 0 ? [] : warnings.Split('|'), r.Notes.Where(n => !n.StartsWith("difference:",
                StringComparison.Ordinal))));
    }

    public static TheoryData<Func<VgpuPerformanceInfo, VgpuPerformanceInfo>, string, string> Mixed => new()
    {
        {
            r => r with { Sharing = "MigBacked" }, "of several kinds of vGPUs",
            "$results | Where-Object Sharing -EQ MigBacked"
        },
        {
            r => r with { IsSimulated = true }, "of a GPU and of the model of one",
            "Where-Object IsSimulated -EQ $false"
        },
        { r => r with { Tool = "Cuda" }, "of HostToDevice by several tools", "Where-Object Tool -EQ Builtin" },
        {
            r => r with { WorkingCount = 2 }, "of HostToDevice with several numbers of vGPUs at work at once",
            "Where-Object WorkingCount -EQ 4"
        },
    };

    [Theory]
    [MemberData(nameof(Mixed))]
    public void A_side_of_two_kinds_is_refused(
        Func<VgpuPerformanceInfo, VgpuPerformanceInfo> change, string message, string action)
    {
        List<VgpuPerformanceInfo> mixed =
            [.. ArticleStudy.TimeSliced().Where(r => r.VmId < 103),
                .. ArticleStudy.TimeSliced().Where(r => r.VmId >= 103).Select(change)];
        foreach (var compare in new Action[]
        {
            () => SharingComparison.Of(mixed, ArticleStudy.MigBacked()),
            () => SharingComparison.Of(ArticleStudy.MigBacked(), mixed),
        })
        {
            var failure = Assert.Throws<InvalidRequestException>(compare);
            Assert.Equal(ErrorIds.MeasurementsNotComparable, failure.ErrorId);
            Assert.Contains(message, failure.Message, StringComparison.Ordinal);
            Assert.EndsWith(action, failure.RecommendedAction, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true, "the reference is simulated")]
    [InlineData(false, "the difference is simulated")]
    public void A_model_and_a_GPU_are_not_compared(bool isReference, string message)
    {
        var failure = Assert.Throws<InvalidRequestException>(() => SharingComparison.Of(
            [ArticleStudy.Result(786) with { IsSimulated = isReference }],
            [ArticleStudy.Result(786) with { IsSimulated = !isReference }]));
        Assert.Equal(ErrorIds.MeasurementsNotComparable, failure.ErrorId);
        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Notes_of_measurements_are_in_the_rows_once_for_all_VMs()
    {
        var rows = SharingComparison.Of(
            [.. ArticleStudy.TimeSliced().Select(r => r with { Notes = ["the clocks were held down"] })],
            ArticleStudy.MigBacked()).Rows;
        Assert.All(rows, r => Assert.Equal(["reference, VM 101, 102, 103, 104: the clocks were held down"], r.Notes));
    }

    [Fact]
    public void Types_of_a_side_are_in_the_rows()
    {
        var row = Assert.Single(SharingComparison.Of(
            [ArticleStudy.Result(786) with { Notes = ["the clocks were held back"] }],
            [
                ArticleStudy.Result(196, 102) with { Sharing = "MigBacked", VgpuType = "A30-1-6C" },
                ArticleStudy.Result(392, 103) with { Sharing = "MigBacked", VgpuType = "A30-2-12C" },
            ]).Rows);
        Assert.Equal("1 x A30-1-6C, 1 x A30-2-12C MIG-backed", row.Difference);
        Assert.Equal(
            [
                "the difference has vGPUs of several types, A30-1-6C, A30-2-12C: its values are means over them",
                "reference, VM 101: the clocks were held back",
            ],
            row.Notes);
        Assert.Equal([196, 392], row.DifferenceValues);
    }

    [Theory]
    [InlineData(double.NaN, "Value", "NaN")]
    [InlineData(double.PositiveInfinity, "Value", "Infinity")]
    [InlineData(-1, "Value", "-1")]
    public void A_value_that_cannot_be_is_named(double value, string member, string text)
    {
        var fault = MeasurementCheck.FindFault(ArticleStudy.Result(value) with { Spread = 0 });
        Assert.Equal((member, text), (fault?.Member, fault?.Value));
    }

    public static TheoryData<VgpuPerformanceInfo, string?> Members => new()
    {
        { ArticleStudy.Result(0), null },
        { ArticleStudy.Result(1) with { VmId = 0 }, "VmId" },
        { ArticleStudy.Result(1) with { Workload = "Sorting" }, "Workload" },
        { ArticleStudy.Result(1) with { Mode = "Busy" }, "Mode" },
        { ArticleStudy.Result(1) with { Unit = "GFLOP/s" }, "Unit" },
        { ArticleStudy.Result(1) with { Sharing = "Both" }, "Sharing" },
        { ArticleStudy.Result(1) with { Spread = -0.1 }, "Spread" },
        { ArticleStudy.Result(1) with { Spread = double.NaN }, "Spread" },
        { ArticleStudy.Result(1) with { GpuPeak = 0 }, "GpuPeak" },
        { ArticleStudy.Result(1) with { WorkingCount = 0 }, "WorkingCount" },
        { ArticleStudy.Result(1) with { VgpuCount = 0 }, "VgpuCount" },
    };

    [Theory]
    [MemberData(nameof(Members))]
    public void Each_member_is_checked(VgpuPerformanceInfo result, string? member) =>
        Assert.Equal(member, MeasurementCheck.FindFault(result)?.Member);

    private static VgpuSharingInfo Row(IEnumerable<VgpuSharingInfo> rows, string workload, string mode) =>
        Assert.Single(rows, r => r.Workload == workload && r.Mode == mode);

    private static void Near(IReadOnlyList<double?> found, IReadOnlyList<double> wanted)
    {
        Assert.Equal(wanted.Count, found.Count);
        Assert.All(found.Zip(wanted), pair => Assert.Equal(pair.Second, pair.First!.Value, 0.006));
    }
}
