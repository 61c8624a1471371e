using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VgpuPS.Host.Nvml.Native;
using Xunit;

namespace VgpuPS.Tests.Nvml;

public sealed class NvmlStructTests
{
    public static TheoryData<string, int, int> Sizes => new()
    {
        { nameof(nvmlMemory_t), 24, Unsafe.SizeOf<nvmlMemory_t>() },
        { nameof(nvmlGpuInstancePlacement_t), 8, Unsafe.SizeOf<nvmlGpuInstancePlacement_t>() },
        { nameof(nvmlGpuInstanceProfileInfo_t), 48, Unsafe.SizeOf<nvmlGpuInstanceProfileInfo_t>() },
        { nameof(nvmlGpuInstanceProfileInfo_v2_t), 152, Unsafe.SizeOf<nvmlGpuInstanceProfileInfo_v2_t>() },
        { nameof(nvmlGpuInstanceProfileInfo_v3_t), 152, Unsafe.SizeOf<nvmlGpuInstanceProfileInfo_v3_t>() },
        { nameof(nvmlGpuInstanceInfo_t), 24, Unsafe.SizeOf<nvmlGpuInstanceInfo_t>() },
        { nameof(nvmlComputeInstancePlacement_t), 8, Unsafe.SizeOf<nvmlComputeInstancePlacement_t>() },
        { nameof(nvmlComputeInstanceProfileInfo_t), 36, Unsafe.SizeOf<nvmlComputeInstanceProfileInfo_t>() },
        { nameof(nvmlComputeInstanceProfileInfo_v2_t), 136, Unsafe.SizeOf<nvmlComputeInstanceProfileInfo_v2_t>() },
        { nameof(nvmlComputeInstanceProfileInfo_v3_t), 140, Unsafe.SizeOf<nvmlComputeInstanceProfileInfo_v3_t>() },
        { nameof(nvmlComputeInstanceInfo_t), 32, Unsafe.SizeOf<nvmlComputeInstanceInfo_t>() },
        { nameof(nvmlVgpuHeterogeneousMode_v1_t), 8, Unsafe.SizeOf<nvmlVgpuHeterogeneousMode_v1_t>() },
        { nameof(nvmlVgpuSchedulerGetState_t), 16, Unsafe.SizeOf<nvmlVgpuSchedulerGetState_t>() },
        { nameof(nvmlVgpuSchedulerSetState_t), 16, Unsafe.SizeOf<nvmlVgpuSchedulerSetState_t>() },
        { nameof(nvmlVgpuSchedulerCapabilities_t), 40, Unsafe.SizeOf<nvmlVgpuSchedulerCapabilities_t>() },
        { nameof(nvmlVgpuLicenseExpiry_t), 16, Unsafe.SizeOf<nvmlVgpuLicenseExpiry_t>() },
        { nameof(nvmlVgpuLicenseInfo_t), 24, Unsafe.SizeOf<nvmlVgpuLicenseInfo_t>() },
        { nameof(nvmlVgpuTypeMaxInstance_v1_t), 12, Unsafe.SizeOf<nvmlVgpuTypeMaxInstance_v1_t>() },
        { nameof(nvmlVgpuSchedulerParams_t), 8, Unsafe.SizeOf<nvmlVgpuSchedulerParams_t>() },
        { nameof(nvmlVgpuSchedulerSetParams_t), 8, Unsafe.SizeOf<nvmlVgpuSchedulerSetParams_t>() },
        { nameof(nvmlProcessInfo_t), 24, Unsafe.SizeOf<nvmlProcessInfo_t>() },
    };

    public static TheoryData<string, uint, uint, int> VersionWords => new()
    {
        { nameof(nvmlGpuInstanceProfileInfo_v2_t), 0x02000098u, nvmlGpuInstanceProfileInfo_v2_t.VersionWord,
            Unsafe.SizeOf<nvmlGpuInstanceProfileInfo_v2_t>() },
        { nameof(nvmlGpuInstanceProfileInfo_v3_t), 0x03000098u, nvmlGpuInstanceProfileInfo_v3_t.VersionWord,
            Unsafe.SizeOf<nvmlGpuInstanceProfileInfo_v3_t>() },
        { nameof(nvmlComputeInstanceProfileInfo_v2_t), 0x02000088u, nvmlComputeInstanceProfileInfo_v2_t.VersionWord,
            Unsafe.SizeOf<nvmlComputeInstanceProfileInfo_v2_t>() },
        { nameof(nvmlComputeInstanceProfileInfo_v3_t), 0x0300008Cu, nvmlComputeInstanceProfileInfo_v3_t.VersionWord,
            Unsafe.SizeOf<nvmlComputeInstanceProfileInfo_v3_t>() },
        { nameof(nvmlVgpuHeterogeneousMode_v1_t), 0x01000008u, nvmlVgpuHeterogeneousMode_v1_t.VersionWord,
            Unsafe.SizeOf<nvmlVgpuHeterogeneousMode_v1_t>() },
        { nameof(nvmlVgpuTypeMaxInstance_v1_t), 0x0100000Cu, nvmlVgpuTypeMaxInstance_v1_t.VersionWord,
            Unsafe.SizeOf<nvmlVgpuTypeMaxInstance_v1_t>() },
    };

    public static TheoryData<string, string, int, int> Offsets => new()
    {
        Row<nvmlMemory_t>("total", 0),
        Row<nvmlMemory_t>("free", 8),
        Row<nvmlMemory_t>("used", 16),
        Row<nvmlGpuInstancePlacement_t>("start", 0),
        Row<nvmlGpuInstancePlacement_t>("size", 4),
        Row<nvmlGpuInstanceProfileInfo_t>("id", 0),
        Row<nvmlGpuInstanceProfileInfo_t>("isP2pSupported", 4),
        Row<nvmlGpuInstanceProfileInfo_t>("sliceCount", 8),
        Row<nvmlGpuInstanceProfileInfo_t>("instanceCount", 12),
        Row<nvmlGpuInstanceProfileInfo_t>("multiprocessorCount", 16),
        Row<nvmlGpuInstanceProfileInfo_t>("copyEngineCount", 20),
        Row<nvmlGpuInstanceProfileInfo_t>("decoderCount", 24),
        Row<nvmlGpuInstanceProfileInfo_t>("encoderCount", 28),
        Row<nvmlGpuInstanceProfileInfo_t>("jpegCount", 32),
        Row<nvmlGpuInstanceProfileInfo_t>("ofaCount", 36),
        Row<nvmlGpuInstanceProfileInfo_t>("memorySizeMB", 40),
        Row<nvmlGpuInstanceProfileInfo_v2_t>("version", 0),
        Row<nvmlGpuInstanceProfileInfo_v2_t>("id", 4),
        Row<nvmlGpuInstanceProfileInfo_v2_t>("isP2pSupported", 8),
        Row<nvmlGpuInstanceProfileInfo_v2_t>("sliceCount", 12),
        Row<nvmlGpuInstanceProfileInfo_v2_t>("instanceCount", 16),
        Row<nvmlGpuInstanceProfileInfo_v2_t>("multiprocessorCount", 20),
        Row<nvmlGpuInstanceProfileInfo_v2_t>("copyEngineCount", 24),
        Row<nvmlGpuInstanceProfileInfo_v2_t>("decoderCount", 28),
        Row<nvmlGpuInstanceProfileInfo_v2_t>("encoderCount", 32),
        Row<nvmlGpuInstanceProfileInfo_v2_t>("jpegCount", 36),
        Row<nvmlGpuInstanceProfileInfo_v2_t>("ofaCount", 40),
        Row<nvmlGpuInstanceProfileInfo_v2_t>("memorySizeMB", 48),
        Row<nvmlGpuInstanceProfileInfo_v2_t>("name", 56),
        Row<nvmlGpuInstanceProfileInfo_v3_t>("version", 0),
        Row<nvmlGpuInstanceProfileInfo_v3_t>("id", 4),
        Row<nvmlGpuInstanceProfileInfo_v3_t>("sliceCount", 8),
        Row<nvmlGpuInstanceProfileInfo_v3_t>("instanceCount", 12),
        Row<nvmlGpuInstanceProfileInfo_v3_t>("multiprocessorCount", 16),
        Row<nvmlGpuInstanceProfileInfo_v3_t>("copyEngineCount", 20),
        Row<nvmlGpuInstanceProfileInfo_v3_t>("decoderCount", 24),
        Row<nvmlGpuInstanceProfileInfo_v3_t>("encoderCount", 28),
        Row<nvmlGpuInstanceProfileInfo_v3_t>("jpegCount", 32),
        Row<nvmlGpuInstanceProfileInfo_v3_t>("ofaCount", 36),
        Row<nvmlGpuInstanceProfileInfo_v3_t>("memorySizeMB", 40),
        Row<nvmlGpuInstanceProfileInfo_v3_t>("name", 48),
        Row<nvmlGpuInstanceProfileInfo_v3_t>("capabilities", 144),
        Row<nvmlGpuInstanceInfo_t>("device", 0),
        Row<nvmlGpuInstanceInfo_t>("id", 8),
        Row<nvmlGpuInstanceInfo_t>("profileId", 12),
        Row<nvmlGpuInstanceInfo_t>("placement", 16),
        Row<nvmlComputeInstancePlacement_t>("start", 0),
        Row<nvmlComputeInstancePlacement_t>("size", 4),
        Row<nvmlComputeInstanceProfileInfo_t>("id", 0),
        Row<nvmlComputeInstanceProfileInfo_t>("sliceCount", 4),
        Row<nvmlComputeInstanceProfileInfo_t>("instanceCount", 8),
        Row<nvmlComputeInstanceProfileInfo_t>("multiprocessorCount", 12),
        Row<nvmlComputeInstanceProfileInfo_t>("sharedCopyEngineCount", 16),
        Row<nvmlComputeInstanceProfileInfo_t>("sharedDecoderCount", 20),
        Row<nvmlComputeInstanceProfileInfo_t>("sharedEncoderCount", 24),
        Row<nvmlComputeInstanceProfileInfo_t>("sharedJpegCount", 28),
        Row<nvmlComputeInstanceProfileInfo_t>("sharedOfaCount", 32),
        Row<nvmlComputeInstanceProfileInfo_v2_t>("version", 0),
        Row<nvmlComputeInstanceProfileInfo_v2_t>("id", 4),
        Row<nvmlComputeInstanceProfileInfo_v2_t>("sliceCount", 8),
        Row<nvmlComputeInstanceProfileInfo_v2_t>("instanceCount", 12),
        Row<nvmlComputeInstanceProfileInfo_v2_t>("multiprocessorCount", 16),
        Row<nvmlComputeInstanceProfileInfo_v2_t>("sharedCopyEngineCount", 20),
        Row<nvmlComputeInstanceProfileInfo_v2_t>("sharedDecoderCount", 24),
        Row<nvmlComputeInstanceProfileInfo_v2_t>("sharedEncoderCount", 28),
        Row<nvmlComputeInstanceProfileInfo_v2_t>("sharedJpegCount", 32),
        Row<nvmlComputeInstanceProfileInfo_v2_t>("sharedOfaCount", 36),
        Row<nvmlComputeInstanceProfileInfo_v2_t>("name", 40),
        Row<nvmlComputeInstanceProfileInfo_v3_t>("version", 0),
        Row<nvmlComputeInstanceProfileInfo_v3_t>("id", 4),
        Row<nvmlComputeInstanceProfileInfo_v3_t>("sliceCount", 8),
        Row<nvmlComputeInstanceProfileInfo_v3_t>("instanceCount", 12),
        Row<nvmlComputeInstanceProfileInfo_v3_t>("multiprocessorCount", 16),
        Row<nvmlComputeInstanceProfileInfo_v3_t>("sharedCopyEngineCount", 20),
        Row<nvmlComputeInstanceProfileInfo_v3_t>("sharedDecoderCount", 24),
        Row<nvmlComputeInstanceProfileInfo_v3_t>("sharedEncoderCount", 28),
        Row<nvmlComputeInstanceProfileInfo_v3_t>("sharedJpegCount", 32),
        Row<nvmlComputeInstanceProfileInfo_v3_t>("sharedOfaCount", 36),
        Row<nvmlComputeInstanceProfileInfo_v3_t>("name", 40),
        Row<nvmlComputeInstanceProfileInfo_v3_t>("capabilities", 136),
        Row<nvmlComputeInstanceInfo_t>("device", 0),
        Row<nvmlComputeInstanceInfo_t>("gpuInstance", 8),
        Row<nvmlComputeInstanceInfo_t>("id", 16),
        Row<nvmlComputeInstanceInfo_t>("profileId", 20),
        Row<nvmlComputeInstanceInfo_t>("placement", 24),
        Row<nvmlVgpuHeterogeneousMode_v1_t>("version", 0),
        Row<nvmlVgpuHeterogeneousMode_v1_t>("mode", 4),
        Row<nvmlVgpuSchedulerGetState_t>("schedulerPolicy", 0),
        Row<nvmlVgpuSchedulerGetState_t>("arrMode", 4),
        Row<nvmlVgpuSchedulerGetState_t>("schedulerParams", 8),
        Row<nvmlVgpuSchedulerSetState_t>("schedulerPolicy", 0),
        Row<nvmlVgpuSchedulerSetState_t>("enableARRMode", 4),
        Row<nvmlVgpuSchedulerSetState_t>("schedulerParams", 8),
        Row<nvmlVgpuSchedulerCapabilities_t>("supportedSchedulers", 0),
        Row<nvmlVgpuSchedulerCapabilities_t>("maxTimeslice", 12),
        Row<nvmlVgpuSchedulerCapabilities_t>("minTimeslice", 16),
        Row<nvmlVgpuSchedulerCapabilities_t>("isArrModeSupported", 20),
        Row<nvmlVgpuSchedulerCapabilities_t>("maxFrequencyForARR", 24),
        Row<nvmlVgpuSchedulerCapabilities_t>("minFrequencyForARR", 28),
        Row<nvmlVgpuSchedulerCapabilities_t>("maxAvgFactorForARR", 32),
        Row<nvmlVgpuSchedulerCapabilities_t>("minAvgFactorForARR", 36),
        Row<nvmlVgpuLicenseExpiry_t>("year", 0),
        Row<nvmlVgpuLicenseExpiry_t>("month", 4),
        Row<nvmlVgpuLicenseExpiry_t>("day", 6),
        Row<nvmlVgpuLicenseExpiry_t>("hour", 8),
        Row<nvmlVgpuLicenseExpiry_t>("min", 10),
        Row<nvmlVgpuLicenseExpiry_t>("sec", 12),
        Row<nvmlVgpuLicenseExpiry_t>("status", 14),
        Row<nvmlVgpuLicenseInfo_t>("isLicensed", 0),
        Row<nvmlVgpuLicenseInfo_t>("licenseExpiry", 4),
        Row<nvmlVgpuLicenseInfo_t>("currentState", 20),
        Row<nvmlVgpuTypeMaxInstance_v1_t>("version", 0),
        Row<nvmlVgpuTypeMaxInstance_v1_t>("vgpuTypeId", 4),
        Row<nvmlVgpuTypeMaxInstance_v1_t>("maxInstancePerGI", 8),
        Row<nvmlVgpuSchedulerParams_t>("avgFactor", 0),
        Row<nvmlVgpuSchedulerParams_t>("arrTimeslice", 4),
        Row<nvmlVgpuSchedulerParams_t>("timeslice", 0),
        Row<nvmlVgpuSchedulerSetParams_t>("avgFactor", 0),
        Row<nvmlVgpuSchedulerSetParams_t>("frequency", 4),
        Row<nvmlVgpuSchedulerSetParams_t>("timeslice", 0),
        Row<nvmlProcessInfo_t>("pid", 0),
        Row<nvmlProcessInfo_t>("usedGpuMemory", 8),
        Row<nvmlProcessInfo_t>("gpuInstanceId", 16),
        Row<nvmlProcessInfo_t>("computeInstanceId", 20),
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Size_is_that_of_the_header(string name, int expected, int actual) =>
        Assert.True(expected == actual, $"{name} has {actual} bytes, the header says {expected}");

    [Theory]
    [MemberData(nameof(Offsets))]
    public void Field_sits_where_the_header_puts_it(string name, string field, int expected, int actual) =>
        Assert.True(expected == actual, $"{name}.{field} is at {actual}, the header says {expected}");

    [Theory]
    [MemberData(nameof(VersionWords))]
    public void Version_word_is_size_and_version(string name, uint expected, uint actual, int size)
    {
        Assert.True(expected == actual, $"{name} has the word 0x{actual:x8}, the header says 0x{expected:x8}");
        Assert.Equal((uint)size, actual & 0xFFFFFF);
    }

    private static TheoryDataRow<string, string, int, int> Row<T>(string field, int expected)
        where T : unmanaged =>
        new(typeof(T).Name, field, expected, (int)Marshal.OffsetOf<T>(field));
}
