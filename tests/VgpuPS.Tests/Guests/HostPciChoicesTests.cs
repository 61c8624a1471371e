using System.Text;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Guests;

public sealed class HostPciChoicesTests
{
    private static readonly PciAddress[] s_functions =
    [
        .. new[] { "10000:e1:00.1", "0000:41:00.4", "0000:41:00.0", "0001:41:00.4", "0000:41:01.0" }
            .Select(PciAddress.Parse),
    ];

    private static readonly PciDeviceFacts[] s_devices =
        [.. s_functions.Select(address => new PciDeviceFacts(address, "10de", "2331", null, null, null, true))];

    [Theory]
    [InlineData("41:00", "0000:41:00.0 0000:41:00.4")]
    [InlineData("0000:41:00", "0000:41:00.0 0000:41:00.4")]
    [InlineData("41:00.4", "0000:41:00.4")]
    [InlineData("0001:41:00", "0001:41:00.4")]
    [InlineData("0000:e1:00.1", "")]
    [InlineData("10000:e1:00.1", "10000:e1:00.1")]
    [InlineData("41:00.9", "")]
    public void Id_without_function_takes_in_all_of_the_device(string id, string functions) =>
        Assert.Equal(functions, string.Join(' ', HostPciChoices.Expand(id, s_functions)));

    [Theory]
    [InlineData("41:02.0", "no PCI device found for '41:02.0'")]
    [InlineData("41:00.4;41:02.0", "no PCI device found for '41:02.0'")]
    [InlineData("41:00.0;41:00.4,mdev=x", "cannot use mediated device with multifunction device")]
    [InlineData("mapping=none", "PCI device mapping not found for 'none'")]
    [InlineData("mapping=away", "PCI device mapping not found for 'away'")]
    [InlineData("mapping=gone",
        "PCI device mapping invalid (hardware probably changed): pci device '0000:41:00.7' not found")]
    [InlineData("mapping=pair,mdev=x", "cannot use mediated device with multifunction device")]
    public void Entry_is_refused_in_the_words_of_Proxmox(string value, string error)
    {
        var choice = Choose(value);

        Assert.Equal(error, choice.Error);
        Assert.Empty(choice.Alternatives);
    }

    [Fact]
    public void Mapping_gives_alternatives_in_file_order()
    {
        var choice = Choose("mapping=gpus,mdev=nvidia-1131");

        Assert.Null(choice.Error);
        Assert.Equal(
            ["0000:41:01.0", "0000:41:00.4"], choice.Alternatives.Select(one => one.Functions.Single().ToString()));
    }

    [Fact]
    public void Joined_path_is_one_alternative()
    {
        var choice = Choose("mapping=pair");

        Assert.Equal(2, Assert.Single(choice.Alternatives).Functions.Count);
        Assert.True(choice.IsMultifunction);
    }

    private static HostPciChoice Choose(string value)
    {
        var mappings = PciMappings.Read(Encoding.ASCII.GetBytes(
            "gpus\n\tmdev 1\n\tmap node=pve1,path=0000:41:01.0,id=10de:2331\n"
            + "\tmap node=pve2,path=0000:99:00.0,id=10de:2331\n\tmap node=pve1,path=0000:41:00.4,id=10de:2331\n\n"
            + "away\n\tmdev 1\n\tmap node=pve2,path=0000:41:00.4,id=10de:2331\n\n"
            + "gone\n\tmdev 1\n\tmap node=pve1,path=0000:41:00.4,id=10de:2331\n"
            + "\tmap node=pve1,path=0000:41:00.7,id=10de:2331\n\n"
            + "pair\n\tmdev 1\n\tmap node=pve1,path=0000:41:00.0;0000:41:00.4,id=10de:2331\n"));
        var entry = HostPciGrammar.Parse(0, value, PveGeneration.Pve9).Entry!;
        return HostPciChoices.For(
            entry, mappings, "pve1", s_functions, address => Array.Find(s_devices, device => device.Address == address),
            PveGeneration.Pve9);
    }
}
