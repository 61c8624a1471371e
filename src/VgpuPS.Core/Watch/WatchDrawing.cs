using VgpuPS.Core.Rows;
using VgpuPS.Core.Text;

namespace VgpuPS.Core.Watch;

/// <summary>Draws the lines of the live view.</summary>
internal sealed class WatchDrawing(WatchOptions options)
{
    private const int Indent = 2;
    private const int BarWidth = 8;
    private const int FewestSliceColumns = 4;
    private const int MostSliceColumns = 14;

    // Mark, VM, type, function, node, load, frame buffer, licence.
    private static readonly int[] s_widths = [2, 13, 15, 9, 5, 14, 12, 10];
    private const int NarrowWidth = 80;
    private const int MostNameColumns = 30;

    private char Full => options.HasBlocks ? '\u2588' : '#';

    private char Empty => options.HasBlocks ? '\u2591' : '.';

    /// <summary>What is watched, and when it was.</summary>
    public DiagramLine Title(IReadOnlyList<WatchHost> hosts, IReadOnlyList<WatchRow> rows)
    {
        var running = rows.Count(r => r.Vgpu.IsRunning && r.Change != WatchChange.Gone);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{Count(hosts.Count, "host")}  {Count(hosts.Sum(h => h.Report?.Gpus.Count ?? 0), "GPU")}  "
                + $"{Count(running, "running vGPU")}");
        var time = string.Create(
            CultureInfo.InvariantCulture, $"{options.Now:HH:mm:ss}, every {options.Interval.TotalSeconds:0.###} s");
        var gap = Math.Max(2, options.Width - text.Length - time.Length);
        return DiagramLine.Of(CellText.Cut(text + new string(' ', gap) + time, options.Width), DiagramStyle.Heading);
    }

    /// <summary>A host: its driver, or why it does not answer.</summary>
    public DiagramLine Host(WatchHost host)
    {
        var text = (host.Report, host.Problem) switch
        {
            (null, null) => "is asked",
            (null, var problem) => problem,
            (_, { } problem) => string.Create(
                CultureInfo.InvariantCulture, $"as of {Math.Ceiling(host.Age.TotalSeconds):0} s ago: {problem}"),
            ({ DriverProblem: { } problem }, _) => problem,
            ({ } report, _) => $"driver {report.DriverVersion ?? "not loaded"}"
                + (report.Gpus.Count == 0 ? ", no GPU of the driver" : ""),
        };
        var isBad = host.Problem is not null || host.Report?.DriverProblem is not null;
        return new DiagramLine(Clip(
            [
                new DiagramSpan(host.Name, DiagramStyle.Heading),
                new DiagramSpan("  " + text, isBad ? DiagramStyle.Warning : DiagramStyle.Plain),
            ]));
    }

    /// <summary>A GPU in one line, and its slices or vGPUs drawn in another.</summary>
    public IEnumerable<DiagramLine> Gpu(GpuInfo gpu, GpuLoad? load)
    {
        string?[] parts =
        [
            string.Create(CultureInfo.InvariantCulture, $"GPU {gpu.GpuIndex} {Short(gpu.GpuAddress)} {Model(gpu)}"),
            gpu.MigCurrent switch { null => null, true => "MIG on", false => "MIG off" },
            load?.Busy is { } busy ? $"load {Percent(busy)}" : null,
            load?.Watts is { } watts
                ? string.Create(CultureInfo.InvariantCulture, $"{watts:0}")
                    + (load.LimitWatts is { } limit
                        ? string.Create(CultureInfo.InvariantCulture, $" of {limit:0} W") : " W")
                : null,
            load?.Celsius is { } celsius ? string.Create(CultureInfo.InvariantCulture, $"{celsius:0} C") : null,
            gpu.TotalFunctions == 0 ? null : string.Create(
                CultureInfo.InvariantCulture, $"{gpu.FreeFunctions}/{gpu.EnabledFunctions} VFs free"),
        ];
        yield return DiagramLine.Of(
            CellText.Cut(string.Join("  ", parts.OfType<string>()), options.Width), DiagramStyle.Heading);
        var boxes = gpu.MigCurrent == true ? Slices(gpu) : TimeSlices(gpu);
        if (boxes.Count > 0)
        {
            yield return new DiagramLine(Clip(boxes));
        }
    }

    /// <summary>vGPUs of a GPU with their header.</summary>
    public IEnumerable<DiagramLine> Vgpus(IReadOnlyList<WatchRow> rows)
    {
        string[] header = ["", "VM", "Type", "Function", "NUMA", "Load", "FB MiB", "License"];
        yield return new DiagramLine(Clip([new DiagramSpan(Row(header), DiagramStyle.Free)]));
        foreach (var row in Ordered(rows))
        {
            yield return Vgpu(row);
        }
    }

    /// <summary>The lines that the terminal has room for, and how many there would be more.</summary>
    public IReadOnlyList<DiagramLine> Fit(List<DiagramLine> lines)
    {
        if (options.Height is not { } height || lines.Count <= height || height < 2)
        {
            return lines;
        }

        var more = lines.Count - height + 1;
        return
        [
            .. lines.Take(height - 1),
            DiagramLine.Of(
                CellText.Cut(
                    string.Create(CultureInfo.InvariantCulture, $"{more} more lines; a filter leaves some out"),
                    options.Width),
                DiagramStyle.Free),
        ];
    }

    private DiagramLine Vgpu(WatchRow row)
    {
        var vgpu = row.Vgpu;
        var mark = row.Change switch
        {
            WatchChange.New => "+",
            WatchChange.Changed => "*",
            WatchChange.Gone => "-",
            _ => "",
        };
        var used = row.FramebufferUsed is { } bytes
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024 * 1024):0}/{vgpu.FramebufferMiB}")
            : string.Create(CultureInfo.InvariantCulture, $"-/{vgpu.FramebufferMiB}");
        string[] cells =
        [
            mark, row.Name, vgpu.VgpuType, Short(vgpu.FunctionAddress),
            row.NumaNode?.ToString(CultureInfo.InvariantCulture) ?? "-",
            !vgpu.IsRunning ? "prepared" : row.Load.Busy is { } busy ? $"{Bar(busy)} {Percent(busy)}" : "-",
            used, License(vgpu.LicenseStatus),
        ];
        var style = row.Change switch
        {
            WatchChange.New => DiagramStyle.InUse,
            WatchChange.Changed => DiagramStyle.Idle,
            WatchChange.Gone => DiagramStyle.Free,
            _ => vgpu.IsRunning ? DiagramStyle.Plain : DiagramStyle.Free,
        };
        return new DiagramLine(Clip([new DiagramSpan(Row(cells), style)]));
    }

    /// <summary>Whole where there is room; else what tells it apart.</summary>
    private string License(string? status)
    {
        var width = s_widths[^1] + Math.Max(0, options.Width - NarrowWidth - MostNameColumns + s_widths[1]);
        return status is null ? "-" : status.Length <= width ? status
            : status.Contains("(Restricted)", StringComparison.Ordinal) ? "Restricted" : status.Split(" (")[0];
    }

    private IEnumerable<WatchRow> Ordered(IReadOnlyList<WatchRow> rows)
    {
        var byVm = rows.OrderBy(r => r.Vgpu.VmId ?? int.MaxValue).ThenBy(r => r.Vgpu.FunctionAddress,
            StringComparer.Ordinal);
        return options.Order switch
        {
            WatchOrder.Load => byVm.OrderByDescending(r => r.Load.Busy ?? -1),
            WatchOrder.Memory => byVm.OrderByDescending(r => r.FramebufferUsed ?? -1),
            WatchOrder.Function => rows.OrderBy(r => r.Vgpu.FunctionAddress, StringComparer.Ordinal),
            _ => byVm,
        };
    }

    private List<DiagramSpan> Slices(GpuInfo gpu)
    {
        var width = gpu.MemorySlices == 0 ? 0 : Math.Clamp(
            ((options.Width - Indent - 1) / gpu.MemorySlices) - 1, FewestSliceColumns, MostSliceColumns);
        var spans = new List<DiagramSpan> { new(new string(' ', Indent) + "[") };
        for (var slice = 0; slice < gpu.MemorySlices;)
        {
            var instance = gpu.Instances.FirstOrDefault(i => i.Place.Start == slice);
            var size = Math.Max(1, instance?.Place.Size ?? 1);
            var box = (size * width) + size - 1;
            spans.Add(new DiagramSpan(
                Centre(instance is null ? "free" : Inside(instance, box), box),
                instance is null ? DiagramStyle.Free
                    : instance.VmIds.Count > 0 ? DiagramStyle.InUse : DiagramStyle.Idle));
            slice += size;
            spans.Add(new DiagramSpan(slice < gpu.MemorySlices ? "|" : "]"));
        }

        return gpu.MemorySlices == 0 ? [] : spans;
    }

    /// <summary>Profile and VMs, as much of it as fits.</summary>
    private static string Inside(MigInstanceInfo instance, int width)
    {
        var vms = string.Join(',', instance.VmIds);
        string[] texts = [$"{instance.Profile} {vms}".TrimEnd(), $"{instance.Profile.Split('.')[0]} {vms}", vms];
        return texts.FirstOrDefault(t => t.Length <= width) ?? vms;
    }

    /// <summary>Time-sliced vGPUs by their share of the memory.</summary>
    private List<DiagramSpan> TimeSlices(GpuInfo gpu)
    {
        if (gpu.Vgpus.Count == 0 || gpu.MemoryMiB <= 0)
        {
            return [];
        }

        var room = Math.Min(options.Width, 100) - Indent - 2;
        var spans = new List<DiagramSpan> { new(new string(' ', Indent) + "[") };
        var left = room;
        foreach (var vgpu in gpu.Vgpus)
        {
            var width = Math.Min(left, Math.Max(FewestSliceColumns, (int)(room * vgpu.FramebufferMiB / gpu.MemoryMiB)));
            if (width < FewestSliceColumns)
            {
                break;
            }

            var owner = vgpu.VmId?.ToString(CultureInfo.InvariantCulture) ?? "?";
            var text = width > vgpu.VgpuType.Length + owner.Length + 1 ? $"{vgpu.VgpuType} {owner}" : owner;
            spans.Add(new DiagramSpan(
                Centre(text, width - 1), vgpu.IsRunning ? DiagramStyle.InUse : DiagramStyle.Idle));
            spans.Add(new DiagramSpan("|"));
            left -= width;
        }

        spans[^1] = new DiagramSpan(left > 0 ? "|" : "]");
        if (left > 0)
        {
            spans.Add(new DiagramSpan(Centre(left > 5 ? "free" : "", left - 1), DiagramStyle.Free));
            spans.Add(new DiagramSpan("]"));
        }

        return spans;
    }

    private string Bar(double ratio)
    {
        var full = (int)Math.Round(Math.Clamp(ratio, 0, 1) * BarWidth, MidpointRounding.AwayFromZero);
        return new string(Full, full) + new string(Empty, BarWidth - full);
    }

    private static string Percent(double ratio) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Round(ratio * 100):0} %");

    /// <summary>VMs' names get what a wide terminal has left over.</summary>
    private string Row(IReadOnlyList<string> cells) => string.Concat(cells.Select((c, i) =>
    {
        var width = i == 1 ? Math.Clamp(s_widths[i] + options.Width - NarrowWidth, s_widths[i], MostNameColumns)
            : s_widths[i];
        return i == cells.Count - 1 ? c : CellText.Pad(CellText.Cut(c, width - 1), width);
    }));

    private static string Model(GpuInfo gpu) => gpu.Model.Replace("NVIDIA ", "", StringComparison.Ordinal);

    // Nearly every host has one PCI domain.
    private static string Short(string address) =>
        address.StartsWith("0000:", StringComparison.Ordinal) ? address[5..] : address;

    private static string Count(int count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    private static string Centre(string text, int width)
    {
        var cut = CellText.Cut(text, width);
        return CellText.Pad(new string(' ', (width - CellText.WidthOf(cut)) / 2) + cut, width);
    }

    private List<DiagramSpan> Clip(IEnumerable<DiagramSpan> spans)
    {
        var left = options.Width;
        var clipped = new List<DiagramSpan>();
        foreach (var span in spans.TakeWhile(_ => left > 0))
        {
            var text = CellText.Cut(span.Text, left);
            clipped.Add(span with { Text = text });
            left -= CellText.WidthOf(text);
        }

        return clipped;
    }
}
