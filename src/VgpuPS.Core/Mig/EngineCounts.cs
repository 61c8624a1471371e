namespace VgpuPS.Core.Mig;

/// <summary>Fixed-function engines of a profile.</summary>
/// <param name="Copy">Copy engines.</param>
/// <param name="Decoder">Video decoders (NVDEC).</param>
/// <param name="Encoder">Video encoders (NVENC).</param>
/// <param name="Jpeg">JPEG decoders.</param>
/// <param name="OpticalFlow">Optical flow engines (OFA).</param>
public sealed record EngineCounts(int Copy, int Decoder, int Encoder, int Jpeg, int OpticalFlow)
{
    /// <summary>No engine at all.</summary>
    public static EngineCounts None { get; } = new(0, 0, 0, 0, 0);
}
