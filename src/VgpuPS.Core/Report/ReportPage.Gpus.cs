using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Report;

/// <content>GPUs as pictures, and what still fits on them.</content>
public sealed partial class ReportPage
{
    private void Gpus()
    {
        if (_hosts.All(h => h.Gpus.Count == 0))
        {
            Nothing("No host that was read has a GPU that NVIDIA's driver answers for.");
            return;
        }

        _page.Open("ul", ("class", "key"));
        foreach (var (style, text) in ((string, string)[])
            [("use", "a running VM uses it"), ("idle", "there, and no running VM uses it"), ("free", "free")])
        {
            _page.Open("li").Open("svg", ("viewBox", "0 0 22 14"), ("aria-hidden", "true"));
            _page.Rectangle(1, 1, 20, 12, style, 3);
            _page.Close().Text(text).Close();
        }

        _page.Close();
        foreach (var host in _hosts.Where(h => h.Gpus.Count > 0))
        {
            _page.Element("h3", host.VgpuHost).Open("div", ("class", "gpus"));
            foreach (var gpu in host.Gpus)
            {
                Gpu(host, gpu);
            }

            _page.Close();
        }
    }

    private void Gpu(HostReport host, GpuInfo gpu)
    {
        _page.Open("article", ("class", "card")).Element("h4", $"GPU {Plain(gpu.GpuIndex)}: {gpu.Model}")
            .Element("small", Join([gpu.GpuAddress, $"{Number(gpu.MemoryMiB)} MiB", Mode(gpu), Functions(gpu),
                gpu.NumaNode is { } node ? $"NUMA node {Plain(node)}" : "no NUMA node"]))
            .Open("div", ("class", "drawing"));
        GpuDrawing.Write(
            _page, $"gpu-{Plain(_hosts.IndexOf(host))}-{Plain(gpu.GpuIndex)}", gpu,
            _names.GetValueOrDefault(host.VgpuHost) ?? []);
        _page.Close();
        var prepared = gpu.MigCurrent == true ? gpu.Vgpus.Where(v => v.GpuInstanceId is null).ToList() : [];
        if (prepared.Count > 0)
        {
            _page.Element("small", "Prepared: " + Join(prepared.Select(v => $"{v.VgpuType} on {v.FunctionAddress}"
                + (v.VmId is { } vm ? $" for VM {Plain(vm)}" : ""))));
        }

        _page.Element("small", StillFits(gpu)).Close();
    }

    /// <summary>What still fits; where nothing does, what it is that lacks.</summary>
    private string StillFits(GpuInfo gpu)
    {
        if (_capacity.GetValueOrDefault((gpu.VgpuHost, gpu.GpuAddress)) is not { } row)
        {
            return "What still fits is not known";
        }

        List<(string Name, int Count)> fits =
            [.. row.Types.Where(t => t.Startable > 0).Select(t => (t.VgpuType, t.Startable))];
        return fits.Count > 0 ? "Still fits: " + Shown(fits)
            : row.Types.Count > 0
                ? "Nothing more fits, for lack of: " + Join(row.Types.Select(t => t.LimitedBy).Distinct())
            : "The driver offers no vGPU type"
                + (gpu is { EnabledFunctions: 0, TotalFunctions: > 0 } ? " while no virtual function is enabled" : "");
    }

    private void Capacity()
    {
        Nothing("How many more vGPUs fit, one type of each size, now and once every configured VM has started. Each "
            + "figure counts alone: what one takes, the others lose.");
        var all = _hosts.SelectMany(h => h.Gpus.SelectMany(
            g => (_capacity.GetValueOrDefault((h.VgpuHost, g.GpuAddress))?.Types ?? []).Select(t => (Gpu: g, Type: t))))
            .Where(a => a.Type.Startable > 0 || a.Type.StartableAfter > 0).ToList();
        if (all.Count == 0)
        {
            Nothing("Nothing more fits on any GPU that was read.");
            return;
        }

        Table(
            "Of all hosts, by type", ["Type", "Kind", "How many more", "When all have started", "GPUs that take one"],
            all.GroupBy(a => (a.Type.VgpuType, a.Type.FramebufferMiB, a.Gpu.Model))
                .OrderBy(g => g.Key.Model, StringComparer.Ordinal).ThenBy(g => g.Key.FramebufferMiB)
                .ThenBy(g => g.Key.VgpuType, StringComparer.Ordinal)
                .Select(g => (IReadOnlyList<Cell>)
                [
                    new Cell(g.Key.VgpuType, $"{Number(g.Key.FramebufferMiB)} MiB") { IsHead = true },
                    new Cell(Kind(g.First().Gpu, g.Key.VgpuType), g.Key.Model),
                    new Cell(Number(g.Sum(a => a.Type.Startable))) { Style = Numbers },
                    new Cell(Number(g.Sum(a => a.Type.StartableAfter))) { Style = Numbers },
                    new Cell(
                        Plain(g.Count(a => a.Type.Startable > 0)),
                        Shown(g.Where(a => a.Type.Startable > 0).GroupBy(a => a.Gpu.VgpuHost)
                            .Select(h => (h.Key, h.Sum(a => a.Type.Startable))))),
                ]));
    }

    private static string Kind(GpuInfo gpu, string type) =>
        gpu.Types.FirstOrDefault(t => t.VgpuType == type)?.Profile is { } profile ? $"on a {profile}" : "time-sliced";

    /// <summary>What still fits on a GPU, each for itself; null where it is not known.</summary>
    /// <summary>The same number of several is said once: <c>4 × pve1, pve2</c>.</summary>
    private static string Shown(IEnumerable<(string Name, int Count)> fits) => string.Join(" · ", fits
        .GroupBy(f => f.Count).Select(g => $"{Number(g.Key)} × {Join(g.Select(f => f.Name))}"));

    private static string Mode(GpuInfo gpu) => gpu.Mig switch
    {
        null => "no MIG",
        { Current: true, Pending: true } => "MIG on",
        { Current: true } => "MIG on, off after a reset",
        { Pending: true } => "MIG off, on after a reset",
        _ => "MIG off",
    };

    private static string Functions(GpuInfo gpu) => gpu.TotalFunctions == 0 ? "no virtual functions"
        : $"{Plain(gpu.EnabledFunctions)} of {Plain(gpu.TotalFunctions)} VFs enabled, {Plain(gpu.FreeFunctions)} free";
}
