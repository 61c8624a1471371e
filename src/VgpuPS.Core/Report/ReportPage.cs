using System.Text;
using VgpuPS.Core.Proxmox;
using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Report;

/// <summary>
/// Writes a report as one HTML page that needs nothing beside it: no script, no network, no other file, as its own
/// policy says. The same input gives the same page.
/// </summary>
public sealed partial class ReportPage
{
    private const string Bad = "bad";
    private const string Warn = "warn";
    private const string Good = "good";
    private static readonly TimeSpan s_licenseNotice = TimeSpan.FromDays(30);

    private readonly HtmlWriter _page = new();
    private readonly FleetReport _report;
    private readonly List<HostReport> _hosts;
    private readonly Dictionary<string, Dictionary<int, string>> _names;
    private readonly Dictionary<(string Host, string Gpu), VgpuCapacityInfo> _capacity;

    private ReportPage(FleetReport report)
    {
        _report = report;
        _hosts = [.. report.Hosts.Select(h => h.Report).OfType<HostReport>()];
        _capacity = report.Hosts.SelectMany(h => h.Capacity.Select(c => (Key: (h.Name, c.GpuAddress ?? ""), Row: c)))
            .DistinctBy(c => c.Key).ToDictionary(c => c.Key, c => c.Row);
        _names = report.Hosts.Where(h => h.Report is not null).DistinctBy(h => h.Name).ToDictionary(
            h => h.Name, h => h.Report!.Vms.Where(v => v.Name is not null).DistinctBy(v => v.Id)
                .ToDictionary(v => v.Id, v => v.Name!));
    }

    /// <summary>The page.</summary>
    public static string Write(FleetReport report) => new ReportPage(report).Write();

    private string Write()
    {
        Head();
        var sections = FindSections();
        Header(sections.Select(s => (s.Id, s.Title)));
        _page.Open("main");
        foreach (var (id, title, write) in sections)
        {
            _page.Open("section", ("aria-labelledby", id)).Element("h2", title, ("id", id));
            write();
            _page.Close();
        }

        _page.Close().Open("footer").Text(
            $"Written by VgpuPS {_report.Version}, Export-VgpuReport, from what the hosts said at "
                + $"{Time(_report.Time)}. This page needs no network and no script.").Close().Close().Close();
        return _page.End();
    }

    private void Head()
    {
        var policy = "default-src 'none'; style-src 'sha256-"
            + Convert.ToBase64String(Convert.FromHexString(Sha256.Of(Encoding.UTF8.GetBytes(ReportStyle.Sheet))))
            + "'; base-uri 'none'; form-action 'none'";
        _page.Open("html", ("lang", "en")).Open("head").Single("meta", ("charset", "utf-8"))
            .Single("meta", ("http-equiv", "Content-Security-Policy"), ("content", policy))
            .Single("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"))
            .Single("meta", ("name", "color-scheme"), ("content", "light dark"))
            .Single("meta", ("name", "generator"), ("content", $"VgpuPS {_report.Version}"))
            .Element("title", _report.Title).Style(ReportStyle.Sheet).Close().Open("body");
    }

    /// <summary>What the page has; of results alone their charts and tables alone.</summary>
    private List<(string Id, string Title, Action Write)> FindSections()
    {
        List<(string Id, string Title, Action Write)> sections =
            _report.Hosts.Count == 0 && _report.Sharing.Count > 0 ? [] :
        [
            ("hosts", "Hosts", Hosts), ("findings", "Findings", Findings), ("gpus", "GPUs", Gpus),
            ("vms", "VMs with vGPUs", Vms), ("capacity", "Capacity", Capacity), ("licences", "Licences", Licences),
            ("changes", "Changes", Changes),
        ];
        if (_report.Charts.Count > 0)
        {
            sections.Add(("measurements", "Measurements", Measurements));
        }

        if (_report.Sharing.Count > 0)
        {
            sections.Add(("sharing", "What vGPUs deliver", Sharing));
        }

        return sections;
    }

    private void Header(IEnumerable<(string Id, string Title)> sections)
    {
        _page.Open("header").Element("h1", _report.Title).Element(
            "p", $"As of {Time(_report.Time)}, times in UTC{_report.Time:zzz}", ("class", "soft"))
            .Open("nav", ("aria-label", "Sections")).Open("ul");
        foreach (var (id, title) in sections)
        {
            _page.Open("li").Element("a", title, ("href", "#" + id)).Close();
        }

        _page.Close().Close();
        if (_report.Hosts.Count > 0 || _report.Sharing.Count == 0)
        {
            Cards();
        }

        _page.Close();
    }

    private void Cards()
    {
        _page.Open("ul", ("class", "cards"));
        var silent = _report.Hosts.Count - _hosts.Count;
        Card(_report.Hosts.Count, "hosts", silent > 0 ? $"{silent} could not be read" : "all were read",
            silent > 0 ? Bad : null);
        var gpus = _hosts.SelectMany(h => h.Gpus).ToList();
        Card(gpus.Count, "GPUs", $"{gpus.Count(g => g.MigCurrent == true)} with MIG mode on", null);
        var vgpus = gpus.SelectMany(g => g.Vgpus).ToList();
        var configured = _hosts.SelectMany(h => h.Vms).Count(v => v.Vgpus.Count > 0);
        Card(vgpus.Count(v => v.IsRunning), "vGPUs running", $"{configured} VMs are configured with one", null);
        var (failed, warned) = (Count(CheckVerdict.Failed), Count(CheckVerdict.Warning));
        Card(failed + warned, "findings", $"{failed} failed, {warned} warnings",
            failed > 0 ? Bad : warned > 0 ? Warn : null);
        var licences = LicenceRows().ToList();
        var without = licences.Count(l => !IsLicensed(l));
        var ending = licences.Count(l => IsLicensed(l) && IsEnding(l));
        Card(licences.Count - without, "licensed", $"{without} without a licence, {ending} end within 30 days",
            without > 0 ? Bad : ending > 0 ? Warn : null);
        _page.Close();
    }

    private int Count(CheckVerdict verdict) =>
        _report.Hosts.Sum(h => h.Checks.Count(c => c.Verdict == verdict.ToString()));

    private void Card(int number, string what, string note, string? style) => _page.Open("li", ("class", style))
        .Element("b", Number(number)).Text(what).Element("small", note).Close();

    private void Hosts()
    {
        Table("Each host, its software, and what is on it", ["Host", "GPUs", "vGPUs", "VMs", "Software", "Findings",
            "Boot"], _report.Hosts.Select(HostRow));
        var problems = _report.Hosts.SelectMany(h => h.Failures.Concat(h.Report?.Problems ?? [])
            .Concat(h.Report?.DriverProblem is { } driver
                ? [new HostProblem("", "", driver, "see what is wrong: Test-VgpuHost", null, null)] : [])
            .Select(p => (h.Name, Problem: p))).ToList();
        if (problems.Count == 0)
        {
            return;
        }

        _page.Element("h3", "What could not be read");
        foreach (var (host, problem) in problems)
        {
            _page.Open("div", ("class", "card")).Open("p").Element("b", host).Text(": " + problem.Message).Close();
            Action(problem.RecommendedAction);
            _page.Close();
        }
    }

    private IReadOnlyList<Cell> HostRow(ReportedHost host)
    {
        var name = new Cell(host.Name, host.Report is { } r && r.Node != host.Name ? $"node {r.Node}" : null)
        {
            IsHead = true,
        };
        if (host.Report is not { } report)
        {
            return
            [
                name, new Cell("could not be read", host.Failures.FirstOrDefault()?.Message) { Span = 6, Badge = Bad },
            ];
        }

        var (failed, warned) = (host.Checks.Count(c => c.Verdict == nameof(CheckVerdict.Failed)),
            host.Checks.Count(c => c.Verdict == nameof(CheckVerdict.Warning)));
        var vgpus = report.Gpus.SelectMany(g => g.Vgpus).ToList();
        return
        [
            name,
            new Cell(
                Join(report.Gpus.GroupBy(g => g.Model).Select(g => $"{g.Count()} × {g.Key}")), report.Gpus.Count > 0
                ? $"{report.Gpus.Count(g => g.MigCurrent == true)} with MIG mode on, "
                    + $"{report.Gpus.Sum(g => g.EnabledFunctions)} VFs enabled"
                : Join((report.OtherGpus ?? []).Select(g => g.ToString()))),
            new Cell($"{vgpus.Count(v => v.IsRunning)} running", vgpus.Exists(v => !v.IsRunning)
                ? $"{vgpus.Count(v => !v.IsRunning)} prepared" : null),
            new Cell(Number(report.Vms.Count), $"{report.Vms.Count(v => v.Vgpus.Count > 0)} with vGPUs"),
            new Cell(report.DriverVersion is { } driver ? $"driver {driver}" : "no driver",
                $"kernel {report.Kernel ?? "unknown"}, qemu-server {report.QemuServerVersion ?? "unknown"}"),
            host.Checks.Count == 0 ? new Cell("not looked for")
                : new Cell(failed > 0 ? $"{failed} failed" : warned > 0 ? Plural(warned, "warning") : "none",
                    failed > 0 && warned > 0 ? Plural(warned, "warning") : null)
                { Badge = failed > 0 ? Bad : warned > 0 ? Warn : Good },
            new Cell(report.Boot?.State ?? "—", report.Boot is { } boot && EventTime.Parse(boot.Time) is { } time
                ? Time(new DateTimeOffset(time, TimeSpan.Zero)) : null),
        ];
    }
}
