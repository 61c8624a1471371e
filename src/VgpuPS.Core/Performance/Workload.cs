namespace VgpuPS.Core.Performance;

/// <summary>What a measurement exercises.</summary>
/// <param name="Name">Its name, as <c>-Workload</c> takes it.</param>
/// <param name="Title">What it is, for a table or a plot.</param>
/// <param name="Unit">Unit of its values; GB/s are 1e9 bytes, GFLOP/s 1e9 operations a second.</param>
/// <param name="BenchArguments">What <c>vgpu-bench</c> is given for it.</param>
/// <remarks>
/// Source: facts/measuring.md F1, F3 and F4: sizes are the article's; a copy within device memory counts each byte
/// twice, read and written; a product of m x k by k x n has 2 m n k operations.
/// </remarks>
public sealed record Workload(string Name, string Title, string Unit, IReadOnlyList<string> BenchArguments)
{
    private const string Bandwidth = "GB/s";
    private const string Throughput = "GFLOP/s";

    /// <summary>From the host's memory to the GPU's.</summary>
    public static readonly Workload HostToDevice =
        new("HostToDevice", "PCIe host to device", Bandwidth, ["h2d", "--bytes", "32000000"]);

    /// <summary>From the GPU's memory to the host's.</summary>
    public static readonly Workload DeviceToHost =
        new("DeviceToHost", "PCIe device to host", Bandwidth, ["d2h", "--bytes", "32000000"]);

    /// <summary>Within the GPU's memory.</summary>
    public static readonly Workload DeviceMemory =
        new("DeviceMemory", "device memory", Bandwidth, ["d2d", "--bytes", "384000000"]);

    /// <summary>A small product on tensor cores in TF32.</summary>
    public static readonly Workload SmallGemm = new(
        "SmallGemm", "small GEMM (1024 x 1024 x 1024)", Throughput,
        ["gemm", "--m", "1024", "--n", "1024", "--k", "1024"]);

    /// <summary>A large product on tensor cores in TF32.</summary>
    public static readonly Workload LargeGemm = new(
        "LargeGemm", "large GEMM (8192 x 8192 x 16400)", Throughput,
        ["gemm", "--m", "8192", "--n", "8192", "--k", "16400"]);

    /// <summary>Tensor cores alone, without memory: what the multiprocessors of a vGPU can at most.</summary>
    public static readonly Workload TensorLoop =
        new("TensorLoop", "tensor cores, registers only", Throughput, ["tensor"]);

    /// <summary>All of them, in the order of the article's table.</summary>
    public static IReadOnlyList<Workload> All { get; } =
        [HostToDevice, DeviceToHost, DeviceMemory, SmallGemm, LargeGemm, TensorLoop];

    /// <summary>Those of the article.</summary>
    public static IReadOnlyList<Workload> Study { get; } = [.. All.Take(5)];

    /// <summary>Finds one by name, in any case; null for none.</summary>
    public static Workload? Find(string name) =>
        All.FirstOrDefault(w => string.Equals(w.Name, name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>How many vGPUs of a GPU work while one is measured.</summary>
public enum LoadMode
{
    /// <summary>One works, the others are idle.</summary>
    Idle,

    /// <summary>All work at once, and only the time counts in which all did.</summary>
    Loaded,
}
