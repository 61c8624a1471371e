namespace VgpuPS.Core.Performance;

/// <summary>What a board can at most.</summary>
/// <param name="PcieGBps">PCI Express in one direction, before encoding, as the article counts it.</param>
/// <param name="MemoryGBps">Device memory.</param>
/// <param name="TensorGflops">TF32 on tensor cores, dense.</param>
/// <param name="Multiprocessors">SMs of the board; an instance has its share of them.</param>
/// <remarks>
/// Source: facts/measuring.md F.4; ids: facts/vgpu-types.json. Datasheets print TF32 with sparsity, twice as much,
/// since Hopper.
/// </remarks>
public sealed record GpuPeak(double PcieGBps, double MemoryGBps, double TensorGflops, int Multiprocessors)
{
    private static readonly Dictionary<int, GpuPeak> s_boards = new()
    {
        [0x20b7] = new(32, 933, 82_000, 56), // A30: the article
        [0x20f1] = new(32, 1555, 156_000, 108), // A100-PCIE-40GB: published tables
        [0x20b0] = new(32, 1555, 156_000, 108), // A100-SXM4-40GB: published tables
        [0x20b5] = new(32, 1935, 156_000, 108), // A100 80GB PCIe: published tables; memory by clock and bus
        [0x20b2] = new(32, 2039, 156_000, 108), // A100-SXM4-80GB: published tables
        [0x2331] = new(64, 2000, 378_000, 114), // H100 PCIe: assumed, by formula
        [0x2321] = new(64, 3900, 417_000, 132), // H100 NVL: assumed, by formula
        [0x2330] = new(64, 3350, 494_700, 132), // H100 80GB HBM3: published tables
        [0x233b] = new(64, 4800, 417_000, 132), // H200 NVL: published tables; TF32 assumed as H100 NVL
        [0x2335] = new(64, 4800, 494_700, 132), // H200: published tables; TF32 assumed as H100
        [0x26b9] = new(32, 864, 183_200, 142), // L40S: published tables; TF32 by formula
        [0x2bb5] = new(64, 1597, 240_000, 188), // RTX PRO 6000 Blackwell Server: assumed
    };

    /// <summary>The peaks of a board; null where no table has it.</summary>
    /// <param name="deviceId">Its PCI device id.</param>
    public static GpuPeak? Find(int deviceId) => s_boards.GetValueOrDefault(deviceId);

    /// <summary>The board's peak in a workload, in its unit.</summary>
    public double Of(Workload workload) =>
        workload == Workload.HostToDevice || workload == Workload.DeviceToHost ? PcieGBps
        : workload == Workload.DeviceMemory ? MemoryGBps : TensorGflops;
}
