using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Nvml.Native;
using VgpuPS.Host.Seams;
using Xunit;

namespace VgpuPS.Tests.Nvml;

/// <summary>Numbers printed by a C program compiled against nvml.h (x86-64 Linux).</summary>
public sealed class NvmlStructTests
{
    [Fact]
    public void Structs_have_the_sizes_of_the_header()
    {
        Assert.Equal(68, Unsafe.SizeOf<nvmlPciInfo_t>());
        Assert.Equal(24, Unsafe.SizeOf<nvmlMemory_t>());
        Assert.Equal(8, Unsafe.SizeOf<nvmlPlacement_t>());
        Assert.Equal(48, Unsafe.SizeOf<nvmlGpuInstanceProfileInfo_t>());
        Assert.Equal(152, Unsafe.SizeOf<nvmlGpuInstanceProfileInfo_v2_t>());
        Assert.Equal(152, Unsafe.SizeOf<nvmlGpuInstanceProfileInfo_v3_t>());
        Assert.Equal(24, Unsafe.SizeOf<nvmlGpuInstanceInfo_t>());
        Assert.Equal(36, Unsafe.SizeOf<nvmlComputeInstanceProfileInfo_t>());
        Assert.Equal(136, Unsafe.SizeOf<nvmlComputeInstanceProfileInfo_v2_t>());
        Assert.Equal(32, Unsafe.SizeOf<nvmlComputeInstanceInfo_t>());
        Assert.Equal(8, Unsafe.SizeOf<nvmlVersionedValue_v1_t>());
        Assert.Equal(12, Unsafe.SizeOf<nvmlVgpuTypeMaxInstance_v1_t>());
        Assert.Equal(16, Unsafe.SizeOf<nvmlVgpuLicenseExpiry_t>());
        Assert.Equal(24, Unsafe.SizeOf<nvmlVgpuLicenseInfo_t>());
    }

    [Theory]
    [InlineData(typeof(nvmlPciInfo_t), "pciDeviceId", 28)]
    [InlineData(typeof(nvmlPciInfo_t), "busId", 36)]
    [InlineData(typeof(nvmlGpuInstanceProfileInfo_t), "memorySizeMB", 40)]
    [InlineData(typeof(nvmlGpuInstanceProfileInfo_v2_t), "memorySizeMB", 48)]
    [InlineData(typeof(nvmlGpuInstanceProfileInfo_v2_t), "name", 56)]
    [InlineData(typeof(nvmlGpuInstanceProfileInfo_v3_t), "memorySizeMB", 40)]
    [InlineData(typeof(nvmlGpuInstanceProfileInfo_v3_t), "capabilities", 144)]
    [InlineData(typeof(nvmlGpuInstanceInfo_t), "placement", 16)]
    [InlineData(typeof(nvmlComputeInstanceProfileInfo_v2_t), "name", 40)]
    [InlineData(typeof(nvmlComputeInstanceInfo_t), "profileId", 20)]
    [InlineData(typeof(nvmlVgpuLicenseInfo_t), "currentState", 20)]
    [InlineData(typeof(nvmlVgpuLicenseExpiry_t), "status", 14)]
    public void Fields_are_where_the_header_has_them(Type type, string field, int offset) =>
        Assert.Equal(offset, (int)Marshal.OffsetOf(type, field));

    [Fact]
    public void Version_words_are_size_and_number()
    {
        Assert.Equal(0x02000000u | 152, nvmlGpuInstanceProfileInfo_v2_t.Version);
        Assert.Equal(0x03000000u | 152, nvmlGpuInstanceProfileInfo_v3_t.Version);
        Assert.Equal(0x02000000u | 136, nvmlComputeInstanceProfileInfo_v2_t.Version);
        Assert.Equal(0x01000000u | 8, nvmlVersionedValue_v1_t.Version);
        Assert.Equal(0x01000000u | 12, nvmlVgpuTypeMaxInstance_v1_t.Version);
    }

    [Fact]
    public void A_missing_library_is_told_and_not_a_crash()
    {
        var api = new NativeNvmlApi("libvgpups-does-not-exist.so.1");
        Assert.Equal(NvmlStatus.LibraryNotFound, api.Init());
        Assert.Equal(NvmlStatus.FunctionNotFound, api.DeviceGetCount(out _));
        var refusal = Assert.Throws<HostNotReadyException>(() => new NvmlGpuDriver(api).Open());
        Assert.Equal(ErrorIds.DriverNotReady, refusal.ErrorId);
    }

    [Fact]
    public void A_library_without_a_function_gives_its_status()
    {
        var api = new NativeNvmlApi("libm.so.6");
        Assert.Equal(NvmlStatus.FunctionNotFound, api.Init());
    }
}
