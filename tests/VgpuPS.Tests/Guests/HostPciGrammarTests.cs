using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Guests;

public sealed class HostPciGrammarTests
{
    private const string BadHost = "format error\nhost: value does not match the regex pattern";

    private const string BadMdev = "format error\nmdev: value does not match the regex pattern";

    private const string Undefined =
        "property is not defined in schema and the schema does not allow additional properties";

    [Theory]
    [InlineData("0000:41:00.4", "host=0000:41:00.4")]
    [InlineData("41:00.4", "host=41:00.4")]
    [InlineData("41:00", "host=41:00")]
    [InlineData("10000:e1:00.1", "host=10000:e1:00.1")]
    [InlineData("41:00.4;41:00.5", "host=41:00.4;41:00.5")]
    [InlineData("host=41:00.4", "host=41:00.4")]
    [InlineData("pcie=1,41:00.4", "host=41:00.4 pcie=1")]
    [InlineData(",41:00.4,,  ,pcie=on,", "host=41:00.4 pcie=1")]
    [InlineData("41:00.4,pcie=YES,rombar=False,x-vga=no,legacy-igd=True",
        "host=41:00.4 legacy-igd=1 pcie=1 rombar=0 x-vga=0")]
    [InlineData("41:00.4,mdev=NVIDIA A40-2Q", "host=41:00.4 mdev=NVIDIA A40-2Q")]
    [InlineData("41:00.4,mdev=a=b", "host=41:00.4 mdev=a=b")]
    [InlineData("mapping=gpu-1_a,mdev=nvidia-1131", "mapping=gpu-1_a mdev=nvidia-1131")]
    [InlineData("41:00.4,driver=keep", "driver=keep host=41:00.4")]
    [InlineData("41:00.4,sub-device-id=0xABcd", "host=41:00.4 sub-device-id=0xABcd")]
    [InlineData(" ", "")]
    public void Value_is_accepted_with_its_properties(string value, string expected)
    {
        var parse = HostPciGrammar.Parse(3, value, PveGeneration.Pve9);

        Assert.Null(parse.Error);
        Assert.Equal(expected, string.Join(' ', parse.Entry!.Properties.Select(pair => $"{pair.Key}={pair.Value}")));
        Assert.Equal("hostpci3", parse.Entry.Key);
    }

    [Theory]
    [InlineData("041:00.4", BadHost)]
    [InlineData("041:41:00.4", BadHost)]
    [InlineData("0000:C1:00.4", BadHost)]
    [InlineData("0000:41", BadHost)]
    [InlineData("41:0", BadHost)]
    [InlineData("41:00.4;", BadHost)]
    [InlineData("41:00.44", BadHost)]
    [InlineData("41:00.4 ,pcie=1", BadHost)]
    [InlineData("gpu1", BadHost)]
    [InlineData("\"41:00.4\"", BadHost)]
    [InlineData("41:00.4,mdev=a/b", BadMdev)]
    [InlineData("41:00.4,mdev=a.b", BadMdev)]
    [InlineData("41:00.4,mdev=a:b", BadMdev)]
    [InlineData("41:00.4,mdev=", "missing key in comma-separated list property")]
    [InlineData("41:00.4,=x", "missing key in comma-separated list property")]
    [InlineData("41:00.4,41:00.5", "duplicate key in comma-separated list property: host")]
    [InlineData("41:00.4,pcie=1,pcie=1", "duplicate key in comma-separated list property: pcie")]
    [InlineData("41:00.4,pcie=2", "format error\npcie: type check ('boolean') failed - got '2'")]
    [InlineData("41:00.4,PCIE=1", "format error\nPCIE: " + Undefined)]
    [InlineData("41:00.4, pcie=1", "format error\n pcie: " + Undefined)]
    [InlineData("41:00.4,vendor-id=10de", "format error\nvendor-id: value does not match the regex pattern")]
    [InlineData("41:00.4,vendor-id=0x10def", "format error\nvendor-id: value does not match the regex pattern")]
    [InlineData("41:00.4,driver=nvidia",
        "format error\ndriver: value 'nvidia' does not have a value in the enumeration 'vfio, keep'")]
    [InlineData("mapping=9x", "format error\nmapping: invalid format - invalid configuration ID '9x'")]
    [InlineData("x=1,41:xx", BadHost + "\nx: " + Undefined)]
    public void Value_is_refused_in_the_words_of_Proxmox(string value, string error)
    {
        var parse = HostPciGrammar.Parse(0, value, PveGeneration.Pve9);

        Assert.Null(parse.Entry);
        Assert.Equal(error, parse.Error);
    }

    [Theory]
    [InlineData("8.0.3", "mapping=gpu1", false)]
    [InlineData("8.0.4", "mapping=gpu1", true)]
    [InlineData("9.0.24", "41:00.4,driver=keep", false)]
    [InlineData("9.0.25", "41:00.4,driver=keep", true)]
    public void Key_is_known_from_its_release_on(string version, string value, bool isKnown) =>
        Assert.Equal(isKnown, HostPciGrammar.Parse(0, value, PveGeneration.FromVersion(version)!).Error is null);

    [Theory]
    [InlineData("41:00.4,mdev=nvidia-1131", "1131", 1131u)]
    [InlineData("41:00.4,mdev=nvidia-01131", "01131", null)]
    [InlineData("41:00.4,mdev=nvidia-0", "0", null)]
    [InlineData("41:00.4,mdev=nvidia-99999999999", "99999999999", null)]
    [InlineData("41:00.4,mdev=Nvidia-1131", null, null)]
    [InlineData("41:00.4,mdev=nvidia-1131x", null, null)]
    [InlineData("41:00.4,mdev=nvidia- 1131", null, null)]
    [InlineData("41:00.4,mdev=nvidia-", null, null)]
    [InlineData("41:00.4,mdev=1131", null, null)]
    [InlineData("41:00.4", null, null)]
    public void Type_is_read_from_the_exact_form_only(string value, string? text, uint? type)
    {
        var entry = HostPciGrammar.Parse(0, value, PveGeneration.Pve9).Entry!;

        Assert.Equal(text, entry.VgpuTypeText);
        Assert.Equal(type is { } number ? new VgpuTypeId(number) : null, entry.VgpuType);
    }

    [Theory]
    [InlineData("41:00.4,mapping=gpu1", "Cannot set both 'host' and 'mapping'.")]
    [InlineData("pcie=1", "Either 'host' or 'mapping' must be set.")]
    [InlineData("41:00.4", null)]
    [InlineData("mapping=gpu1", null)]
    public void Exactly_one_of_host_and_mapping_can_be_chosen_from(string value, string? error) =>
        Assert.Equal(error, HostPciGrammar.Parse(0, value, PveGeneration.Pve9).Entry!.ChoiceError);

    [Fact]
    public void Switches_have_the_defaults_of_Proxmox()
    {
        var entry = HostPciGrammar.Parse(0, "41:00.4", PveGeneration.Pve9).Entry!;

        Assert.True(entry.ShowsRom);
        Assert.False(entry.IsPcie || entry.IsPrimaryDisplay || entry.KeepsDriver);
    }

    [Fact]
    public void Switches_are_read()
    {
        var entry = HostPciGrammar.Parse(0, "41:00.4,rombar=0,pcie=1,x-vga=1,driver=keep", PveGeneration.Pve9).Entry!;

        Assert.False(entry.ShowsRom);
        Assert.True(entry.IsPcie && entry.IsPrimaryDisplay && entry.KeepsDriver);
    }

    [Theory]
    [InlineData("hostpci0: 41:00.4", 0)]
    [InlineData("  HostPCI12 : x", 12)]
    [InlineData("hostpci16: 41:00.4", 16)]
    [InlineData("#hostpci0: 41:00.4", null)]
    [InlineData("args: hostpci0:", null)]
    [InlineData("hostpci: 41:00.4", null)]
    public void Index_that_a_person_meant_is_found(string line, int? index) =>
        Assert.Equal(index, HostPciGrammar.IndexMeantBy(line));
}
