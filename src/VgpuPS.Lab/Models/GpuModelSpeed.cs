using System.Text.Json.Serialization;

namespace VgpuPS.Lab.Models;

/// <summary>How fast a model is at most.</summary>
/// <remarks>
/// Source: facts/measuring.md F21 for the formulae, and for clocks, bus and operations of A30, A100, H100 SXM and
/// L40S; H100 PCIe and NVL, H200 and RTX PRO 6000 are chosen so that the formulae give its table's peaks. The other
/// boards' figures are from memory (assumed).
/// </remarks>
public sealed record GpuModelSpeed
{
    /// <summary>Compute capability: <c>8.0</c>.</summary>
    public required string ComputeCapability { get; init; }

    /// <summary>Multiprocessors of the whole board; MIG instances may leave some of them out.</summary>
    public required int Multiprocessors { get; init; }

    /// <summary>Their highest clock in MHz.</summary>
    public required int BoostMHz { get; init; }

    /// <summary>Operations in TF32 on tensor cores, dense, of a multiprocessor in a clock; 0 without.</summary>
    public required int TensorOperations { get; init; }

    /// <summary>Clock of the memory in MHz.</summary>
    public required int MemoryMHz { get; init; }

    /// <summary>Width of the memory's bus in bits.</summary>
    public required int MemoryBits { get; init; }

    /// <summary>PCI Express in one direction in GB/s, before encoding.</summary>
    public required double PcieGBps { get; init; }

    /// <summary>Power limit as the board comes, in watts.</summary>
    /// <remarks>Source: NVIDIA's data sheets, from memory (assumed); 62 of the A16 are a quarter of its board, and 300
    /// where a file does not say it.</remarks>
    public int PowerWatts { get; init; } = 300;

    /// <summary>Peak of the memory in GB/s.</summary>
    [JsonIgnore]
    public double MemoryGBps => 2.0 * MemoryMHz * MemoryBits / 8 / 1000;

    /// <summary>Peak in TF32, dense, in GFLOP/s.</summary>
    [JsonIgnore]
    public double TensorGflops => Multiprocessors * (BoostMHz / 1000.0) * TensorOperations;
}
