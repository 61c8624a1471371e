using VgpuPS.Core.Errors;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Seams;
using Xunit;

namespace VgpuPS.Tests.Nvml;

public sealed class MissingLibraryTests
{
    [Fact]
    public void A_missing_library_is_reported_and_not_a_crash()
    {
        var api = new NativeNvmlApi("libvgpups-does-not-exist.so.1");
        Assert.Equal(NvmlStatus.LibraryNotFound, api.Init());
        Assert.Equal(NvmlStatus.FunctionNotFound, api.SystemGetDriverVersion(out _));
        var refusal = Assert.Throws<HostNotReadyException>(() => new NvmlGpuDriver(api).Open());
        Assert.Equal(ErrorIds.DriverNotReady, refusal.ErrorId);
    }

    [Fact]
    public void A_library_without_a_function_gives_its_status() =>
        Assert.Equal(NvmlStatus.FunctionNotFound, new NativeNvmlApi("libm.so.6").Init());
}
