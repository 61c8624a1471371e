using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using VgpuPS.Core.Performance;
using VgpuPS.Core.Report;
using VgpuPS.Core.Rows;
using VgpuPS.Tests.Performance;
using Xunit;

namespace VgpuPS.Tests.Report;

/// <summary>The article's plots and table in the report, from its figures.</summary>
public sealed class SharingChartsTests
{
    private static readonly IReadOnlyList<VgpuSharingInfo> s_article =
        SharingComparison.Of(ArticleStudy.TimeSliced(), ArticleStudy.MigBacked()).Rows;

    /// <summary>What bars and their outlines say, which peak is a line, and what stands below.</summary>
    public static TheoryData<int, string, string, string, string> Plots => new()
    {
        {
            0, "PCI Express, per vGPU", "25.2 6.3 25.2 26.2 6.6 26.4 | 25.2 6.3 25.2 26.3 6.6 26.4",
            "peak of the board 32 GB/s", ""
        },
        {
            1, "Device memory, per vGPU", "786 160 640 | 196 196 784", "peak of the board 933 GB/s",
            "Price of context switching, 4 x A30-6C time-sliced: 18.6%"
        },
        {
            2, "Small GEMM (1024 x 1024 x 1024), per vGPU", "6.68 1.41 5.64 | 6.55 6.55 26.2", "",
            "The peak of the board, 82 TFLOP/s, is above the scale. "
                + "Price of context switching, 4 x A30-6C time-sliced: 15.6%"
        },
        {
            3, "Large GEMM (8192 x 8192 x 16400), per vGPU", "68.8 14.5 58 | 16 15.3 61.2",
            "peak of the board 82 TFLOP/s", "Price of context switching, 4 x A30-6C time-sliced: 15.7%"
        },
    };

    [Theory]
    [MemberData(nameof(Plots))]
    public void The_articles_four_plots_are_drawn(int number, string title, string bars, string peak, string note)
    {
        var figures = Page(s_article).QuerySelectorAll("#sharing ~ figure").ToList();
        Assert.Equal(4, figures.Count);
        var figure = figures[number];
        Assert.Equal(title, figure.QuerySelector("h3")!.TextContent);
        Assert.Equal(
            ["4 x A30-6C time-sliced", "4 x A30-1-6C MIG-backed", "all that work, together"],
            figure.QuerySelectorAll(".key li").Select(l => l.TextContent.Trim()));
        Assert.Equal(bars, string.Join(" | ", figure.QuerySelectorAll("svg.chart > g").Select(
            side => string.Join(' ', Numbers(side)))));
        Assert.Equal(peak.Length > 0 ? 1 : 0, figure.QuerySelectorAll("line.level").Length);
        Assert.Contains(peak, figure.QuerySelector("svg.chart")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(note, figure.QuerySelector("figcaption")?.TextContent ?? "");
    }

    [Fact]
    public void The_table_has_values_sums_shares_of_the_peak_and_prices()
    {
        var rows = Page(s_article).QuerySelectorAll("#sharing ~ div tbody tr").ToList();
        Assert.Equal(10, rows.Count);
        Assert.Equal(
            [
                "DeviceMemoryGB/s", "Loaded", "160", "196", "+22.5 %noise ± 0.8 %", "640 / 784", "69 % / 84 %",
                "19 % / —",
            ],
            rows[5].Children.Select(c => c.TextContent.Replace("\n", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_model_is_said_to_be_one_in_every_plot_and_in_the_table()
    {
        var page = Page([.. s_article.Select(r => r with { IsSimulated = true })]);
        Assert.All(
            page.QuerySelectorAll("#sharing ~ figure h3, #sharing ~ figure svg.chart > title, caption"),
            t => Assert.EndsWith("(performance model, no GPU)", t.TextContent, StringComparison.Ordinal));
        Assert.DoesNotContain("performance model", Page(s_article).Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_hosts_the_page_is_about_the_results_alone()
    {
        var page = Page(s_article);
        Assert.Equal(["sharing"], page.QuerySelectorAll("h2").Select(h => h.Id));
        Assert.Null(page.QuerySelector(".cards"));
        var fleet = Parse(ReportPage.Write(ReportHosts.Fleet() with { Sharing = s_article }));
        Assert.Equal("sharing", fleet.QuerySelectorAll("h2")[^1].Id);
        Assert.NotNull(fleet.QuerySelector(".cards"));
    }

    [Fact]
    public void One_side_and_a_board_without_peaks_are_drawn_too()
    {
        var page = Page(SharingComparison.Of(
            [.. ArticleStudy.TimeSliced().Select(r => r with { GpuPeak = null })], []).Rows);
        Assert.Equal(4, page.QuerySelectorAll("figure").Length);
        Assert.Empty(page.QuerySelectorAll("line.level"));
        Assert.All(page.QuerySelectorAll("figure"), f => Assert.Equal(2, f.QuerySelectorAll(".key li").Length));
        Assert.Contains("786 / —", page.Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_comparisons_do_not_share_a_plot_and_no_id_is_there_twice()
    {
        var page = Page([.. s_article, .. s_article.Select(r => r with { Reference = "2 x A30-12C time-sliced" })]);
        Assert.Equal(8, page.QuerySelectorAll("figure").Length);
        var ids = page.All.Where(e => e.HasAttribute("id")).Select(e => e.Id).ToList();
        Assert.Equal(ids.Distinct(), ids);
    }

    [Theory]
    [InlineData("\"><script>alert(1)</script>")]
    [InlineData("</title></svg><img src=x>")]
    public void No_text_of_a_row_becomes_markup(string text)
    {
        var page = Page([.. s_article.Select(r => r with { Reference = text, VgpuHost = text, Notes = [text] })]);
        Assert.Empty(page.QuerySelectorAll("script, img"));
        Assert.Equal(4, page.QuerySelectorAll("figure").Length);
    }

    [Fact]
    public void Everything_is_within_the_picture()
    {
        foreach (var chart in Page(s_article).QuerySelectorAll("svg.chart"))
        {
            var size = chart.GetAttribute("viewBox")!.Split(' ').Select(Number).ToList();
            Assert.All(chart.QuerySelectorAll("rect"), r => Assert.True(
                Of(r, "y") >= 0 && Of(r, "x") >= 0 && Of(r, "x") + Of(r, "width") <= size[2]
                && Of(r, "y") + Of(r, "height") <= size[3], r.OuterHtml));
            Assert.DoesNotContain('…', string.Concat(chart.QuerySelectorAll("text").Select(t => t.TextContent)));
        }
    }

    private static IEnumerable<string> Numbers(IElement side) => side.QuerySelectorAll("g").SelectMany(bar =>
    {
        // The bar's own label follows it, what is around it stands within.
        var own = bar.NextElementSibling is { LocalName: "text" } label ? label.TextContent : "";
        return new[] { own }.Concat(bar.QuerySelectorAll("text").Select(t => t.TextContent));
    });

    private static double Of(IElement element, string name) => Number(element.GetAttribute(name)!);

    private static double Number(string text) =>
        double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static AngleSharp.Html.Dom.IHtmlDocument Page(IReadOnlyList<VgpuSharingInfo> rows) =>
        Parse(ReportPage.Write(ReportHosts.Of([]) with { Sharing = rows }));

    private static AngleSharp.Html.Dom.IHtmlDocument Parse(string page) => new HtmlParser().ParseDocument(page);
}
