namespace VgpuPS.Core.Platform;

/// <summary>What a shell makes of the files that grub-mkconfig sources.</summary>
/// <param name="Sources">The two variables after each file, in the order of sourcing; those until the fault where there
/// is one.</param>
/// <param name="Fault">What keeps GRUB from using them; null where they are all right.</param>
public sealed record GrubEvaluation(IReadOnlyList<GrubSource> Sources, GrubFault? Fault)
{
    /// <summary>Words that every entry gets.</summary>
    public IReadOnlyList<string> Linux => KernelCommandLine.Words(Sources.Count == 0 ? "" : Sources[^1].Linux);

    /// <summary>Words that normal entries get after those.</summary>
    public IReadOnlyList<string> Default => KernelCommandLine.Words(Sources.Count == 0 ? "" : Sources[^1].Default);

    /// <summary>The words that a normal entry gets.</summary>
    public IReadOnlyList<string> Words => [.. Linux, .. Default];

    /// <summary>Why a drop-in does not do what it is for; null where it does.</summary>
    /// <param name="add">Words that must be there.</param>
    /// <param name="gone">Words that must not.</param>
    /// <param name="before">What the files give without the drop-in.</param>
    public GrubFault? FindDifference(IReadOnlyList<string> add, IReadOnlyList<string> gone, GrubEvaluation before)
    {
        if (Fault is not null)
        {
            return Fault;
        }

        var ours = Sources.FirstOrDefault(s => s.Path == GrubDropIn.Path);
        if (add.FirstOrDefault(w => !Words.Contains(w)) is { } missing)
        {
            return ours is null || !ours.Words.Contains(missing)
                ? new GrubFault(GrubDropIn.Path, null, $"{missing} is missing from {GrubDropIn.Default} after it")
                : Blame(s => !s.Words.Contains(missing),
                    $"it is sourced after {GrubDropIn.Path} and {missing} is missing after it");
        }

        if (gone.FirstOrDefault(Words.Contains) is { } left)
        {
            return ours is null || ours.Words.Contains(left)
                ? new GrubFault(GrubDropIn.Path, null, $"{left} is still there after it")
                : Blame(s => s.Words.Contains(left), $"it is sourced after {GrubDropIn.Path} and restores {left}");
        }

        return before.Words.Except(gone, StringComparer.Ordinal).FirstOrDefault(w => !Words.Contains(w)) is { } lost
            ? new GrubFault(GrubDropIn.Path, null, $"the parameter {lost} would be lost") : null;
    }

    // Only files behind ours are asked: what stands before it, it has seen.
    private GrubFault Blame(Func<GrubSource, bool> isGuilty, string what)
    {
        var guilty = Sources.SkipWhile(s => s.Path != GrubDropIn.Path).Skip(1).First(isGuilty);
        return new GrubFault(guilty.Path, guilty.Line, what);
    }
}

/// <summary>The two variables after a file was sourced.</summary>
/// <param name="Path">The file.</param>
/// <param name="Line">The last line of it that names one of the two variables, from 1; null for none.</param>
/// <param name="Linux">Value of GRUB_CMDLINE_LINUX.</param>
/// <param name="Default">Value of GRUB_CMDLINE_LINUX_DEFAULT.</param>
public sealed record GrubSource(string Path, int? Line, string Linux, string Default)
{
    /// <summary>Words of a normal entry if no file came after this one.</summary>
    public IReadOnlyList<string> Words => [.. KernelCommandLine.Words(Linux), .. KernelCommandLine.Words(Default)];
}

/// <summary>What keeps GRUB's generator from using a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Line">Its line, from 1; null where it is unknown.</param>
/// <param name="What">What is wrong.</param>
public sealed record GrubFault(string Path, int? Line, string What)
{
    /// <summary>For display: <c>/etc/default/grub, line 3: …</c>.</summary>
    public string Text => Line is { } line ? $"{Path}, line {line}: {What}" : $"{Path}: {What}";
}
