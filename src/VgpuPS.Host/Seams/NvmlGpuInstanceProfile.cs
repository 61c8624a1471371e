namespace VgpuPS.Host.Seams;

/// <summary>A GPU instance profile.</summary>
/// <param name="Id">What nvidia-smi prints and instances are created with.</param>
/// <param name="Name">The driver's name (<c>MIG 2g.12gb</c>); empty from drivers that only have the first struct.</param>
/// <param name="SliceCount">Compute slices.</param>
/// <param name="InstanceCount">How many fit on an empty GPU.</param>
/// <param name="MultiprocessorCount">SMs.</param>
/// <param name="CopyEngineCount">Copy engines.</param>
/// <param name="DecoderCount">Video decoders.</param>
/// <param name="EncoderCount">Video encoders.</param>
/// <param name="JpegCount">JPEG decoders.</param>
/// <param name="OfaCount">Optical flow engines.</param>
/// <param name="MemoryMiB">Memory in MiB (NVML's memorySizeMB).</param>
/// <remarks>Source: nvml.h, nvmlGpuInstanceProfileInfo_t, _v2_t, _v3_t.</remarks>
public readonly record struct NvmlGpuInstanceProfile(
    uint Id, string Name, uint SliceCount, uint InstanceCount, uint MultiprocessorCount, uint CopyEngineCount,
    uint DecoderCount, uint EncoderCount, uint JpegCount, uint OfaCount, ulong MemoryMiB);
