using System.Text;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Guests;

public sealed class PciMappingsTests
{
    private static readonly PciDeviceFacts s_function =
        new(PciAddress.Parse("0000:41:00.4"), "10de", "2331", "10de", "0000", 21, true);

    private static readonly PciDeviceFacts s_second = s_function with
    {
        Address = PciAddress.Parse("0000:41:00.5"),
        IommuGroup = 22,
    };

    private static readonly PciDeviceFacts s_bare =
        new(PciAddress.Parse("0000:07:10.0"), "8086", "1520", null, null, null, false);

    [Fact]
    public void Sections_are_read_with_their_entries_in_file_order()
    {
        var mappings = Read(
            "# remark\ngpu1\n\tmdev 1\n\tlive-migration-capable yes\n\tdescription two%20GPUs\n"
            + "\tmap node=pve1,path=0000:41:00.5,id=10de:2331\n\tmap node=pve2,path=0000:41:00.4,id=10de:2331\n"
            + "\tmap id=10de:2331,node=pve1,path=0000:41:00.4;0000:41:00.6,subsystem-id=10de:0000,iommugroup=7\n"
            + "\nnic\n    map node=pve1,path=07:10,id=8086:1520\n");

        var gpu = mappings.Find("gpu1")!;
        Assert.Empty(mappings.Warnings);
        Assert.True(gpu.IsMediated && gpu.IsLiveMigrationCapable);
        Assert.Equal(["0000:41:00.5", "0000:41:00.4;0000:41:00.6"], gpu.ForNode("pve1").Select(entry => entry.Path));
        Assert.Equal(["0000:41:00.4", "0000:41:00.6"], gpu.ForNode("pve1")[1].Paths);
        Assert.Equal(("10de:0000", "7"), (gpu.ForNode("pve1")[1].SubsystemId, gpu.ForNode("pve1")[1].IommuGroup));
        Assert.Empty(gpu.ForNode("pve3"));
        Assert.False(mappings.Find("nic")!.IsMediated);
        Assert.Single(mappings.Find("nic")!.Entries);
        Assert.Null(mappings.Find("none"));
    }

    [Theory]
    [InlineData("\tmap node=pve1,path=41:00.4\n",
        "'map': format error\nid: property is missing and it is not optional")]
    [InlineData("\tmap node=pve1,path=x,id=10de:2331\n",
        "'map': format error\npath: value does not match the regex pattern")]
    [InlineData("\tmap node=pve1,path=41:00.4,id=10de:2331,iommugroup=-1\n",
        "'map': format error\niommugroup: type check ('integer') failed - got '-1'")]
    [InlineData("\tmap pve1\n", "'map': value without key, but schema does not define a default key")]
    [InlineData("\tmdev 7\n", "'mdev': type check ('boolean') failed - got '7'")]
    [InlineData("\tmdev 1\n\tmdev 1\n", "'mdev': duplicate attribute")]
    [InlineData("\tcolour red\n", "'colour': unexpected property 'colour'")]
    public void Unreadable_property_is_dropped_with_a_warning(string lines, string warning)
    {
        var mappings = Read("gpu1\n" + lines + "\tmap node=pve1,path=41:00.4,id=10de:2331\n");

        Assert.Equal([$"section 'gpu1' - unable to parse value of {warning}"], mappings.Warnings);
        Assert.Single(mappings.Find("gpu1")!.Entries);
    }

    [Fact]
    public void Header_without_blank_line_above_is_not_one()
    {
        var mappings = Read("gpu1\n\tmdev 1\ngpu2\n\tmap node=pve1,path=41:00.4,id=10de:2331\n");

        Assert.Equal(["gpu1"], mappings.ById.Keys);
        Assert.Single(mappings.Find("gpu1")!.Entries);
    }

    [Fact]
    public void Section_with_a_bad_name_is_skipped()
    {
        var mappings = Read("1gpu\n\tmdev 1\n\ngpu2\n\tmdev 1\n");

        Assert.Equal(["gpu2"], mappings.ById.Keys);
        Assert.Single(mappings.Warnings);
    }

    [Theory]
    [InlineData("path=0000:41:00.4,id=10de:2331,subsystem-id=10de:0000,iommugroup=21", null)]
    [InlineData("path=0000:41:00.9,id=10de:2330", "pci device '0000:41:00.9' not found")]
    [InlineData("path=0000:41:01,id=10de:2330", "pci device '0000:41:01.0' not found")]
    [InlineData("path=41:00.4,id=10de:2331", "pci device '41:00.4' not found")]
    [InlineData("path=0000:41:00.4,id=10DE:2331", "'id' does not match for 'gpu1' (10de:2331 != 10DE:2331)")]
    [InlineData("path=0000:41:00.4,id=10de:2331", "missing expected property 'iommugroup' for device '0000:41:00.4'")]
    [InlineData("path=0000:41:00.4,id=10de:2331,iommugroup=9", "'iommugroup' does not match for 'gpu1' (21 != 9)")]
    [InlineData("path=0000:41:00.4,id=10de:2331,iommugroup=21",
        "missing expected property 'subsystem-id' for device '0000:41:00.4'")]
    [InlineData("path=0000:41:00.4,id=10de:2331,iommugroup=21,subsystem-id=10de:1626",
        "'subsystem-id' does not match for 'gpu1' (10de:0000 != 10de:1626)")]
    [InlineData("path=0000:41:00.4;0000:41:00.5,id=10de:2331,iommugroup=21,subsystem-id=10de:0000", null)]
    [InlineData("path=0000:41:00.4;0000:41:00.6,id=10de:2331,iommugroup=21,subsystem-id=10de:0000",
        "pci device '0000:41:00.6' not found")]
    [InlineData("path=0000:07:10,id=8086:1520", "'mdev' does not match for 'gpu1' (0 != 1)")]
    [InlineData("path=0000:07:10,id=8086:1520,iommugroup=3",
        "unexpected property 'iommugroup' configured for device '0000:07:10.0'")]
    public void First_mismatch_is_reported_in_the_words_of_Proxmox(string properties, string? error) =>
        Assert.Equal(error, Check(properties, isMediated: true, PveGeneration.Pve9));

    [Theory]
    [InlineData("8.3.8", null)]
    [InlineData("8.3.9", "'mdev' does not match for 'gpu1' (1 != 0)")]
    public void Flag_is_compared_from_its_release_on(string version, string? error) =>
        Assert.Equal(
            error,
            Check(
                "path=0000:41:00.4,id=10de:2331,subsystem-id=10de:0000,iommugroup=21", isMediated: false,
                PveGeneration.FromVersion(version)!));

    [Fact]
    public void Flag_is_compared_before_the_subsystem() =>
        Assert.Equal(
            "'mdev' does not match for 'gpu1' (1 != 0)",
            Check("path=0000:41:00.4,id=10de:2331,iommugroup=21", isMediated: false, PveGeneration.Pve9));

    private static string? Check(string properties, bool isMediated, PveGeneration generation)
    {
        var (entry, error) = PciMappings.ParseEntry("node=pve1," + properties);
        Assert.Null(error);
        return PciMappingCheck.FirstError(
            new PciMapping("gpu1", [entry!], isMediated, false), entry!, [s_function, s_second, s_bare],
            generation);
    }

    private static PciMappings Read(string text) => PciMappings.Read(Encoding.UTF8.GetBytes(text));
}
