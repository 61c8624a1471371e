namespace VgpuPS.Host.Nvml;

/// <summary>Names of MIG profiles: the driver's without its prefix, or built from figures where it has none.</summary>
/// <remarks>
/// Source: facts/nvml.md 2 (slots, prefix); go-nvlib pkg/nvlib/device/mig_profile.go (memory in eighths of the GPU's,
/// rounded up, times its GiB rounded up).
/// </remarks>
internal static class MigProfileNames
{
    private const string Prefix = "MIG ";
    private const double Eighths = 8;
    private const ulong BytesPerGiB = 1UL << 30;
    private const ulong BytesPerMiB = 1UL << 20;


    /// <summary>The name without the driver's prefix.</summary>
    /// <param name="name">As the driver prints it, such as <c>MIG 2g.12gb</c>.</param>
    public static string Strip(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;

    /// <summary>Name of a GPU instance profile from its figures.</summary>
    /// <param name="slot">The slot it was requested with.</param>
    /// <param name="slices">Compute slices.</param>
    /// <param name="memoryMiB">Its memory in MiB.</param>
    /// <param name="totalBytes">The GPU's memory in bytes.</param>
    public static string Build(uint slot, uint slices, ulong memoryMiB, ulong totalBytes)
    {
        var share = Math.Ceiling((double)(memoryMiB * BytesPerMiB) / Math.Max(1, totalBytes) * Eighths) / Eighths;
        var total = (totalBytes + BytesPerGiB - 1) / BytesPerGiB;
        var memory = (long)Math.Round(share * total, MidpointRounding.AwayFromZero);
        return string.Create(CultureInfo.InvariantCulture, $"{slices}g.{memory}gb{Attribute(slot)}");
    }

    /// <remarks>
    /// Source: nvml.h, NVML_GPU_INSTANCE_PROFILE_*: 7 and 8 are 1_SLICE_REV1 and 2_SLICE_REV1, 0x0A to 0x0C and 0x11
    /// the _GFX ones, 0x0D and 0x0E _NO_ME, 0x0F and 0x10 _ALL_ME; names by facts/mig-profiles.json.
    /// </remarks>
    private static string Attribute(uint slot) => slot switch
    {
        7 or 8 => "+me",
        0x0A or 0x0B or 0x0C or 0x11 => "+gfx",
        0x0D or 0x0E => "-me",
        0x0F or 0x10 => "+me.all",
        _ => "",
    };

    /// <summary>Name of a compute instance profile: the GPU instance's own where it fills it.</summary>
    /// <param name="slices">Compute slices of the compute instance.</param>
    /// <param name="instanceSlices">Compute slices of the GPU instance.</param>
    /// <param name="instanceName">Name of the GPU instance's profile.</param>
    public static string BuildCompute(uint slices, uint instanceSlices, string? instanceName) =>
        slices == instanceSlices && instanceName is not null
            ? instanceName
            : string.Create(CultureInfo.InvariantCulture, $"{slices}c.{instanceName}");
}
