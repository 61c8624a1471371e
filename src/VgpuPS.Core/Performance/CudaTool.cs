namespace VgpuPS.Core.Performance;

/// <summary>A program that measures, of those that a guest with a CUDA toolkit may have.</summary>
/// <param name="Program">Its name.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Read">Reads the figure from its standard output, in the unit of the workload.</param>
/// <remarks>Source: facts/measuring.md F1 for the article's arguments, F5 to F8 for the programs of today.</remarks>
public sealed record CudaTool(string Program, IReadOnlyList<string> Arguments, Func<string, CudaReading> Read)
{
    private const int CopyBytes = 32_000_000;
    private const int DeviceCopyBytes = 384_000_000;

    // Assumed: one of nvbandwidth's samples takes some 20 ms in the article's sizes.
    private const int SamplesPerSecond = 50;

    /// <summary>Where such programs lie beside the search path.</summary>
    /// <remarks>Assumed: folders of toolkits, and of what is built from sources.</remarks>
    public static IReadOnlyList<string> Folders { get; } =
    [
        "/usr/local/bin", "/usr/local/cuda/bin", "/usr/local/cuda/extras/demo_suite", "/opt/nvbandwidth",
        "/opt/cutlass/build/tools/profiler", "/root", "/root/nvbandwidth", "/root/cutlass/build/tools/profiler",
    ];

    /// <summary>Programs that measure a workload, in the order in which they are preferred; none for one that only
    /// <c>vgpu-bench</c> has.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="seconds">How long it shall take, where the program can be told.</param>
    public static IReadOnlyList<CudaTool> For(Workload workload, int seconds) =>
        workload == Workload.HostToDevice
            ? [Copy("--htod", CopyBytes), Nvbandwidth("host_to_device_memcpy_ce", CopyBytes, 1, seconds)]
        : workload == Workload.DeviceToHost
            ? [Copy("--dtoh", CopyBytes), Nvbandwidth("device_to_host_memcpy_ce", CopyBytes, 1, seconds)]
        : workload == Workload.DeviceMemory
            ? [Copy("--dtod", DeviceCopyBytes), Nvbandwidth("device_local_copy", DeviceCopyBytes, 2, seconds)]
        : workload == Workload.SmallGemm ? [Profiler(1024, 1024, 1024, 100_000)]
        : workload == Workload.LargeGemm ? [Profiler(8192, 8192, 16400, 100)]
        : [];

    private static CudaTool Copy(string direction, int bytes)
    {
        var size = Number(bytes);
        return new CudaTool(
            "bandwidthTest",
            [direction, "--mode=range", $"--start={size}", $"--end={size}", "--increment=1"],
            text => CudaToolOutput.ReadBandwidthTest(text, bytes));
    }

    // Its sizes are MiB; it counts a byte within device memory once.
    private static CudaTool Nvbandwidth(string test, int bytes, int factor, int seconds) => new(
        "nvbandwidth",
        [
            "-t", test, "-b", Number((int)Math.Round(bytes / 1048576.0)), "-i",
            Number(Math.Max(3, seconds * SamplesPerSecond)), "-s", "-d", "-j",
        ],
        text => CudaToolOutput.ReadNvbandwidth(text, test, factor));

    private static CudaTool Profiler(int m, int n, int k, int iterations) => new(
        "cutlass_profiler",
        [
            "--operation=Gemm", $"--m={Number(m)}", $"--n={Number(n)}", $"--k={Number(k)}", "--A=tf32:row",
            "--B=tf32:row", "--C=tf32", "--verification-enabled=false", $"--profiling-iterations={Number(iterations)}",
        ],
        text => CudaToolOutput.ReadProfiler(text, m, n, k));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A figure that such a program gave.</summary>
/// <param name="Value">The figure, in the unit of the workload.</param>
/// <param name="Detail">What it was had with, for a note; null for nothing.</param>
public sealed record CudaReading(double Value, string? Detail = null);
