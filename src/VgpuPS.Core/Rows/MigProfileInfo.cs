namespace VgpuPS.Core.Rows;

/// <summary>A size in which a GPU can be cut.</summary>
public sealed record MigProfileInfo : HostObject
{
    /// <summary>UUID of the GPU.</summary>
    public required string GpuUuid { get; init; }

    /// <summary>Address of the GPU.</summary>
    public required string GpuAddress { get; init; }

    /// <summary>Its name, such as <c>2g.12gb</c>.</summary>
    public required string Profile { get; init; }

    /// <summary>Its number, as nvidia-smi prints it.</summary>
    public required uint ProfileId { get; init; }

    /// <summary>How many can still be made; 0 with MIG mode off.</summary>
    public required int Free { get; init; }

    /// <summary>How many fit on an empty GPU.</summary>
    public required int Total { get; init; }

    /// <summary>Memory in MiB.</summary>
    public required long MemoryMiB { get; init; }

    /// <summary>Compute slices.</summary>
    public required int ComputeSlices { get; init; }

    /// <summary>Memory slices; 0 where the driver reports no placements (MIG mode off).</summary>
    public required int MemorySlices { get; init; }

    /// <summary>SMs.</summary>
    public required int Multiprocessors { get; init; }

    /// <summary>Copy engines.</summary>
    public required int CopyEngines { get; init; }

    /// <summary>Video decoders (NVDEC).</summary>
    public required int Decoders { get; init; }

    /// <summary>Video encoders (NVENC).</summary>
    public required int Encoders { get; init; }

    /// <summary>JPEG decoders.</summary>
    public required int JpegEngines { get; init; }

    /// <summary>Optical flow engines (OFA).</summary>
    public required int OpticalFlowEngines { get; init; }

    /// <summary>vGPU types that run on an instance of it, by name.</summary>
    public required IReadOnlyList<string> VgpuTypes { get; init; }

    /// <summary>Its name.</summary>
    public override string ToString() => Profile;
}
