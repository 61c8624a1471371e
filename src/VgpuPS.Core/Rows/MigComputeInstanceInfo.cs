using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>A compute instance within a GPU instance.</summary>
public sealed record MigComputeInstanceInfo : GpuObject
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuUuid { get; internal set; } = "";

    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuAddress { get; internal set; } = "";

    /// <summary>Id of the GPU instance.</summary>
    [JsonIgnore]
    public uint GpuInstanceId { get; internal set; }

    /// <summary>Its id within the GPU instance.</summary>
    [JsonPropertyName("id")]
    public required uint ComputeInstanceId { get; init; }

    /// <summary>Name of its profile: <c>1c.2g.12gb</c>, or the GPU instance's where it fills it.</summary>
    [JsonPropertyName("profile")]
    public required string ComputeProfile { get; init; }

    /// <summary>Compute slices.</summary>
    public required int ComputeSlices { get; init; }

    /// <summary>SMs.</summary>
    public required int Multiprocessors { get; init; }

    /// <summary>VMs with a running vGPU on the GPU instance, ascending.</summary>
    [JsonIgnore]
    public IReadOnlyList<int> VmIds { get; internal set => field = RowList.Of(value); } = RowList.Of<int>([]);

    /// <summary>The VM whose guest lists it as its own; null for one of the host.</summary>
    [JsonIgnore]
    public int? GuestVmId { get; internal set; }

    /// <summary>One that a guest lists, which ends with its VM.</summary>
    /// <param name="instance">The GPU instance of the VM's vGPU.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="id">Its id, as the guest has it.</param>
    /// <param name="profile">Name of its profile.</param>
    /// <param name="slices">Compute slices.</param>
    /// <param name="multiprocessors">SMs; 0 where unknown.</param>
    public static MigComputeInstanceInfo OfGuest(
        MigInstanceInfo instance, int vm, uint id, string profile, int slices, int multiprocessors) => new()
        {
            ComputeInstanceId = id,
            ComputeProfile = profile,
            ComputeSlices = slices,
            Multiprocessors = multiprocessors,
            GpuUuid = instance.GpuUuid,
            GpuAddress = instance.GpuAddress,
            GpuInstanceId = instance.GpuInstanceId,
            VmIds = [vm],
            GuestVmId = vm,
            VgpuHost = instance.VgpuHost,
        };

    /// <summary>Its id.</summary>
    public override string ToString() => ComputeInstanceId.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
