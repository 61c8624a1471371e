namespace VgpuPS.Core.Capacity;

/// <summary>What a VM may have at once: how many vGPUs, and of which types beside each other.</summary>
/// <remarks>
/// Source: nvml.h, nvmlVgpuTypeGetMaxInstancesPerVm and NVML_VGPU_CAP_MULTI_VGPU_EXCLUSIVE;
/// https://docs.nvidia.com/ai-enterprise/release-8/8.1/infra-software/vgpu/features/multi-vgpu.html: board type and
/// series of all vGPUs of a VM must be the same, frame buffers may differ. That a series is the driver's class, and a
/// board type one that offers both types, is assumed.
/// </remarks>
public static class VmVgpuLimits
{
    /// <summary>Finds the first limit that the vGPUs of one VM exceed, the lowest entry first.</summary>
    /// <param name="vgpus">The VM's vGPUs whose types are known, ascending entry.</param>
    /// <param name="areOfOneBoard">Whether one GPU offers both types.</param>
    /// <returns>Null where it may have all of them.</returns>
    public static VmLimitBreach? Find(IReadOnlyList<VmVgpu> vgpus, Func<VgpuType, VgpuType, bool> areOfOneBoard) =>
        vgpus.Skip(1).Select((one, i) => Find([.. vgpus.Take(i + 1)], one, areOfOneBoard))
            .FirstOrDefault(b => b is not null);

    /// <summary>Finds the limit that one more vGPU of a VM exceeds.</summary>
    /// <param name="before">Those that it has.</param>
    /// <param name="one">The one more.</param>
    /// <param name="areOfOneBoard">Whether one GPU offers both types.</param>
    /// <returns>Null where it may have it.</returns>
    public static VmLimitBreach? Find(
        IReadOnlyList<VmVgpu> before, VmVgpu one, Func<VgpuType, VgpuType, bool> areOfOneBoard) =>
        before.Count == 0 ? null : FindCount(before, one)
            ?? before.Select(other => FindMix(before, other, one, areOfOneBoard)).FirstOrDefault(b => b is not null);

    private static VmLimitBreach? FindCount(IReadOnlyList<VmVgpu> before, VmVgpu one)
    {
        var limiting = before.Append(one).Select(v => v.Type).Where(t => t.MaxPerVm > 0).MinBy(t => t.MaxPerVm);
        return limiting is null || before.Count < limiting.MaxPerVm ? null : new VmLimitBreach(
            ErrorIds.TooManyVgpus, before, one, before[0],
            $"{limiting.ShortName} allows a VM at most {limiting.MaxPerVm}");
    }

    private static VmLimitBreach? FindMix(
        IReadOnlyList<VmVgpu> before, VmVgpu other, VmVgpu one, Func<VgpuType, VgpuType, bool> areOfOneBoard)
    {
        var (a, b) = (other.Type, one.Type);
        if (a.Id == b.Id)
        {
            return null;
        }

        var rule = a.IsExclusiveInVm || b.IsExclusiveInVm
            ? $"{(b.IsExclusiveInVm ? b : a).ShortName} cannot be in one VM with vGPUs of another type"
            : a.Class.Length > 0 && b.Class.Length > 0 && a.Class != b.Class
            ? $"{a.ShortName} ({a.Class}) and {b.ShortName} ({b.Class}) are of different series, which cannot be in "
                + "one VM"
            : !areOfOneBoard(a, b)
            ? $"{a.ShortName} and {b.ShortName} are of different boards, which cannot be in one VM"
            : null;
        return rule is null ? null : new VmLimitBreach(ErrorIds.VgpusDoNotMix, before, one, other, rule);
    }
}

/// <summary>A vGPU of a VM.</summary>
/// <param name="Entry">Its entry: <c>hostpci0</c>.</param>
/// <param name="Type">Its type.</param>
public sealed record VmVgpu(string Entry, VgpuType Type)
{
    /// <summary>For display: <c>hostpci0: A30-6C</c>.</summary>
    public override string ToString() => $"{Entry}: {Type.ShortName}";
}

/// <summary>A limit of a VM that its vGPUs exceed.</summary>
/// <param name="ErrorId">The error's id.</param>
/// <param name="Before">vGPUs of lower entries, which it may have.</param>
/// <param name="Excess">The first that it may not have beside them.</param>
/// <param name="Other">The one of them that is in the way.</param>
/// <param name="Rule">The limit, as a clause.</param>
public sealed record VmLimitBreach(
    string ErrorId, IReadOnlyList<VmVgpu> Before, VmVgpu Excess, VmVgpu Other, string Rule)
{
    /// <summary>The refusal of what a VM requests.</summary>
    /// <param name="message">What the VM has or requests; the limit follows.</param>
    /// <param name="action">What to do.</param>
    /// <param name="vm">The VM.</param>
    public VgpuException ToException(string message, string action, VmId vm) =>
        ErrorId == ErrorIds.TooManyVgpus
            ? new CapacityException(ErrorIds.TooManyVgpus, $"{message}, and {Rule}", action, vm.ToString())
            : new InvalidRequestException(ErrorIds.VgpusDoNotMix, $"{message}, and {Rule}", action, vm.ToString());
}
