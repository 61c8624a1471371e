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
        Assert.Equal(version, DpkgStatus.FindVersion(Encoding.UTF8.GetBytes(Status), package));

    [Fact]
    public void What_is_installed_has_names_that_it_stands_for()
    {
        var installed = DpkgStatus.ReadInstalled(Encoding.UTF8.GetBytes(
            Status + "\n\nPackage: proxmox-headers-6.8\nStatus: install ok installed\nVersion: 6.8.12-1\n"
            + "Provides: linux-headers-amd64, pve-headers-6.8 (= 6.8.12-1)\n"));
        Assert.Equal(["qemu-server", "pve-manager", "last", "proxmox-headers-6.8"], installed.Select(p => p.Name));
        Assert.Equal(["linux-headers-amd64", "pve-headers-6.8"], installed[^1].Provides);
        Assert.Empty(installed[0].Provides);
    }
}
