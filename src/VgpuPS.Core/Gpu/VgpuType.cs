namespace VgpuPS.Core.Gpu;

/// <summary>A vGPU type as the driver describes it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">The driver's name, with product prefix: <c>NVIDIA A30-2-12C</c>.</param>
/// <param name="Class">The driver's class text, such as <c>Compute</c>; empty when unknown.</param>
/// <param name="FramebufferMiB">Frame buffer in MiB, reservation included.</param>
/// <param name="MaxPerGpu">How many fit on an empty GPU of this model (equal sizes); 0 when unknown.</param>
/// <param name="MaxPerGpuInstance">How many fit on one GPU instance; null when the driver does not report it.</param>
/// <param name="Profile">GPU instance profile it needs; null for a time-sliced type.</param>
/// <remarks>Source: nvml.h, nvmlVgpuTypeGet*; facts/nvml.md 5.</remarks>
public sealed record VgpuType(
    VgpuTypeId Id, string Name, string Class, long FramebufferMiB, int MaxPerGpu, int? MaxPerGpuInstance,
    ProfileId? Profile)
{
    /// <summary>How many one VM may have; 0 when unknown.</summary>
    public int MaxPerVm { get; init; }

    /// <summary>Whether a VM that has one may have no vGPU of another type; false when unknown.</summary>
    /// <remarks>Source: nvml.h, NVML_VGPU_CAP_MULTI_VGPU_EXCLUSIVE.</remarks>
    public bool IsExclusiveInVm { get; init; }

    /// <summary>Licences that it runs with, as the driver names them; empty when unknown.</summary>
    public string License { get; init; } = "";

    /// <summary>Whether it needs a GPU instance.</summary>
    public bool IsMigBacked => Profile is not null;

    /// <summary>The name without the product prefix: <c>A30-2-12C</c>.</summary>
    public string ShortName =>
        Name.StartsWith("NVIDIA ", StringComparison.Ordinal) || Name.StartsWith("GRID ", StringComparison.Ordinal)
            ? Name[(Name.IndexOf(' ', StringComparison.Ordinal) + 1)..]
            : Name;

    /// <summary>The end of a name without the board: <c>DC-1-8Q</c> of <c>RTX Pro 6000 Blackwell DC-1-8Q</c>; the name
    /// itself where it is one word.</summary>
    public static string EndOf(string name) => name[(name.LastIndexOf(' ') + 1)..];

    /// <summary>Whether a user's text means it: name, with and without product and board, number, or
    /// <c>nvidia-N</c>.</summary>
    public bool IsNamed(string text) =>
        new[] { ShortName, Name, EndOf(Name), Id.MdevName, Id.ToString() }
            .Contains(text.Trim(), StringComparer.OrdinalIgnoreCase);

    /// <summary>How many a GPU instance of its profile carries: what the driver reports, else one.</summary>
    /// <remarks>
    /// Source: facts/host-behaviour.md 1.5 (8): only GPUs with time-sliced MIG carry more than one; drivers before R575
    /// do not report it, and know no such GPU.
    /// </remarks>
    public int CapacityPerGpuInstance => Math.Max(1, MaxPerGpuInstance ?? 1);
}
