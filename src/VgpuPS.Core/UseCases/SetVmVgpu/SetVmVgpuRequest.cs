using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.SetVmVgpu;

/// <summary>Asks for another vGPU in an entry that a VM has; what is not named stays as it is.</summary>
public sealed record SetVmVgpuRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>The entry: <c>hostpciN</c> or N; null for the only vGPU of the VM.</summary>
    public string? Entry { get; init; }

    /// <summary>New type by name or number; of type, profile and memory one at most.</summary>
    public string? Type { get; init; }

    /// <summary>New type by GPU instance profile.</summary>
    public string? Profile { get; init; }

    /// <summary>New type by least frame buffer, in MiB.</summary>
    public long? MemoryMiB { get; init; }

    /// <summary>New function.</summary>
    public string? Function { get; init; }

    /// <summary>New cluster mapping.</summary>
    public string? Mapping { get; init; }

    /// <summary>Whether it is the guest's primary display; null as it is.</summary>
    public bool? PrimaryGpu { get; init; }

    /// <summary>Whether the guest sees a PCI Express device; null as it is.</summary>
    public bool? PciExpress { get; init; }
}
