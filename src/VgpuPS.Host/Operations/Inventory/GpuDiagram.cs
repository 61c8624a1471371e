using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Operations.Inventory;

/// <summary>
/// Draws one GPU for a terminal: its memory slices with instances and VMs, or its time-sliced vGPUs; at most 120
/// columns.
/// </summary>
public static class GpuDiagram
{
    private const int Margin = 8;
    private const int MaxBoxes = 6;
    private const int WidestRow = 108;

    /// <summary>Draws it.</summary>
    /// <returns>The head line, then the drawing, top to bottom.</returns>
    public static IReadOnlyList<DiagramLine> Draw(GpuInfo gpu) =>
        [DiagramLine.Of(Heading(gpu), DiagramStyle.Heading), .. Body(gpu)];

    /// <summary>Draws it as a row of the GPU's host.</summary>
    public static GpuPictureInfo Row(GpuInfo gpu)
    {
        var lines = Draw(gpu);
        return new GpuPictureInfo
        {
            VgpuHost = gpu.VgpuHost,
            GpuUuid = gpu.GpuUuid,
            GpuAddress = gpu.GpuAddress,
            Lines = [.. lines.Select(l => l.ToString())],
            ColoredLines = [.. lines.Select(GpuPictureInfo.Color)],
        };
    }

    private static IEnumerable<DiagramLine> Body(GpuInfo gpu)
    {
        if (gpu.MigCurrent == true && gpu.MemorySlices > 0)
        {
            return Slices(gpu);
        }

        if (gpu.Vgpus.Count == 0)
        {
            return [DiagramLine.Of($"{Blank}no vGPU", DiagramStyle.Free)];
        }

        return gpu.Vgpus.Count > MaxBoxes ? List(gpu) : Boxes([.. gpu.Vgpus.Select(VgpuBox)]);
    }

    private static string Blank { get; } = new(' ', Margin);

    private static string Heading(GpuInfo gpu)
    {
        var mig = gpu.Mig switch
        {
            null => "no MIG",
            { Current: true, Pending: true } => "MIG on",
            { Current: true } => "MIG on, off after a reset",
            { Pending: true } => "MIG off, on after a reset",
            _ => "MIG off",
        };
        var functions = gpu.TotalFunctions == 0
            ? "no virtual functions"
            : string.Create(CultureInfo.InvariantCulture,
                $"{gpu.EnabledFunctions} of {gpu.TotalFunctions} VFs enabled");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"GPU {gpu.GpuIndex}  {gpu.GpuAddress}  {gpu.Model}  {gpu.MemoryMiB} MiB  {mig}  {functions}");
    }

    private static IEnumerable<DiagramLine> Slices(GpuInfo gpu)
    {
        var width = Math.Min(14, (WidestRow - Margin - 1) / gpu.MemorySlices) - 1;
        yield return DiagramLine.Of("  slice" + string.Concat(Enumerable.Range(0, gpu.MemorySlices).Select(
            i => " " + i.ToString(CultureInfo.InvariantCulture).PadLeft((width / 2) + 1).PadRight(width))));
        foreach (var line in Boxes([.. SliceBoxes(gpu, width)]))
        {
            yield return line;
        }
    }

    private static IEnumerable<Box> SliceBoxes(GpuInfo gpu, int width)
    {
        for (var slice = 0; slice < gpu.MemorySlices;)
        {
            if (gpu.Instances.FirstOrDefault(i => i.Place.Start == slice) is not { } instance)
            {
                yield return new Box(width, ["", "free", ""], DiagramStyle.Free);
                slice++;
                continue;
            }

            var size = Math.Max(1, instance.Place.Size);
            var compute = instance.Compute.Count == 0 ? "no CI" : $"CI {string.Join(", ", instance.Compute)}";
            yield return new Box(
                (size * width) + size - 1,
                [instance.Profile, $"GI {instance.GpuInstanceId}, {compute}", Vms(instance.VmIds)],
                instance.VmIds.Count > 0 ? DiagramStyle.InUse : DiagramStyle.Idle);
            slice += size;
        }
    }

    private static string Vms(IReadOnlyList<int> vms) => vms.Count == 0 ? "no VM runs" : $"VM {string.Join(", ", vms)}";

    private static Box VgpuBox(VgpuInfo vgpu) => new(
        16, [vgpu.VgpuType, string.Create(CultureInfo.InvariantCulture, $"{vgpu.FramebufferMiB} MiB"), Owner(vgpu)],
        vgpu.IsRunning ? DiagramStyle.InUse : DiagramStyle.Idle);

    private static string Owner(VgpuInfo vgpu) => vgpu.VmId is { } vm
        ? string.Create(CultureInfo.InvariantCulture, $"VM {vm}")
        : "unknown VM";

    private static IEnumerable<DiagramLine> List(GpuInfo gpu) => gpu.Vgpus
        .GroupBy(v => (v.VgpuType, v.IsRunning))
        .Select(group => new DiagramLine(
        [
            new DiagramSpan(Blank),
            new DiagramSpan(
                $"{group.Count()} x {group.Key.VgpuType}: {string.Join(", ", group.Select(Owner))}",
                group.Key.IsRunning ? DiagramStyle.InUse : DiagramStyle.Idle),
        ]));

    private static IEnumerable<DiagramLine> Boxes(IReadOnlyList<Box> boxes)
    {
        var rule = DiagramLine.Of($"{Blank}+{string.Join('+', boxes.Select(b => new string('-', b.Width)))}+");
        yield return rule;
        for (var row = 0; row < 3; row++)
        {
            var spans = new List<DiagramSpan> { new(Blank + "|") };
            foreach (var box in boxes)
            {
                spans.Add(new DiagramSpan(Fit(box.Rows[row], box.Width), box.Style));
                spans.Add(new DiagramSpan("|"));
            }

            yield return new DiagramLine(spans);
        }

        yield return rule;
    }

    private static string Fit(string text, int width) =>
        (text.Length > width - 1 ? $" {text[..Math.Max(0, width - 3)]}.." : $" {text}").PadRight(width)[..width];

    private sealed record Box(int Width, IReadOnlyList<string> Rows, DiagramStyle Style);
}
