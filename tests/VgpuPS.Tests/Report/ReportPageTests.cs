using System.Globalization;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using VgpuPS.Core.Report;
using VgpuPS.Core.Rows;
using VgpuPS.Lab.Machine;
using VgpuPS.Tests.Golden;
using Xunit;

namespace VgpuPS.Tests.Report;

/// <summary>The report's page as a browser and its user have it.</summary>
public sealed class ReportPageTests
{
    private static readonly string s_page = ReportPage.Write(ReportHosts.Fleet());

    [Fact]
    public void The_same_hosts_give_the_same_page() => GoldenFile.Check("report/fleet.html", s_page);

    [Fact]
    public void It_needs_no_script_and_nothing_beside_it_and_its_policy_says_so()
    {
        var page = Parse(s_page);
        Assert.Empty(page.QuerySelectorAll("script, link, iframe, object, embed, img, form, base, [style]"));
        Assert.DoesNotContain(page.All, e => e.Attributes.Any(a => a.Name.StartsWith("on", StringComparison.Ordinal)));
        var leading = page.All.SelectMany(e => e.Attributes)
            .Where(a => a.LocalName is "href" or "src" or "action" or "data").Select(a => a.Value).ToList();
        Assert.NotEmpty(leading);
        Assert.All(leading, l => Assert.NotNull(page.GetElementById(l[1..])));
        Assert.DoesNotContain("url(", s_page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", s_page, StringComparison.OrdinalIgnoreCase);
        var policy = page.QuerySelector("meta[http-equiv=Content-Security-Policy]")!.GetAttribute("content")!;
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    [Fact]
    public void Headings_are_in_order_and_each_section_is_in_the_list_of_sections()
    {
        var page = Parse(s_page);
        var levels = page.QuerySelectorAll("h1, h2, h3, h4").Select(h => h.LocalName[1] - '0').ToList();
        Assert.Equal(1, levels[0]);
        Assert.Single(levels, 1);
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1));
        Assert.Equal(
            page.QuerySelectorAll("h2").Select(h => "#" + h.Id),
            page.QuerySelectorAll("nav a").Select(a => a.GetAttribute("href")));
        Assert.Equal("en", page.DocumentElement.GetAttribute("lang"));
    }

    [Fact]
    public void Each_table_has_a_caption_headers_with_scope_and_rows_as_wide_as_them()
    {
        var tables = Parse(s_page).QuerySelectorAll("table").ToList();
        Assert.True(tables.Count >= 5);
        Assert.All(tables, table =>
        {
            Assert.NotEmpty(table.QuerySelector("caption")!.TextContent);
            var heads = table.QuerySelectorAll("thead th").ToList();
            Assert.All(heads, h => Assert.Equal("col", h.GetAttribute("scope")));
            Assert.All(table.QuerySelectorAll("tbody th"), h => Assert.Equal("row", h.GetAttribute("scope")));
            Assert.All(table.QuerySelectorAll("tbody tr"), row => Assert.Equal(
                heads.Count, row.Children.Sum(c => int.Parse(c.GetAttribute("colspan") ?? "1", Invariant))));
        });
    }

    [Fact]
    public void Each_picture_has_a_name_and_says_what_it_shows()
    {
        var page = Parse(s_page);
        var pictures = page.QuerySelectorAll("svg:not([aria-hidden])").ToList();
        Assert.Equal(6 + 2, pictures.Count);
        Assert.All(pictures, picture =>
        {
            Assert.Equal("img", picture.GetAttribute("role"));
            Assert.All(picture.GetAttribute("aria-labelledby")!.Split(' '), id => Assert.NotEmpty(
                page.GetElementById(id)!.TextContent));
        });
        var ids = page.All.Where(e => e.HasAttribute("id")).Select(e => e.Id).ToList();
        Assert.Equal(ids.Distinct(), ids);
        Assert.Contains(pictures, p => p.TextContent.Contains(
            "slices 2 to 3: GPU instance", StringComparison.Ordinal));
    }

    [Fact]
    public void A_host_that_does_not_answer_is_in_it_with_its_error_and_what_to_do()
    {
        var page = Parse(s_page);
        Assert.Contains("could not be read", RowOf(page, "pve4").TextContent, StringComparison.Ordinal);
        var text = page.Body!.TextContent;
        Assert.Contains("host pve4 does not answer within 30 s", text, StringComparison.Ordinal);
        Assert.Contains(page.QuerySelectorAll("code"), c => c.TextContent == "look at it: ssh root@pve4");
        Assert.Contains("1 could not be read", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_VM_is_shown_with_type_function_licence_and_CPUs()
    {
        var row = RowOf(Parse(s_page), "101");
        Assert.Matches("A30-1-6C.*hostpci0, GPU instance 1g.6gb, GI [0-9].*0000:4b:00.4", row.TextContent);
        Assert.Contains("Unpinned", row.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void What_still_fits_is_what_Get_VgpuCapacity_counts()
    {
        var page = Parse(s_page);
        var capacity = page.GetElementById("capacity")!.ParentElement!.QuerySelectorAll("tbody tr")
            .ToDictionary(r => r.Children[0].FirstChild!.TextContent, r => r.Children.Skip(1)
                .Select(c => c.FirstChild!.TextContent).ToList());
        var counted = ReportHosts.Fleet().Hosts.SelectMany(h => h.Capacity).SelectMany(c => c.Types)
            .GroupBy(t => t.VgpuType).Select(g => (
                Type: g.Key, Now: g.Sum(t => t.Startable), Then: g.Sum(t => t.StartableAfter)))
            .Where(t => t.Now > 0 || t.Then > 0).ToList();
        Assert.Equal(counted.Select(c => c.Type).Order(), capacity.Keys.Order());
        Assert.All(counted, c => Assert.Equal(
            (c.Now, c.Then), (int.Parse(capacity[c.Type][1], CultureInfo.InvariantCulture),
                int.Parse(capacity[c.Type][2], CultureInfo.InvariantCulture))));

        // GPU 0 of pve1 has one slice left, GPU 1 all four.
        Assert.Equal(("on a 1g.6gb", "time-sliced"), (capacity["A30-1-6C"][0], capacity["A30-6C"][0]));
        Assert.Equal(
            ("5", "2", "1"), (capacity["A30-1-6C"][1], capacity["A30-2-12C"][1], capacity["A30-4-24C"][1]));
    }

    [Fact]
    public void A_GPU_that_takes_nothing_more_says_why()
    {
        string Text(VgpuPS.LabHook.LabHostNode node) =>
            Parse(ReportPage.Write(ReportHosts.Of([ReportHosts.Read("pve1", node)]))).Body!.TextContent;

        // This model has types for GPU instances alone while it shows none, and full GPUs lack memory slices.
        Assert.Contains(
            "The driver offers no vGPU type while no virtual function is enabled",
            Text(LabHostNodeOf(new LabOptions { Gpus = ["H100-PCIe"] })), StringComparison.Ordinal);
        var node = LabNodes.A30(LabBackend.Vfio, mig: false);
        node.CreateVm(new(201), $"0={node.Host.State.Gpus[0].FunctionAt(0)},mdev=nvidia-{Whole(node)}");
        Assert.Null(node.Start(201).Error);
        Assert.Matches("Nothing more fits, for lack of: [a-z]", Text(node));
    }

    private static uint Whole(VgpuPS.LabHook.LabHostNode node) => node.Host.State.Gpus[0].Model.Types
        .First(t => t.Name.EndsWith("A30-24C", StringComparison.Ordinal)).Id;

    [Fact]
    public void Findings_come_failed_first_with_cause_and_command_and_those_of_several_hosts_once()
    {
        var fleet = ReportHosts.Fleet();
        var same = fleet.Hosts[0].Checks[1];
        var page = Parse(ReportPage.Write(fleet with
        {
            Hosts = [fleet.Hosts[0], fleet.Hosts[1] with { Checks = [same with { }] }],
        }));
        var found = page.QuerySelectorAll("#findings ~ article").ToList();
        Assert.Equal(2, found.Count);
        Assert.Contains("Failed IommuOff on pve1", found[0].TextContent, StringComparison.Ordinal);
        Assert.Equal("Initialize-VgpuHost", found[0].QuerySelector("code")!.TextContent);
        Assert.Contains("SweepTimer on pve1, pve2", found[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("2 checks were", page.Body!.TextContent.Replace(
            "1 checks passed, 1 were", "2 checks were", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    public static TheoryData<string> Names => new(
        "\"><script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "'\" onmouseover='alert(1)",
        "a\nb\tc\u001b[31mred\u202e", "</style></title></svg>--><!--", "&lt;b&gt;", "&amp;", "${jndi:x}", "😀\ud800",
        new string('x', 4096), "-", " ");

    [Theory]
    [MemberData(nameof(Names))]
    public void No_name_of_a_VM_or_text_becomes_markup(string name)
    {
        var fleet = ReportHosts.Fleet();
        var host = fleet.Hosts[1];
        var vms = host.Report!.Vms.Select(v => v with { Name = name }).ToList();
        var report = host.Report with { Vms = vms, Node = name, Kernel = name, DriverProblem = name };
        report.Stamp(name);
        var hostile = fleet with
        {
            Title = name,
            Hosts =
            [
                new ReportedHost(name)
                {
                    Report = report, Checks = [ReportHosts.Check(name, "Failed", name, name, name)],
                    Events = [fleet.Hosts[0].Events[0] with { Target = name, Before = name, After = name }],
                    Failures = [new HostProblem(name, name, name, name, name, name)],
                },
            ],
            Charts = [.. fleet.Charts.Select(c => c with
            {
                Title = name, Unit = name,
                Series = [.. c.Series.Select(s => new ChartSeries(name, [.. s.Points.Select(
                    p => p with { Label = name })]))],
            })],
        };
        var page = Parse(ReportPage.Write(hostile));
        var plain = Parse(ReportPage.Write(Named(hostile, "plain")));
        Assert.Equal(plain.All.Select(e => e.LocalName).Distinct().Order(), page.All.Select(e => e.LocalName)
            .Distinct().Order());
        Assert.Equal(
            plain.All.SelectMany(e => e.Attributes).Select(a => a.Name).Distinct().Order(),
            page.All.SelectMany(e => e.Attributes).Select(a => a.Name).Distinct().Order());
        Assert.Equal(
            VgpuPS.Core.Text.VisibleText.Of(name), page.QuerySelector("title")!.TextContent, ignoreAllWhiteSpace: true);
        Assert.DoesNotContain('\u001b', page.DocumentElement.OuterHtml);
    }

    [Fact]
    public void Every_kind_of_host_can_be_shown()
    {
        var hosts = GoldenHosts.All.Select(h => ReportHosts.Read(
            h.Key, h.Value(), withAffinity: h.Key != "findings")).ToList();
        var page = Parse(ReportPage.Write(ReportHosts.Of(hosts)));
        Assert.Equal(hosts.Count, page.QuerySelectorAll("#hosts ~ div tbody tr").Length);
        Assert.Equal(
            hosts.Sum(h => h.Report!.Gpus.Count), page.QuerySelectorAll("svg.gpu").Length);
        Assert.DoesNotContain(page.QuerySelectorAll("svg [width], svg [x], svg [y]"), e =>
            e.Attributes.Any(a => a.Value.Contains("NaN", StringComparison.Ordinal)
                || a.Value.Contains('∞', StringComparison.Ordinal)));
    }

    [Fact]
    public void No_host_and_nothing_on_a_host_is_a_page_too()
    {
        Assert.Contains("0", Parse(ReportPage.Write(ReportHosts.Of([]))).QuerySelector(".cards")!.TextContent,
            StringComparison.Ordinal);
        var empty = ReportHosts.Read("bare", LabHostNodeOf(new LabOptions { Gpus = [] }));
        var page = Parse(ReportPage.Write(ReportHosts.Of([empty])));
        Assert.Contains("No VM is configured with a vGPU", page.Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_small_vGPUs_are_drawn_as_a_bar_and_cells_within_the_picture()
    {
        var node = LabNodes.Of(["A16"], LabBackend.Vfio, mig: false);
        var gpu = node.Host.State.Gpus[0];
        var type = gpu.Model.Types.First(t => t.Name.EndsWith("A16-1Q", StringComparison.Ordinal)).Id;
        for (var vm = 0; vm < 12; vm++)
        {
            node.CreateVm(new(201 + vm), $"0={gpu.FunctionAt(vm)},mdev=nvidia-{type}");
            Assert.Null(node.Start(201 + vm).Error);
        }

        var picture = Parse(ReportPage.Write(ReportHosts.Of([ReportHosts.Read("pve1", node)])))
            .QuerySelector("svg.gpu")!;
        var size = picture.GetAttribute("viewBox")!.Split(' ').Select(n => double.Parse(n, Invariant)).ToList();
        var boxes = picture.QuerySelectorAll("rect").Select(r => (
            Right: Of(r, "x") + Of(r, "width"), Bottom: Of(r, "y") + Of(r, "height"))).ToList();
        Assert.Equal(12 + 1 + 12, boxes.Count);
        Assert.All(boxes, b => Assert.True(b.Right <= size[2] && b.Bottom <= size[3], $"{b} is outside"));
        Assert.Contains("VM 212", picture.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Large_values_are_written_short()
    {
        var page = Parse(ReportPage.Write(ReportHosts.Of([]) with
        {
            Charts = [new ReportChart("Memory", "bytes", ChartKind.Bars, [new ChartSeries(
                "used", [new(0, 12_884_901_888, "VM 101"), new(1, 20_000, "VM 102")])])],
        }));
        var labels = page.QuerySelectorAll("svg.chart text").Select(t => t.TextContent).ToList();
        Assert.Contains("12.88G", labels);
        Assert.Contains("20k", labels);
        Assert.DoesNotContain(labels, l => l.Contains('…', StringComparison.Ordinal));
    }

    private static System.Globalization.CultureInfo Invariant => System.Globalization.CultureInfo.InvariantCulture;

    private static double Of(IElement element, string name) => double.Parse(element.GetAttribute(name)!, Invariant);

    private static VgpuPS.LabHook.LabHostNode LabHostNodeOf(LabOptions options) =>
        VgpuPS.LabHook.LabHostNode.Create(options);

    private static FleetReport Named(FleetReport fleet, string name)
    {
        var host = fleet.Hosts[0];
        var report = host.Report! with { Node = name };
        report.Stamp(name);
        return fleet with { Title = name, Hosts = [host with { Name = name, Report = report }] };
    }

    private static AngleSharp.Html.Dom.IHtmlDocument Parse(string page) => new HtmlParser(new HtmlParserOptions
    {
        IsStrictMode = false,
    }).ParseDocument(page);

    private static IElement RowOf(IDocument page, string head) => page.QuerySelectorAll("tbody tr")
        .First(r => r.Children[0].FirstChild!.TextContent == head);
}
