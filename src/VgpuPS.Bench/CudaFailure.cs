namespace VgpuPS.Bench;

/// <summary>A call of the CUDA driver that has failed.</summary>
internal sealed class CudaFailure : BenchFailure
{
    /// <summary>Status for memory that is not to be had.</summary>
    public const int OutOfMemory = 2;

    // Source: facts/measuring.md F12 and F20; numbers beside these from cuda.h, CUresult (assumed).
    private const int StubLibrary = 34;
    private const int InsufficientDriver = 35;
    private const int NoDevice = 100;
    private const int InvalidDevice = 101;
    private const int NoBinaryForGpu = 209;
    private const int InvalidPtx = 218;
    private const int UnsupportedPtxVersion = 222;
    private const int NotPermitted = 800;
    private const int DriverMismatch = 803;

    private CudaFailure(int status, int exitCode, string message, string action)
        : base(exitCode, message, action) => Status = status;

    /// <summary>The driver's number for it.</summary>
    public int Status { get; }

    /// <summary>Puts call, number and the driver's text into words, and says what to do about it.</summary>
    /// <param name="call">Name of the call.</param>
    /// <param name="status">What it returned.</param>
    /// <param name="text">The driver's text for it; null where it has none.</param>
    /// <param name="log">What the driver's compiler said; empty for nothing.</param>
    public static CudaFailure Of(string call, int status, string? text, string log)
    {
        var (exitCode, action) = Advise(status);
        var said = log.Length > MaxLog ? log[..MaxLog] + " …" : log;
        return new(
            status, exitCode,
            $"{call} failed with status {status}, {text ?? "for which the driver has no text"}"
                + (said.Length > 0 ? $"; its compiler says: {said}" : ""),
            action);
    }

    private const int MaxLog = 600;

    private static (int ExitCode, string Action) Advise(int status) => status switch
    {
        OutOfMemory => (
            ExitCodes.TryAgain,
            "see what holds the vGPU's memory in the guest (nvidia-smi), end it, or give the VM a larger vGPU type"),
        NoDevice or InvalidDevice => (
            ExitCodes.NoDevice,
            "see that nvidia-smi shows the vGPU in the guest; CUDA needs a type of class C or Q, and a MIG-backed one "
                + "its compute instance (nvidia-smi mig -lci)"),
        StubLibrary => (
            ExitCodes.NotReady,
            "install the vGPU guest driver: this libcuda.so.1 is the toolkit's, to link against"),
        InsufficientDriver or DriverMismatch => (
            ExitCodes.NotReady,
            "restart the guest so that library and kernel module are of one driver, or install its driver again"),
        UnsupportedPtxVersion => (
            ExitCodes.NotReady, "install a guest driver of CUDA 11.4 or newer that fits the host's driver"),
        NoBinaryForGpu => (
            ExitCodes.NotReady,
            "measure copies only (h2d, d2h, d2d): TF32 needs a GPU of the Ampere generation or newer"),
        NotPermitted => (
            ExitCodes.NotReady,
            "run it as root, or as a user who may open /dev/nvidia0, /dev/nvidiactl, /dev/nvidia-uvm"),
        InvalidPtx => (
            ExitCodes.Device, "update the guest driver; with the newest, report a bug of vgpu-bench with this line"),
        _ => (
            ExitCodes.Device,
            "look for NVRM and Xid lines in the guest (dmesg) and on the host, then restart the guest and try again"),
    };
}
