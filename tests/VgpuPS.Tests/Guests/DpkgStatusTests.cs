using System.Text;
using VgpuPS.Core.Platform;
using Xunit;

namespace VgpuPS.Tests.Guests;

public sealed class DpkgStatusTests
{
    private const string Status =
        "Package: qemu-server\nStatus: install ok installed\nDescription: QEMU\n Version: 1.0 in the text\n"
        + "Version: 9.2.6\n\nPackage: pve-manager\nStatus: hold ok installed\nVersion: 9.2.11\n\n"
        + "Package: gone\nStatus: deinstall ok config-files\nVersion: 1.0\n\n"
        + "Package: half\nStatus: install ok half-configured\nVersion: 1.0\n\nPackage: last\n"
        + "Status: install ok installed\nVersion: 7.0-1";

    [Theory]
    [InlineData("qemu-server", "9.2.6")]
    [InlineData("pve-manager", "9.2.11")]
    [InlineData("last", "7.0-1")]
    [InlineData("gone", null)]
    [InlineData("half", null)]
    [InlineData("qemu", null)]
    public void Version_is_that_of_an_installed_package(string package, string? version) =>
        Assert.Equal(version, DpkgStatus.InstalledVersion(Encoding.UTF8.GetBytes(Status), package));
}
