using VgpuPS.Core.Rows;
using VgpuPS.Core.Text;
using VgpuPS.Core.Watch;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.Metrics;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.Tests.Operations.Metrics;
using VgpuPS.Tests.Operations.VmVgpus;
using Xunit;

namespace VgpuPS.Tests.Watch;

/// <summary>The live view as text: what it shows, what it marks, and that it fits.</summary>
[Trait("Duration", "Long")]
public sealed class WatchFrameTests
{
    private readonly VmLab _lab = new(mig: [false, true]);

    public WatchFrameTests()
    {
        Add("101", "A30-6C", "0000:4b:00.4");
        Add("102", "A30-6C", "0000:4b:00.5");
        Add("103", "A30-2-12C", "0000:ca:00.4");
        _lab.Start(101);
        _lab.Start(103);
    }

    [Fact]
    public void GPUs_slices_and_VMs_are_drawn_and_what_is_not_known_is_not_0()
    {
        var lines = Text(Frame());
        Assert.StartsWith("1 host  2 GPUs  2 running vGPUs", lines[0], StringComparison.Ordinal);
        Assert.Contains("GPU 0 4b:00.0 A30  MIG off  14/16 VFs free", lines);
        Assert.Contains(lines, l => l.StartsWith("  [    A30-6C 101    |", StringComparison.Ordinal));
        Assert.Contains("  [         2g.12gb 103         |     free     |     free     ]", lines);
        Assert.Equal(
            ["101", "web", "A30-6C", "4b:00.4", "0", "-", "6144/6144", "Unlicensed"],
            Line(lines, "  101 web").Split(' ', StringSplitOptions.RemoveEmptyEntries)[..8]);
        Assert.DoesNotContain(" %", string.Concat(lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Loads_are_bars_and_the_busiest_come_first_where_that_is_wanted()
    {
        _lab.Start(102);
        var loads = new WatchLoads(
            new Dictionary<string, GpuLoad>
            {
                ["0000:4b:00.0"] = new(0.5, 120, 165, 54),
                ["0000:ca:00.0"] = new(null, 80, null, null),
            },
            new Dictionary<string, WatchLoad>
            {
                ["0000:4b:00.4"] = new(0.25, 100 * 1048576.0),
                ["0000:4b:00.5"] = new(1, 200 * 1048576.0),
            });
        var frame = Frame(loads: loads);
        var lines = Text(frame, new WatchOptions { Order = WatchOrder.Load });
        Assert.Contains(lines, l => l.Contains("load 50 %  120 of 165 W  54 C", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("MIG on  80 W  ", StringComparison.Ordinal));
        Assert.Contains("##...... 25 %", Line(lines, "  101 web"), StringComparison.Ordinal);
        Assert.Contains(" 100/6144 ", Line(lines, "  101 web"), StringComparison.Ordinal);
        Assert.Equal(["102", "101", "103"], Vms(lines));
        Assert.Equal(["101", "102", "103"], Vms(Text(frame)));
        Assert.Equal(["102", "101", "103"], Vms(Text(frame, new WatchOptions { Order = WatchOrder.Memory })));
        Assert.Contains(
            "\u2588\u2588\u2591\u2591\u2591\u2591\u2591\u2591 25 %",
            Line(Text(frame, new WatchOptions { HasBlocks = true }), "  101 web"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_changed_is_marked_for_three_pictures_and_what_went_is_shown_so_long()
    {
        var first = Frame();
        Assert.All(first.Vgpus, v => Assert.Equal(WatchChange.None, v.Change));
        _lab.Start(102);
        var frame = first;
        foreach (var marked in (string[])["+102", "+102", "+102", " 102"])
        {
            frame = Frame(frame);
            Assert.Equal([" 101", marked, " 103"], Marks(frame));
        }

        _lab.Stop(101);
        for (var picture = 1; picture <= 3; picture++)
        {
            frame = Frame(frame);
            Assert.Equal(["-101", " 102", " 103"], Marks(frame));
            Assert.StartsWith("1 host  2 GPUs  2 running vGPUs", Text(frame)[0], StringComparison.Ordinal);
        }

        Assert.Equal([" 102", " 103"], Marks(Frame(frame)));

        // It comes back while it is still shown as gone.
        _lab.Stop(102);
        frame = Frame(frame);
        _lab.Start(102);
        Assert.Equal(["+102", " 103"], Marks(Frame(frame)));
    }

    [Fact]
    public async Task Loads_come_from_the_samples_of_metrics()
    {
        MeasuredNodes.Load(_lab.Node, 101, new LabVgpuLoad { Sm = 40 });
        var report = await new ReadMetrics(_lab.Ports).RunAsync(
            new ReadMetricsRequest(), TestContext.Current.CancellationToken);
        var loads = WatchLoads.Of(report.Samples);
        Assert.NotNull(loads.Gpus["0000:4b:00.0"].Watts);
        Assert.Equal(0.4, loads.Vgpus["0000:4b:00.4"].Busy);
        Assert.NotNull(loads.Vgpus["0000:4b:00.4"].FramebufferUsedBytes);
        Assert.Null(loads.Vgpus["0000:ca:00.4"].Busy);
        var wanted = await new ReadMetrics(_lab.Ports).RunAsync(
            new ReadMetricsRequest(WatchLoads.Metrics), TestContext.Current.CancellationToken);
        Assert.Equal(loads.Gpus.Values, WatchLoads.Of(wanted.Samples).Gpus.Values);
        Assert.Equal(loads.Vgpus.Values, WatchLoads.Of(wanted.Samples).Vgpus.Values);
    }

    [Fact]
    public void A_host_that_does_not_answer_keeps_its_picture_and_says_so()
    {
        var first = Frame();
        var report = Read();
        var silent = new WatchHost("pve1", report, WatchLoads.None, "it does not answer", TimeSpan.FromSeconds(12.3));
        var second = WatchFrame.Of([silent, new WatchHost("pve2", null, WatchLoads.None, null, default)], first);
        var lines = Text(second);
        Assert.Contains("pve1  as of 13 s ago: it does not answer", lines);
        Assert.Contains("pve2  is asked", lines);
        Assert.Equal([" 101", " 103"], Marks(second));

        // What it has when it is read for the first time is not new.
        var third = WatchFrame.Of([silent, new WatchHost("pve2", report, WatchLoads.None, null, default)], second);
        Assert.Equal([" 101", " 103", " 101", " 103"], Marks(third));
    }

    [Fact]
    public void A_driver_that_is_gone_is_named_and_what_it_had_is_marked()
    {
        var first = Frame();
        _lab.Host.Edit(s => s.Setup.DriverIsUnloaded = true);
        var second = Frame(first);
        Assert.DoesNotContain(Text(second), l => l.StartsWith("GPU", StringComparison.Ordinal));
        Assert.Contains(Text(second), l => l.StartsWith("pve1  ", StringComparison.Ordinal)
            && l.Contains("driver", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("web", "101")]
    [InlineData("2-12C", "103")]
    [InlineData("ca:00.4", "103")]
    [InlineData("nobody")]
    public void A_filter_leaves_others_out_and_their_GPUs(string filter, params string[] vms)
    {
        var lines = Text(Frame(), new WatchOptions { Filter = filter });
        Assert.Equal(vms, Vms(lines));
        Assert.Equal(vms.Length, lines.Count(l => l.StartsWith("GPU", StringComparison.Ordinal)));
    }

    [Fact]
    public void Names_of_wide_characters_keep_columns_and_the_terminals_width()
    {
        var frame = WatchFrame.Of(
            [new WatchHost("機械学習サーバー\U0001F680", Read(), WatchLoads.None, "応答がありません", TimeSpan.Zero)], null);
        for (var width = 1; width < 120; width++)
        {
            Assert.All(
                Text(frame, new WatchOptions { Width = width }),
                l => Assert.True(CellText.WidthOf(l) <= width, $"{width}: {l}"));
        }

        Assert.Equal(7, CellText.WidthOf("a機\U0001F680e\u0301b"));
        Assert.Equal("機..", CellText.Cut("機械学習", 5));
        Assert.Equal("機.. ", CellText.Pad(CellText.Cut("機械学習", 4), 5));
        Assert.Equal("", CellText.Cut("\U0001F680", 1));
    }

    [Fact]
    public void Nothing_is_wider_or_longer_than_the_terminal()
    {
        var frame = Frame(loads: new WatchLoads(
            new Dictionary<string, GpuLoad> { ["0000:4b:00.0"] = new(1, 1000, 1000, 100) },
            new Dictionary<string, WatchLoad> { ["0000:4b:00.4"] = new(1, 1e12) }));
        for (var width = 1; width < 200; width++)
        {
            Assert.All(
                frame.Draw(new WatchOptions { Width = width, HasBlocks = true }),
                l => Assert.True(l.Spans.Sum(s => s.Text.Length) <= width, $"{width}: {l}"));
        }

        var all = Text(frame);
        for (var height = 2; height <= all.Count; height++)
        {
            var cut = Text(frame, new WatchOptions { Height = height });
            Assert.Equal(height, cut.Count);
            Assert.True(
                height == all.Count
                    || cut[^1].StartsWith($"{all.Count - height + 1} more lines", StringComparison.Ordinal), cut[^1]);
        }
    }

    private void Add(string vm, string type, string function) => _lab.Do(
        HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = vm, Type = type, Function = function });

    private HostReport Read()
    {
        var report = new ReadHost(_lab.Ports).Run(new ReadHostRequest(DriverMayBeMissing: true));
        report.Stamp("pve1");
        return report;
    }

    private WatchFrame Frame(WatchFrame? before = null, WatchLoads? loads = null) => WatchFrame.Of(
        [new WatchHost("pve1", Read(), loads ?? WatchLoads.None, null, TimeSpan.Zero)], before);

    private static List<string> Text(WatchFrame frame, WatchOptions? options = null) =>
        [.. frame.Draw(options ?? new WatchOptions()).Select(l => l.ToString())];

    private static string Line(List<string> lines, string start) =>
        lines.Single(l => l.StartsWith(start, StringComparison.Ordinal));

    private static List<string> Marks(WatchFrame frame) =>
        [.. Rows(Text(frame)).Select(l => $"{l[0]}{l[2..5]}")];

    private static List<string> Vms(List<string> lines) => [.. Rows(lines).Select(l => l[2..5])];

    private static IEnumerable<string> Rows(List<string> lines) =>
        lines.Where(l => l.Length > 5 && l[1] == ' ' && l[2..5].All(char.IsAsciiDigit));
}
