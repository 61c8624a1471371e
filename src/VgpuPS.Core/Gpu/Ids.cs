namespace VgpuPS.Core.Gpu;

/// <summary>Id of a compute instance within its GPU instance.</summary>
/// <param name="Value">The number.</param>
/// <remarks>Source: nvml.h, nvmlComputeInstanceInfo_t.id.</remarks>
public readonly record struct ComputeInstanceId(uint Value) : IComparable<ComputeInstanceId>
{
    /// <summary>The decimal number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Orders by number.</summary>
    public int CompareTo(ComputeInstanceId other) => Value.CompareTo(other.Value);
}

/// <summary>Id of a compute instance profile within a GPU instance.</summary>
/// <param name="Value">The number.</param>
/// <remarks>Source: facts/nvml.md 2: equal to NVML_COMPUTE_INSTANCE_PROFILE_* in every output seen.</remarks>
public readonly record struct ComputeProfileId(uint Value) : IComparable<ComputeProfileId>
{
    /// <summary>The decimal number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Orders by number.</summary>
    public int CompareTo(ComputeProfileId other) => Value.CompareTo(other.Value);
}

/// <summary>Id of a GPU instance on its GPU; lower ids are taken first by the driver.</summary>
/// <param name="Value">The number.</param>
/// <remarks>Source: facts/host-behaviour.md 4: it encodes the size: 0 full, 1-2 half, 3-6 quarter, 7-14
/// eighth.</remarks>
public readonly record struct GpuInstanceId(uint Value) : IComparable<GpuInstanceId>
{
    /// <summary>The decimal number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Orders by number.</summary>
    public int CompareTo(GpuInstanceId other) => Value.CompareTo(other.Value);
}

/// <summary>Id of a GPU instance profile as nvidia-smi prints it; what NVML creates an instance with.</summary>
/// <param name="Value">The number.</param>
/// <remarks>Source: facts/nvml.md 2, <c>info.id</c>; not the enum that profiles are requested with.</remarks>
public readonly record struct ProfileId(uint Value) : IComparable<ProfileId>
{
    /// <summary>The decimal number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Orders by number.</summary>
    public int CompareTo(ProfileId other) => Value.CompareTo(other.Value);
}

/// <summary>UUID of a GPU as NVML prints it (<c>GPU-…</c>); stays the same when the GPU moves to another
/// slot.</summary>
/// <param name="Value">The text.</param>
public readonly record struct GpuUuid(string Value)
{
    /// <summary>The text.</summary>
    public override string ToString() => Value;
}

/// <summary>Number of a vGPU type: the N of <c>nvidia-N</c>, and what is written to <c>current_vgpu_type</c>.</summary>
/// <param name="Value">The number; never 0.</param>
public readonly record struct VgpuTypeId(uint Value) : IComparable<VgpuTypeId>
{
    /// <summary>The name of its directory below <c>mdev_supported_types</c>, as in <c>mdev=</c> of a VM's
    /// config.</summary>
    public string MdevName => $"nvidia-{this}";

    /// <summary>Reads a decimal number above 0 without leading zeros, as the driver writes it.</summary>
    public static bool TryParse(string? text, out VgpuTypeId id)
    {
        id = default;
        if (text is not { Length: > 0 } || text[0] == '0'
            || !uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        id = new VgpuTypeId(value);
        return true;
    }

    /// <summary>The bare decimal number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Orders by number.</summary>
    public int CompareTo(VgpuTypeId other) => Value.CompareTo(other.Value);
}
