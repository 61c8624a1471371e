using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Report;

/// <summary>Draws a GPU: its memory slices with instances and VMs, or its memory with time-sliced vGPUs, in
/// proportion.</summary>
internal static class GpuDrawing
{
    private const double Width = 560;
    private const double BoxHeight = 62;
    private const double Gap = 4;
    private const double MinBox = 84;
    private const double BarHeight = 20;
    private const int CellsInRow = 5;
    private const string Use = "use";
    private const string Idle = "idle";
    private const string Free = "free";

    /// <summary>Draws it.</summary>
    /// <param name="page">Where to write.</param>
    /// <param name="id">Unique in the page.</param>
    /// <param name="gpu">The GPU.</param>
    /// <param name="names">Names of VMs.</param>
    public static void Write(HtmlWriter page, string id, GpuInfo gpu, IReadOnlyDictionary<int, string> names)
    {
        var isCut = gpu.MigCurrent == true && gpu.MemorySlices > 0;
        var boxes = isCut ? Slices(gpu, names) : Shares(gpu, names);
        var unit = (Width + Gap) / Math.Max(1, boxes.Sum(b => b.Size));
        var asCells = !isCut && boxes.Any(b => b.Style != Free && (b.Size * unit) - Gap < MinBox);
        List<Box> cells = asCells ? [.. boxes.Where(b => b.Style != Free)] : [];
        var top = isCut ? 20 : asCells ? BarHeight + 8 : 1;
        var height = asCells ? top + (Math.Ceiling(cells.Count / (double)CellsInRow) * (BoxHeight + Gap))
            : top + BoxHeight + 1;
        page.OpenPicture(id, (Width, height), "gpu", $"GPU {gpu.GpuAddress} of {gpu.VgpuHost}: {gpu.Model}",
            $"{(isCut ? "memory slices from 0" : $"{Text(gpu.MemoryMiB)} MiB of memory")}: "
                + string.Join("; ", boxes.Select(b => b.Description)));
        for (var slice = 0; isCut && slice < gpu.MemorySlices; slice++)
        {
            page.Label(((slice + 0.5) * unit) - (Gap / 2), 13, Text(slice), unit, "faint", "middle");
        }

        Row(page, boxes, unit, asCells ? (1, BarHeight, false) : (top, BoxHeight, true));
        foreach (var (number, cell) in cells.Index())
        {
            var cellWidth = (Width + Gap) / CellsInRow;
            Draw(page, cell, number % CellsInRow * cellWidth,
                (top + (number / CellsInRow * (BoxHeight + Gap)), BoxHeight), cellWidth - Gap, true);
        }

        page.Close();
    }

    private static void Row(
        HtmlWriter page, List<Box> boxes, double unit, (double Top, double Height, bool WithText) row)
    {
        var at = 0.0;
        foreach (var box in boxes)
        {
            Draw(page, box, at * unit, (row.Top, row.Height), (box.Size * unit) - Gap, row.WithText);
            at += box.Size;
        }
    }

    private static void Draw(
        HtmlWriter page, Box box, double x, (double Top, double Height) place, double width, bool withText)
    {
        page.Open("g").Element("title", box.Description);
        page.Rectangle(x + 0.5, place.Top, width - 1, place.Height, box.Style);
        foreach (var (line, texts) in box.Lines.Index().Where(_ => withText))
        {
            // The longest form that the box has place for.
            var text = texts.FirstOrDefault(t => SvgShapes.Fit(t, width - 10) == t) ?? texts[^1];
            page.Label(x + 7, place.Top + 19 + (line * 18), text, width - 10, line == 0 ? "strong" : null);
        }

        page.Close();
    }

    private static List<Box> Slices(GpuInfo gpu, IReadOnlyDictionary<int, string> names)
    {
        var boxes = new List<Box>();
        for (var slice = 0; slice < gpu.MemorySlices;)
        {
            if (gpu.Instances.FirstOrDefault(i => i.Place.Start == slice) is { } instance)
            {
                var size = Math.Max(1, instance.Place.Size);
                boxes.Add(Instance(instance, size, names));
                slice += size;
                continue;
            }

            boxes.Add(new Box(1, Free, [["free"]], $"slice {Text(slice)} free"));
            slice++;
        }

        return boxes;
    }

    private static Box Instance(MigInstanceInfo instance, int size, IReadOnlyDictionary<int, string> names)
    {
        var compute = instance.Compute.Count == 0 ? "no CI"
            : $"CI {string.Join(", ", instance.Compute.Select(c => c.ComputeProfile))}";
        var vms = instance.VmIds.Count == 0 ? "no VM runs" : Vms(instance.VmIds, names);
        return new Box(
            size, instance.VmIds.Count > 0 ? Use : Idle,
            [
                [instance.Profile],
                [$"GI {Text(instance.GpuInstanceId)}, {compute}", $"GI {Text(instance.GpuInstanceId)}"],
                [vms, instance.VmIds is [var only] ? $"VM {Text(only)}" : vms],
            ],
            $"slices {Text(instance.Place.Start)} to {Text(instance.Place.Start + size - 1)}: GPU instance "
                + $"{Text(instance.GpuInstanceId)} of {instance.Profile}, {compute}, {vms}");
    }

    private static List<Box> Shares(GpuInfo gpu, IReadOnlyDictionary<int, string> names)
    {
        var boxes = gpu.Vgpus.Select(v => new Box(
            Math.Max(1, v.FramebufferMiB), v.IsRunning ? Use : Idle,
            [
                [v.VgpuType], [$"{Text(v.FramebufferMiB)} MiB"],
                v.VmId is { } vm ? [Vms([vm], names), $"VM {Text(vm)}"] : ["unknown VM"],
            ],
            $"{v.VgpuType}, {Text(v.FramebufferMiB)} MiB, "
                + (v.VmId is { } id ? Vms([id], names) : "unknown VM")
                + (v.IsRunning ? "" : ", prepared"))).ToList();
        var rest = gpu.MemoryMiB - boxes.Sum(b => b.Size);
        if (rest > gpu.MemoryMiB / 50)
        {
            boxes.Add(new Box(rest, Free, [["free"], [$"{Text(rest)} MiB"]], $"{Text(rest)} MiB free"));
        }

        return boxes;
    }

    private static string Vms(IReadOnlyList<int> vms, IReadOnlyDictionary<int, string> names) => vms is [var only]
        ? $"VM {Text(only)} {SvgShapes.Clip(names.GetValueOrDefault(only, ""), 60)}".TrimEnd()
        : $"VM {string.Join(", ", vms.Select(v => Text(v)))}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A box.</summary>
    /// <param name="Size">Its share of the row.</param>
    /// <param name="Style">Its class.</param>
    /// <param name="Lines">Its lines, each in its forms from the longest to the shortest.</param>
    /// <param name="Description">What it shows, in words.</param>
    private sealed record Box(
        long Size, string Style, IReadOnlyList<IReadOnlyList<string>> Lines, string Description);
}
