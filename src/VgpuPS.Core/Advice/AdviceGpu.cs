using System.Text.Json.Serialization;
using VgpuPS.Core.Performance;
using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Advice;

/// <summary>What advice needs to know of a host: its GPUs, and which VMs it has.</summary>
/// <param name="Gpus">GPUs that answer, ascending address, once every VM that is configured for vGPUs has
/// started.</param>
/// <param name="Vms">All VMs, ascending number.</param>
public sealed record AdviceHost(IReadOnlyList<AdviceGpu> Gpus, IReadOnlyList<AdviceVm> Vms) : IHostRows
{
    /// <inheritdoc/>
    public void Stamp(string host)
    {
        foreach (var gpu in Gpus)
        {
            gpu.Host = host;
        }
    }
}

/// <summary>A VM.</summary>
/// <param name="VmId">Its number.</param>
/// <param name="HasVgpu">Whether its configuration has a vGPU already.</param>
public sealed record AdviceVm(int VmId, bool HasVgpu);

/// <summary>A GPU that tenants may share.</summary>
public sealed record AdviceGpu
{
    /// <summary>Name of the host session; the session sets it.</summary>
    [JsonIgnore]
    public string Host { get; set; } = "";

    /// <summary>Position among the host's GPUs, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Its UUID.</summary>
    public required string Uuid { get; init; }

    /// <summary>Its address.</summary>
    public required string Address { get; init; }

    /// <summary>Its model, as the driver has it.</summary>
    public required string Model { get; init; }

    /// <summary>Its PCI device id.</summary>
    public required int DeviceId { get; init; }

    /// <summary>What it can at most; null where that is not known.</summary>
    [JsonIgnore]
    internal GpuPeak? Peak => GpuPeak.Find(DeviceId);

    /// <summary>Whether it has a MIG mode.</summary>
    public required bool HasMig { get; init; }

    /// <summary>Whether that is on.</summary>
    public required bool MigIsOn { get; init; }

    /// <summary>Whether time-sliced vGPUs of several sizes may share it now.</summary>
    public required bool MixedSizes { get; init; }

    /// <summary>Whether the board and its driver can mix sizes at all; null where the driver does not say.</summary>
    public required bool? CanMixSizes { get; init; }

    /// <summary>Whether its vGPUs are on virtual functions.</summary>
    public required bool HasFunctions { get; init; }

    /// <summary>How many more functions can have a vGPU; null where vGPUs are on the GPU itself.</summary>
    public required int? FreeFunctions { get; init; }

    /// <summary>Their addresses, ascending; none where they are not known before they are enabled.</summary>
    public required IReadOnlyList<string> Functions { get; init; }

    /// <summary>Profiles of GPU instances, with where they may sit; empty without MIG.</summary>
    public required IReadOnlyList<AdviceProfile> Profiles { get; init; }

    /// <summary>GPU instances that vGPUs of VMs have or will have; they stay.</summary>
    public required IReadOnlyList<AdviceInstance> Instances { get; init; }

    /// <summary>vGPU types on which CUDA runs (classes C and Q), ascending frame buffer.</summary>
    /// <remarks>Source: facts/measuring.md F24.</remarks>
    public required IReadOnlyList<AdviceType> Types { get; init; }

    /// <summary>vGPUs that VMs have on it, or will have once they start.</summary>
    public required IReadOnlyList<AdviceOccupant> Occupants { get; init; }

    /// <summary>Policy of its scheduler; null where the driver reports none.</summary>
    public required SchedulerPolicy? Scheduler { get; init; }

    /// <summary>Policies that can be set; null where that is not known.</summary>
    public required IReadOnlyList<SchedulerPolicy>? Policies { get; init; }

    /// <summary>Why it can take nothing; null where it can.</summary>
    public string? Obstacle { get; init; }

    /// <summary>The model without the vendor: <c>A30</c>.</summary>
    [JsonIgnore]
    public string ShortModel => Model.Replace("NVIDIA ", "", StringComparison.Ordinal);

    /// <summary>Frame buffer of its largest time-sliced type, in MiB; 0 without any.</summary>
    [JsonIgnore]
    public long LargestMiB => Types.Where(t => t.Profile is null).Select(t => t.FramebufferMiB).DefaultIfEmpty(0).Max();

    /// <summary>Whether its fixed shares can be set: there is no vGPU yet, and the driver has them.</summary>
    [JsonIgnore]
    public bool CanFixShares => Scheduler == SchedulerPolicy.FixedShare
        || (Occupants.Count == 0 && Policies?.Contains(SchedulerPolicy.FixedShare) != false);

    /// <summary>Whether time-sliced vGPUs of several sizes may share it, now or once that is turned on.</summary>
    /// <remarks>Source: facts/host-behaviour.md 3 and 5: it is changed only while there is no vGPU.</remarks>
    internal bool MayMixSizes => MixedSizes || (Occupants.Count == 0 && CanMixSizes == true);

    /// <summary>Whether all time-sliced vGPUs of it may have one size, now or once mixed sizes are turned
    /// off.</summary>
    internal bool MayHaveOneSize => !MixedSizes || Occupants.Count == 0;

    /// <summary>A profile by name; null for none.</summary>
    public AdviceProfile? FindProfile(string? name) => Profiles.FirstOrDefault(p => p.Name == name);

    /// <summary>What GPUs of one kind and state have in common.</summary>
    internal string Kind => string.Join(
        '|',
        Host, Model, MigIsOn, MixedSizes, CanMixSizes, FreeFunctions, Obstacle, CanFixShares,
        string.Join(',', Instances.Select(i => $"{i.Profile}@{i.Placement}")),
        string.Join(',', Occupants.Select(o => o.VgpuType)),
        string.Join(',', Types.Select(t => t.Name)));

    /// <summary>For display: <c>GPU 0 (A30)</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"GPU {Index} ({ShortModel})");
}

/// <summary>A profile of GPU instances.</summary>
/// <param name="Name">Its name: <c>1g.6gb</c>.</param>
/// <param name="Multiprocessors">SMs.</param>
/// <param name="Encoders">Video encoders.</param>
/// <param name="TakesMedia">Whether it needs the media engines that one instance of a GPU can have.</param>
/// <param name="Windows">Where it may sit, ascending; never empty.</param>
public sealed record AdviceProfile(
    string Name, int Multiprocessors, int Encoders, bool TakesMedia, IReadOnlyList<Placement> Windows)
{
    /// <summary>
    /// The profiles of a GPU. Where the driver reports no placements, with MIG mode off, they follow from slices and
    /// counts.
    /// </summary>
    /// <remarks>
    /// Source: facts/mig-profiles.json: GPUs of 7 compute slices have 8 memory slices, others as many of either; a
    /// profile that fits four times on 7 has two memory slices.
    /// </remarks>
    public static IReadOnlyList<AdviceProfile> From(IReadOnlyList<GpuInstanceProfile> profiles)
    {
        var all = profiles.Select(p => p.ComputeSlices).DefaultIfEmpty(0).Max();
        return
        [
            .. profiles.Select(p => new AdviceProfile(
                p.Name, p.Multiprocessors, p.Engines.Encoder, p.TakesMediaEngines,
                p.Placements.Count > 0 ? [.. p.Placements.Order()] : Assume(p, all))),
        ];
    }

    private static IReadOnlyList<Placement> Assume(GpuInstanceProfile profile, int all)
    {
        var isDouble = all == 7 && profile is { ComputeSlices: 1, MaxInstances: 4 };
        var size = isDouble ? 2 : all != 7 ? profile.ComputeSlices : profile.ComputeSlices switch
        {
            3 or 4 => 4,
            7 => 8,
            var slices => slices,
        };
        var end = all == 7 && !isDouble && size is 1 or 2 ? all : all == 7 ? 8 : all;
        return
        [
            .. Enumerable.Range(0, Math.Max(1, end / size)).Select(i => new Placement(i * size, size))
                .Where(w => profile.ComputeSlices != 4 || all != 7 || w.Start == 0),
        ];
    }
}

/// <summary>A GPU instance that stays.</summary>
/// <param name="Profile">Its profile.</param>
/// <param name="Placement">Where it sits, or would.</param>
/// <param name="ComputeInstances">Its compute instances; null for one that fills it.</param>
/// <param name="IsThere">Whether it is there, and not only foreseen for the start of a VM.</param>
public sealed record AdviceInstance(
    string Profile, Placement Placement, IReadOnlyList<string>? ComputeInstances, bool IsThere);

/// <summary>A vGPU type.</summary>
/// <param name="Name">Without the product prefix: <c>A30-6C</c>.</param>
/// <param name="IsCompute">Whether it is of class C, which has no encoder, and not Q.</param>
/// <param name="FramebufferMiB">Frame buffer in MiB.</param>
/// <param name="MaxPerGpu">Most of it on one GPU, all of one size.</param>
/// <param name="MaxPerInstance">Most of it in one GPU instance; 1 for a time-sliced type.</param>
/// <param name="Profile">Profile of its GPU instance; null for a time-sliced type.</param>
public sealed record AdviceType(
    string Name, bool IsCompute, long FramebufferMiB, int MaxPerGpu, int MaxPerInstance, string? Profile)
{
    /// <summary>Whether it has the whole frame buffer, so that it is alone on its GPU.</summary>
    [JsonIgnore]
    public bool IsWhole => Profile is null && MaxPerGpu == 1;

    /// <summary>The types of a GPU on which CUDA runs.</summary>
    /// <remarks>Source: facts/measuring.md F24: classes C and Q; the letter behind a name's last digit.</remarks>
    public static IReadOnlyList<AdviceType> From(GpuState gpu)
    {
        var largest = gpu.Types.Values.Where(t => !t.IsMigBacked).Select(t => t.FramebufferMiB).DefaultIfEmpty(0).Max();
        return
        [
            .. gpu.Types.Values.Where(t => ClassOf(t) is 'C' or 'Q')
                .Where(t => t.Profile is not { } id || gpu.FindProfile(id) is not null)
                .Select(t => new AdviceType(
                    t.ShortName, ClassOf(t) == 'C', t.FramebufferMiB,
                    t.MaxPerGpu > 0 ? t.MaxPerGpu : (int)Math.Max(1, largest / Math.Max(1, t.FramebufferMiB)),
                    t.CapacityPerGpuInstance, t.Profile is { } profile ? gpu.NameOf(profile) : null))
                .OrderBy(t => t.FramebufferMiB).ThenBy(t => !t.IsCompute).ThenBy(t => t.Name, StringComparer.Ordinal),
        ];
    }

    private static char ClassOf(VgpuType type)
    {
        var name = type.ShortName;
        var digit = name.AsSpan().LastIndexOfAnyInRange('0', '9');
        return digit >= 0 && digit + 1 < name.Length ? name[digit + 1] : ' ';
    }
}

/// <summary>A vGPU that a VM has, or will have once it starts.</summary>
/// <param name="VgpuType">Its type without the product prefix.</param>
/// <param name="FramebufferMiB">Frame buffer in MiB.</param>
/// <param name="VmId">The VM; null where that is not known.</param>
/// <param name="IsRunning">Whether the VM runs.</param>
public sealed record AdviceOccupant(string VgpuType, long FramebufferMiB, int? VmId, bool IsRunning);
