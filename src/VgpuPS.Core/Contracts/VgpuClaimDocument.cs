namespace VgpuPS.Core.Contracts;

/// <summary>A claim as the claims file holds it, with plain ids.</summary>
public sealed record VgpuClaimDocument
{
    /// <summary>Number of the VM.</summary>
    public required int Vm { get; init; }

    /// <summary>N of its <c>hostpciN</c>.</summary>
    public required int Entry { get; init; }

    /// <summary>Number of the vGPU type.</summary>
    public required uint Type { get; init; }

    /// <summary><c>pending</c>, <c>live</c> or <c>held</c>.</summary>
    public required string State { get; init; }

    /// <summary>Addresses of the functions that it may use, in Proxmox's order.</summary>
    public required IReadOnlyList<string> Candidates { get; init; }

    /// <summary>Address of its function; null where Proxmox chooses.</summary>
    public string? Function { get; init; }

    /// <summary>UUID of its mediated device; null with vendor VFIO.</summary>
    public string? Mdev { get; init; }

    /// <summary>Whether the hook added the function to Proxmox's reservations.</summary>
    public bool Reserved { get; init; }

    /// <summary>Milliseconds since boot until which a held claim counts; 0 otherwise.</summary>
    public long HeldUntil { get; init; }
}
