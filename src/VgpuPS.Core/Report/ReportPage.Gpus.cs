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

        var fits = Fits(gpu);
        _page.Element("small", fits.Count == 0 ? "Nothing more fits" : "Still fits: " + Shown(fits)).Close();
    }

    private void Capacity()
    {
        Nothing("How many more of each fit on what is there now. Each figure counts alone: what one takes, the others "
            + "lose.");
        var all = _hosts.SelectMany(h => h.Gpus.SelectMany(g => Fits(g).Select(f => (Gpu: g, Fit: f)))).ToList();
        if (all.Count == 0)
        {
            Nothing("Nothing more fits on any GPU that was read.");
            return;
        }

        Table("Of all hosts, by what still fits", ["What", "Kind", "How many more", "GPUs that take one"],
            all.GroupBy(a => (a.Fit.Name, a.Fit.IsProfile, a.Fit.MemoryMiB, a.Gpu.Model))
                .OrderBy(g => g.Key.Model, StringComparer.Ordinal).ThenByDescending(g => g.Key.IsProfile)
                .ThenBy(g => g.Key.MemoryMiB).ThenBy(g => g.Key.Name, StringComparer.Ordinal)
                .Select(g => (IReadOnlyList<Cell>)
                [
                    new Cell(g.Key.Name, $"{Number(g.Key.MemoryMiB)} MiB") { IsHead = true },
                    new Cell(g.Key.IsProfile ? "GPU instance" : "time-sliced vGPU", g.Key.Model),
                    new Cell(Number(g.Sum(a => a.Fit.Count))) { Style = Numbers },
                    new Cell(Plain(g.Count()), Shown(g.GroupBy(a => a.Gpu.VgpuHost).Select(h =>
                        new Fit(h.Key, h.Sum(a => a.Fit.Count), false, 0)).ToList())),
                ]));
    }

    /// <summary>What still fits on a GPU, each for itself: profiles of GPU instances with MIG mode on, else
    /// time-sliced types, of which free functions and equal sizes are the bound.</summary>
    private static List<Fit> Fits(GpuInfo gpu) => gpu.MigCurrent == true
        ? [.. gpu.Profiles.Where(p => p.Free > 0).Select(p => new Fit(p.Profile, p.Free, true, p.MemoryMiB))]
        :
        [
            .. gpu.Types.Where(t => t is { IsCreatable: true, Profile: null })
                .Select(t => new Fit(t.VgpuType, Math.Min(gpu.FreeFunctions, Left(gpu, t)), false, t.FramebufferMiB))
                .Where(f => f.Count > 0),
        ];

    private static int Left(GpuInfo gpu, VgpuTypeInfo type)
    {
        var byMemory = type.FramebufferMiB > 0
            ? (gpu.MemoryMiB - gpu.Vgpus.Sum(v => v.FramebufferMiB)) / type.FramebufferMiB : int.MaxValue;
        var isShared = gpu.HasMixedSizes || type.MaxPerGpu == 0;
        return (int)Math.Min(byMemory, isShared ? int.MaxValue : type.MaxPerGpu - gpu.Vgpus.Count);
    }

    /// <summary>The same number of several is said once: <c>4 × A40-12A, A40-12Q</c>.</summary>
    private static string Shown(List<Fit> fits) => string.Join(" · ", fits.GroupBy(f => f.Count)
        .Select(g => $"{Number(g.Key)} × {Join(g.Select(f => f.Name))}"));

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

    /// <summary>Something that fits.</summary>
    private sealed record Fit(string Name, int Count, bool IsProfile, long MemoryMiB);
}
