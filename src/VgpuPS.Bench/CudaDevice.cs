namespace VgpuPS.Bench;

/// <summary>A GPU as the driver shows it to this guest.</summary>
/// <param name="Handle">The driver's number for it.</param>
/// <param name="Name">Its name: <c>NVIDIA A30-6C</c>.</param>
/// <param name="Uuid">Its UUID, with prefix.</param>
/// <param name="Multiprocessors">SMs that it has here.</param>
/// <param name="Capability">Compute capability: 10 times the major and once the minor number.</param>
/// <param name="DriverVersion">1000 times the major and 10 times the minor number of CUDA.</param>
/// <param name="MemoryBytes">Memory that it has here.</param>
internal sealed record CudaDevice(
    int Handle, string Name, string Uuid, int Multiprocessors, int Capability, int DriverVersion, long MemoryBytes)
{
    /// <summary>The least compute capability with TF32 on tensor cores.</summary>
    /// <remarks>Source: facts/measuring.md F13.</remarks>
    public const int TensorCapability = 80;

    // Source: facts/measuring.md F23 (cuda.h, CUdevice_attribute; assumed).
    private const int MultiprocessorCount = 16;
    private const int CapabilityMajor = 75;
    private const int CapabilityMinor = 76;

    /// <summary>Asks the driver.</summary>
    /// <param name="driver">The driver, loaded.</param>
    /// <param name="ordinal">Which GPU, from 0.</param>
    /// <exception cref="BenchFailure">There is none of this number, or the driver refused a call.</exception>
    public static CudaDevice Find(CudaDriver driver, int ordinal)
    {
        driver.Initialize();
        var version = driver.GetVersion();
        var count = driver.GetDeviceCount();
        if (ordinal >= count)
        {
            throw new BenchFailure(
                ExitCodes.NoDevice,
                count == 0 ? "this guest has no CUDA device" : $"there is no device {ordinal}: this guest has {count}",
                count == 0
                    ? "see that nvidia-smi shows the vGPU in the guest; CUDA needs a type of class C or Q, and a "
                        + "MIG-backed one its compute instance (nvidia-smi mig -lci)"
                    : $"give a number from 0 to {count - 1}: --device 0");
        }

        var device = driver.GetDevice(ordinal);
        var name = driver.GetName(device);
        // The driver's bytes have no prefix; nvidia-smi writes MIG- for an instance, whose name says so (assumed).
        var prefix = name.Contains(" MIG ", StringComparison.Ordinal) ? "MIG" : "GPU";
        return new(
            device, name, $"{prefix}-{driver.GetUuid(device)}",
            driver.GetAttribute(MultiprocessorCount, device),
            (driver.GetAttribute(CapabilityMajor, device) * 10) + driver.GetAttribute(CapabilityMinor, device),
            version, driver.GetTotalMemory(device));
    }
}
