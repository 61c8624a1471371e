namespace VgpuPS.Core.Advice;

/// <summary>Advice as people read it.</summary>
internal static class AdviceText
{
    private const int Width = 78;

    /// <summary>Writes it, lines of at most 78 columns.</summary>
    public static IReadOnlyList<string> Write(VgpuAdviceInfo advice)
    {
        var lines = new List<string>();
        Add(lines, "", Title(advice));
        lines.AddRange(advice.Gpus.SelectMany(Describe));
        Section(lines, "Tenants", advice.Tenants.SelectMany(Describe));
        Section(lines, "Not as asked for", advice.Unsatisfied.Select(g => g.ToString()));
        Section(lines, "Why", advice.Reasons.Select(r => r.ToString()));
        Section(lines, "Notes", advice.Notes);
        if (advice.Layout is null || advice.Gpus.Any(g => g.GpuAddress is null))
        {
            return lines;
        }

        lines.Add("Go on with");
        var reset = advice.Gpus.Any(g => g.ChangesMig) ? "-Reset " : "";
        lines.Add($"  Get-VgpuAdvice ... | Sync-VgpuLayout {reset}-WhatIf");
        if (advice.Assignments.Count > 0)
        {
            lines.Add("  (Get-VgpuAdvice ...).Assignments | Add-VmVgpu -WhatIf");
        }

        return lines;
    }

    private static string Title(VgpuAdviceInfo advice)
    {
        var sharing = advice.Sharing switch
        {
            "TimeSliced" => "time-sliced",
            "MigBacked" => "MIG-backed",
            _ => "some GPUs time-sliced, some MIG-backed",
        };
        return advice.Rank == 1 ? $"Recommended for {advice.VgpuHost}: {sharing}"
            : string.Create(
                CultureInfo.InvariantCulture, $"Alternative {advice.Rank - 1} for {advice.VgpuHost}: {sharing}");
    }

    private static IEnumerable<string> Describe(VgpuAdviceGpu gpu)
    {
        var what = gpu.Sharing == "MigBacked" ? $"MIG on, {gpu.Instances}"
            : (gpu.Scheduler is { } scheduler ? $"time-sliced, {Words(scheduler)}" : "time-sliced")
                + (gpu.MixedSizes ? ", mixed sizes" : "");
        var lines = new List<string>();
        Add(lines, "  ", string.Create(
            CultureInfo.InvariantCulture,
            $"GPU {gpu.GpuIndex} ({gpu.Model.Replace("NVIDIA ", "", StringComparison.Ordinal)}): {what}: {gpu.Types}"));
        return lines;
    }

    private static string Words(string scheduler) => scheduler switch
    {
        nameof(SchedulerPolicy.FixedShare) => "fixed share",
        nameof(SchedulerPolicy.EqualShare) => "equal share",
        _ => "best effort",
    };

    private static IEnumerable<string> Describe(VgpuAdviceTenant tenant)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"{tenant} on GPU {tenant.GpuIndex}");
        var known = tenant.Figures.Where(f => f.Basis != ExpectedFigures.NotKnown).ToList();
        foreach (var basis in known.GroupBy(f => f.Basis))
        {
            yield return $"  {(basis.Key == ExpectedFigures.Measured ? "measured" : "by the article's ratios")}, "
                + $"idle/loaded: {string.Join(", ", basis)}";
        }

        if (known.Count < tenant.Figures.Count)
        {
            yield return known.Count == 0 ? "  expected figures: not known"
                : "  not known: " + string.Join(", ", tenant.Figures.Except(known).Select(f => f.Workload));
        }
    }

    private static void Section(List<string> lines, string title, IEnumerable<string> items)
    {
        var all = items.ToList();
        if (all.Count == 0)
        {
            return;
        }

        lines.Add(title);
        all.ForEach(i => Add(lines, "  ", i));
    }

    /// <summary>A paragraph, wrapped; what goes on is indented further.</summary>
    private static void Add(List<string> lines, string indent, string text)
    {
        var own = indent + new string(' ', text.Length - text.TrimStart().Length);
        var line = own;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > own.Length && line.Length + word.Length >= Width)
            {
                lines.Add(line.TrimEnd());
                line = own + "  ";
            }

            line += word + " ";
        }

        lines.Add(line.TrimEnd());
    }
}
