using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Watch;

/// <summary>
/// A picture of all hosts at one time, to be drawn in any width. It marks what differs from the picture before.
/// </summary>
/// <remarks>A mark stays for three pictures, and so does a vGPU that vanishes; a host that does not answer keeps its
/// last one.</remarks>
public sealed class WatchFrame
{
    // Who looks away for a moment sees it too.
    private const int MarkedPictures = 3;

    private readonly IReadOnlyList<WatchHost> _hosts;
    private readonly IReadOnlyList<WatchRow> _rows;

    private WatchFrame(IReadOnlyList<WatchHost> hosts, WatchFrame? before)
    {
        _hosts = hosts;
        var now = hosts.SelectMany(Rows).ToList();
        var old = (before?._rows ?? []).ToDictionary(r => r.Key);

        // What a host has that was not read yet, or not read before, is not new.
        var known = (before?._hosts ?? []).Where(h => h.Report is not null).Select(h => h.Name).ToHashSet();
        var there = now.Select(r => r.Key).ToHashSet();
        var gone = old.Values.Where(r => !there.Contains(r.Key) && hosts.Any(h => h.Name == r.Host)).Select(
            r => r.Change == WatchChange.Gone ? r with { Left = r.Left - 1 }
                : r with { Change = WatchChange.Gone, Left = MarkedPictures });
        _rows =
        [
            .. now.Select(r => known.Contains(r.Host) ? Mark(r, old.GetValueOrDefault(r.Key)) : r),
            .. gone.Where(r => r.Left > 0),
        ];
    }

    /// <summary>Makes the next picture.</summary>
    /// <param name="hosts">The hosts, in the order in which they are shown.</param>
    /// <param name="before">The picture before; null for the first.</param>
    public static WatchFrame Of(IReadOnlyList<WatchHost> hosts, WatchFrame? before) => new(hosts, before);

    /// <summary>vGPUs in it, with what happened to them.</summary>
    public IReadOnlyList<WatchRow> Vgpus => _rows;

    /// <summary>Draws it: no line is wider than the terminal, and there are not more lines than it has.</summary>
    public IReadOnlyList<DiagramLine> Draw(WatchOptions options)
    {
        var drawing = new WatchDrawing(options);
        var shown = _rows.Where(r => r.Matches(options.Filter)).ToList();
        List<DiagramLine> lines = [drawing.Title(_hosts, _rows)];
        foreach (var host in _hosts)
        {
            lines.Add(drawing.Host(host));
            foreach (var gpu in host.Report?.Gpus ?? [])
            {
                var own = shown.Where(r => r.Host == host.Name && r.Vgpu.GpuAddress == gpu.GpuAddress).ToList();
                if (options.Filter.Length > 0 && own.Count == 0)
                {
                    continue;
                }

                lines.AddRange(drawing.Gpu(gpu, host.Loads.Gpus.GetValueOrDefault(gpu.GpuAddress)));
                lines.AddRange(own.Count == 0 ? [] : drawing.Vgpus(own));
            }
        }

        return drawing.Fit(lines);
    }

    private static WatchRow Mark(WatchRow row, WatchRow? was) =>
        was is null or { Change: WatchChange.Gone } ? row with { Change = WatchChange.New, Left = MarkedPictures }
        : was.State != row.State ? row with { Change = WatchChange.Changed, Left = MarkedPictures }
        : was.Left > 1 ? row with { Change = was.Change, Left = was.Left - 1 }
        : row;

    private static IEnumerable<WatchRow> Rows(WatchHost host) =>
        from gpu in host.Report?.Gpus ?? []
        from vgpu in host.Report!.VgpusOf(gpu)
        select new WatchRow(
            host.Name, vgpu, gpu.NumaNode,
            host.Loads.Vgpus.GetValueOrDefault(vgpu.FunctionAddress) ?? new WatchLoad(null, null));
}
