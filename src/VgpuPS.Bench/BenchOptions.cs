namespace VgpuPS.Bench;

/// <summary>What a command line asks for.</summary>
/// <param name="Command">What is done: a workload, or <c>info</c>, <c>clock</c>, <c>--version</c>,
/// <c>--help</c>.</param>
internal sealed partial record BenchOptions(string Command)
{
    /// <summary>Copies from the host's memory to the GPU's.</summary>
    public const string HostToDevice = "h2d";

    /// <summary>Copies from the GPU's memory to the host's.</summary>
    public const string DeviceToHost = "d2h";

    /// <summary>Copies within the GPU's memory.</summary>
    public const string DeviceToDevice = "d2d";

    /// <summary>Products of matrices.</summary>
    public const string Gemm = "gemm";

    /// <summary>Tensor cores without memory.</summary>
    public const string Tensor = "tensor";

    /// <summary>What the GPU is.</summary>
    public const string Info = "info";

    /// <summary>What time the guest has.</summary>
    public const string Clock = "clock";

    /// <summary>Which version this is.</summary>
    public const string Version = "--version";

    /// <summary>How it is called.</summary>
    public const string Help = "--help";

    /// <summary>Bytes of one copy.</summary>
    public long Bytes { get; init; }

    /// <summary>Rows of the left factor and of the product.</summary>
    public int M { get; init; }

    /// <summary>Columns of the right factor and of the product.</summary>
    public int N { get; init; }

    /// <summary>Columns of the left factor, rows of the right one.</summary>
    public int K { get; init; }

    /// <summary>How long is measured at least.</summary>
    public double Seconds { get; init; } = 10;

    /// <summary>When measuring begins, in seconds of Unix time by this machine's clock; null for at once.</summary>
    public double? StartAt { get; init; }

    /// <summary>How long one sample is, in seconds; a single operation that takes longer is one.</summary>
    public double Interval { get; init; } = 0.25;

    /// <summary>Number of the GPU, as the driver counts them.</summary>
    public int Device { get; init; }
}
