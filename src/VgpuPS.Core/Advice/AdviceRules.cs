namespace VgpuPS.Core.Advice;

/// <summary>A rule that advice follows.</summary>
/// <param name="Name">Its name, which stays.</param>
/// <param name="Text">The rule, as a clause.</param>
/// <param name="Source">Where it comes from.</param>
public sealed record AdviceRule(string Name, string Text, string Source);

/// <summary>The rules that advice follows: who is served how, and why.</summary>
public static class AdviceRules
{
    private const string Article = "the article on sharing an A30 between VMs, which measured both ways";
    private const string F25 = "facts/measuring.md F25";

    internal static readonly AdviceRule Burst = new(
        "Burst",
        "time-sliced, each has the whole GPU while the others idle; the figures vary with what the others do", Article);

    internal static readonly AdviceRule AllMultiprocessors = new(
        "AllMultiprocessors",
        "time-sliced, each sees all SMs; a GPU instance shows its own ones alone", Article);

    internal static readonly AdviceRule Guarantee = new(
        "Guarantee",
        "a GPU instance has SMs and memory bandwidth of its own, so its figures stay whatever the others do", Article);

    internal static readonly AdviceRule WholeGpu = new(
        "WholeGpu", "a vGPU with the whole frame buffer is alone on its GPU, with all SMs",
        "facts/host-behaviour.md 5");

    internal static readonly AdviceRule FixedShare = new(
        "FixedShare",
        "fixed shares give each vGPU the same part of the time; caches and memory bandwidth stay shared, and switching "
            + "has its price", "facts/host-behaviour.md 6");

    internal static readonly AdviceRule HighestSum = new(
        "HighestSum", "GPU instances add up to more than time slices: nothing is lost to switching between VMs",
        Article);

    internal static readonly AdviceRule SmallKernels = new(
        "SmallKernels",
        "small kernels do not fill a GPU: in a GPU instance they are about as fast, and many run side by side",
        Article);

    internal static readonly AdviceRule UnifiedMemory = new(
        "UnifiedMemory", "unified memory works in every GPU instance, and time-sliced only with the whole frame buffer",
        F25);

    internal static readonly AdviceRule LiveMigration = new(
        "LiveMigration",
        "time-sliced and MIG-backed vGPUs migrate live; unified memory, profilers and debuggers rule it out, so they "
            + "stay off", F25 + "; facts/cluster.md D9");

    internal static readonly AdviceRule Encoder = new(
        "Encoder", "encoders need a type of class Q on a board that has some, in a GPU instance a profile that has one",
        "facts/mig-profiles.json; that class C has no encoder is assumed");

    internal static readonly AdviceRule OneSize = new(
        "OneSize", "time-sliced vGPUs of one GPU have one size while mixed sizes are off, so smaller ones get more",
        "facts/host-behaviour.md 1.5 and 5");

    internal static readonly AdviceRule MixedSizes = new(
        "MixedSizes",
        "with mixed sizes time-sliced vGPUs of one GPU have a size each, which takes a half, a quarter … of it; best "
            + "effort and equal share go with that, fixed shares do not",
        "facts/host-behaviour.md 5; facts/vgpu-types.json");

    internal static readonly AdviceRule NoMig = new(
        "NoMig", "the board has no MIG, so its vGPUs are time-sliced", "facts/mig-profiles.json");

    internal static readonly AdviceRule SharedInstance = new(
        "SharedInstance", "several vGPUs share a GPU instance in time slices; MIG, time slicing and MPS combine",
        Article + "; facts/host-behaviour.md 1.5 (8)");

    internal static readonly AdviceRule SharedAnyway = new(
        "SharedAnyway", "PCI Express and power are shared by all vGPUs of a GPU, in GPU instances too", Article);

    /// <summary>The rules in the order in which advice gives them.</summary>
    public static IReadOnlyList<AdviceRule> All { get; } =
    [
        Burst, AllMultiprocessors, Guarantee, WholeGpu, FixedShare, HighestSum, SmallKernels, UnifiedMemory,
        LiveMigration, Encoder, OneSize, MixedSizes, NoMig, SharedInstance, SharedAnyway,
    ];

    /// <summary>Weight of sharing a GPU in time slices for a tenant; 0 where it does not suit it.</summary>
    /// <remarks>Who bursts, or has small kernels, loses most in the other way; the weights themselves are
    /// ours.</remarks>
    internal static int WeighTimeSlices(Tenant tenant) => tenant.Burst ? 2 : tenant.AllMultiprocessors ? 1 : 0;

    /// <summary>Weight of a GPU instance for a tenant; 0 where it does not suit it.</summary>
    internal static int WeighInstance(Tenant tenant) =>
        WeighTimeSlices(tenant) > 0 ? 0 : tenant.Kernels == KernelSize.Small ? 2 : 1;

    /// <summary>Why a tenant has the vGPU that it has, most telling first.</summary>
    internal static IEnumerable<AdviceRule> Explain(Seated seated)
    {
        var (tenant, seat) = (seated.Seat.Tenant, seated.Vgpu);
        var isMig = seat.Type.Profile is not null;
        (bool Applies, AdviceRule Rule)[] rules =
        [
            (seat.Type.IsWhole, WholeGpu),
            (tenant.Guarantee && isMig, Guarantee),
            (seat.Worth == AdviceSeat.Nearly, FixedShare),
            (tenant.Burst && !isMig && !seat.Type.IsWhole, Burst),
            (tenant.AllMultiprocessors && !isMig, AllMultiprocessors),
            (!tenant.Guarantee && isMig && tenant.Kernels == KernelSize.Small, SmallKernels),
            (!tenant.Guarantee && isMig && tenant.Kernels != KernelSize.Small, HighestSum),
            (isMig && seat.Sharing > 1, SharedInstance),
            (tenant.UnifiedMemory, UnifiedMemory),
            (tenant.LiveMigration, LiveMigration),
            (tenant.Encoder, Encoder),
            (!isMig && !seated.HasMixedSizes && seat.Type.FramebufferMiB > seat.SmallestMiB && !seat.Type.IsWhole,
                OneSize),
            (!isMig && seated.HasMixedSizes && !seat.Type.IsWhole, MixedSizes),
            (!isMig && !seated.Gpu.HasMig, NoMig),
        ];
        return rules.Where(r => r.Applies).Select(r => r.Rule);
    }
}
