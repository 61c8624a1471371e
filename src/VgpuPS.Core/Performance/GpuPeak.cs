namespace VgpuPS.Core.Performance;

/// <summary>What a board can at most.</summary>
/// <param name="PcieGBps">PCI Express in one direction, before encoding, as the article counts it.</param>
/// <param name="MemoryGBps">Device memory.</param>
/// <param name="TensorGflops">TF32 on tensor cores, dense.</param>
/// <param name="Multiprocessors">SMs of the board; an instance has its share of them.</param>
/// <param name="Source">Where the figures come from; it says so where they are assumed.</param>
/// <remarks>Source: facts/measuring.md F.4. Datasheets print TF32 with sparsity, twice as much, since Hopper.</remarks>
public sealed record GpuPeak(
    double PcieGBps, double MemoryGBps, double TensorGflops, int Multiprocessors, string Source)
{
    private static readonly (string Name, GpuPeak Peak)[] s_boards =
    [
        ("A30", new(32, 933, 82_000, 56, "the article")),
        ("A100-PCIE-40GB", new(32, 1555, 156_000, 108, "published tables")),
        ("A100-SXM4-40GB", new(32, 1555, 156_000, 108, "published tables")),
        ("A100 80GB PCIe", new(32, 1935, 156_000, 108, "published tables; memory by clock and bus")),
        ("A100-SXM4-80GB", new(32, 2039, 156_000, 108, "published tables")),
        ("H100 PCIe", new(64, 2000, 378_000, 114, "assumed, by formula")),
        ("H100 NVL", new(64, 3900, 417_000, 132, "assumed, by formula")),
        ("H100 80GB HBM3", new(64, 3350, 494_700, 132, "published tables")),
        ("H200 NVL", new(64, 4800, 417_000, 132, "published tables; TF32 assumed as H100 NVL")),
        ("H200", new(64, 4800, 494_700, 132, "published tables; TF32 assumed as H100")),
        ("L40S", new(32, 864, 183_200, 142, "published tables; TF32 by formula")),
        ("RTX PRO 6000 Blackwell Server", new(64, 1597, 240_000, 188, "assumed")),
    ];

    /// <summary>The peaks of a board; null where no table has it.</summary>
    /// <param name="model">Name of the GPU, as the driver has it: <c>NVIDIA A30</c>.</param>
    public static GpuPeak? Find(string model)
    {
        foreach (var (name, peak) in s_boards)
        {
            if (model.EndsWith(name, StringComparison.OrdinalIgnoreCase)
                || model.Contains(name + " ", StringComparison.OrdinalIgnoreCase))
            {
                return peak;
            }
        }

        return null;
    }

    /// <summary>The board's peak in a workload, in its unit.</summary>
    public double Of(Workload workload) =>
        workload == Workload.HostToDevice || workload == Workload.DeviceToHost ? PcieGBps
        : workload == Workload.DeviceMemory ? MemoryGBps : TensorGflops;
}
