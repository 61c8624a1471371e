using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.AddVmVgpu;

/// <summary>Asks for a vGPU in a VM's configuration; of type, profile and memory exactly one, blank text counting as none.</summary>
public sealed record AddVmVgpuRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>Type: short name (<c>A30-2-12C</c>), full name, <c>nvidia-690</c> or number.</summary>
    public string? Type { get; init; }

    /// <summary>GPU instance profile: <c>2g.12gb</c>; the type of that profile that fills an instance.</summary>
    public string? Profile { get; init; }

    /// <summary>Least frame buffer in MiB: the smallest type that has it and goes with the GPU's present MIG mode.</summary>
    public long? MemoryMiB { get; init; }

    /// <summary>Address of the virtual function; null to choose GPU and function.</summary>
    public string? Function { get; init; }

    /// <summary>Id of a cluster mapping, of which Proxmox takes a function at the start; null for none.</summary>
    public string? Mapping { get; init; }

    /// <summary>Whether it is the guest's primary display.</summary>
    public bool PrimaryGpu { get; init; }

    /// <summary>Whether the guest sees a PCI Express device; null for yes on a q35 machine, else no.</summary>
    public bool? PciExpress { get; init; }

    /// <summary>Whether the VM gets our hook too, unless it has it.</summary>
    public bool RegisterHook { get; set; } = true;

    /// <summary>Storage for the hook; null as with <see cref="RegisterVgpuHook.RegisterVgpuHookRequest.Storage"/>.</summary>
    public string? Storage { get; init; }
}
