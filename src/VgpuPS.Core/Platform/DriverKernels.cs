namespace VgpuPS.Core.Platform;

/// <summary>Which kernels a vGPU host driver was seen to work on.</summary>
/// <remarks>
/// Source: facts/host-behaviour.md 8, kernel and driver matrix: reports of users, not NVIDIA's word. A kernel newer
/// than all reports of a branch does not build in the cases known (facts/errors.md A1); one older than all is not known
/// to fail.
/// </remarks>
public static class DriverKernels
{
    private static readonly DriverBranch[] s_branches =
    [
        new("16", 535, 0, new KernelRelease(5, 15), new KernelRelease(6, 5)),
        new("16.10", 535, 247, new KernelRelease(5, 15), new KernelRelease(7, 0)),
        new("17.0", 550, 0, new KernelRelease(5, 15), new KernelRelease(6, 5)),
        new("17.3", 550, 90, new KernelRelease(6, 5), new KernelRelease(6, 8)),
        new("18", 570, 0, new KernelRelease(6, 8), new KernelRelease(6, 14)),
        new("19", 580, 0, new KernelRelease(6, 8), new KernelRelease(6, 16)),

        // Between its neighbours; no report of it is known.
        new(null, 590, 0, new KernelRelease(6, 8), new KernelRelease(7, 0)),
        new("20", 595, 0, new KernelRelease(6, 17), new KernelRelease(7, 0)),
    ];

    // Source: facts/proxmox.md (h), packages; 6.5 is that of the article's host (facts/host-behaviour.md 8).
    private static readonly KernelRelease[] s_pve8 = [new(6, 5), new(6, 8), new(6, 11), new(6, 14)];
    private static readonly KernelRelease[] s_pve9 = [new(6, 14), new(6, 17), new(7, 0)];

    /// <summary>The branch of a driver; null for one without reports.</summary>
    /// <param name="driver">Version, such as <c>550.54.16</c>.</param>
    public static DriverBranch? Find(string? driver)
    {
        var parts = (driver ?? "").Split('.');
        return parts.Length >= 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            ? s_branches.LastOrDefault(b => b.Major == major && minor >= b.FirstMinor)
            : null;
    }

    /// <summary>Whether the kernel is newer than all that the driver was reported on; false for an unknown
    /// driver.</summary>
    public static bool IsTooNew(string? driver, string? kernel) => Find(driver) is { } branch
        && KernelRelease.TryParse(kernel, out var release) && release.CompareTo(branch.Newest) > 0;

    /// <summary>Which driver to use on a kernel that is too new for the present one: a sentence that fits the host's
    /// boards, without the command for it.</summary>
    /// <param name="driver">The present driver's version.</param>
    /// <param name="kernel">Release of the kernel.</param>
    /// <param name="boards">PCI device ids of the host's GPUs.</param>
    /// <returns>Null where no release is known that has these boards and this kernel.</returns>
    public static string? Advise(string? driver, string? kernel, IEnumerable<int> boards)
    {
        if (Find(driver) is not { } present || !KernelRelease.TryParse(kernel, out var release))
        {
            return null;
        }

        var last = boards.Select(b => GpuBoard.Of(b).LastBranch).Min() ?? int.MaxValue;
        var fitting = s_branches.Where(b => b.Vgpu is not null && b.Newest.CompareTo(release) >= 0 && b.Major <= last)
            .ToList();
        return fitting.Find(b => b.Major == present.Major && b.FirstMinor > present.FirstMinor) is { } late
            ? $"a late release of the same branch, {late.Release} or newer (vGPU {late.Vgpu})"
            : fitting.Find(b => b.Major > present.Major) is { } newer
                ? $"driver {newer.Release} (vGPU {newer.Vgpu}) or a newer one" : null;
    }

    /// <summary>Series that Proxmox VE offers and that the driver was reported on, ascending.</summary>
    /// <param name="driver">The driver's version.</param>
    /// <param name="isPve8">Whether the host has Proxmox VE 8.</param>
    public static IReadOnlyList<KernelRelease> Offered(string driver, bool isPve8) => Find(driver) is not { } branch
        ? []
        : [.. (isPve8 ? s_pve8 : s_pve9).Where(
            r => r.CompareTo(branch.Oldest) >= 0 && r.CompareTo(branch.Newest) <= 0)];
}

/// <summary>Releases of the vGPU host driver that were reported on the same kernels.</summary>
/// <param name="Vgpu">NVIDIA's number of the vGPU software; null for a branch without reports.</param>
/// <param name="Major">First number of the driver's version.</param>
/// <param name="FirstMinor">Least second number.</param>
/// <param name="Oldest">Oldest kernel reported.</param>
/// <param name="Newest">Newest kernel reported.</param>
public sealed record DriverBranch(string? Vgpu, int Major, int FirstMinor, KernelRelease Oldest, KernelRelease Newest)
{
    /// <summary>Its least version: <c>535.247</c>, or <c>580</c> for a whole branch.</summary>
    public string Release => FirstMinor == 0
        ? Major.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Major}.{FirstMinor}");

    /// <summary>For display: <c>driver 580 (vGPU 19) is reported on kernels 6.8 to 6.16</c>.</summary>
    public string Text => Vgpu is null
        ? $"driver {Major} is in no report; its neighbours are on kernels {Oldest} to {Newest}"
        : $"driver {Release} (vGPU {Vgpu}) is reported on kernels {Oldest} to {Newest}";
}
