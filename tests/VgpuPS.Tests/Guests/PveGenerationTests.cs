using System.Text;
using VgpuPS.Core.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Guests;

public sealed class PveGenerationTests
{
    [Theory]
    [InlineData("8.0.3", "8.0.4", nameof(PveGeneration.KnowsMapping), true)]
    [InlineData("8.2.4", "8.2.5", nameof(PveGeneration.KnowsVendorVfio), true)]
    [InlineData("8.3.8", "8.3.9", nameof(PveGeneration.ChecksMappingMdevFlag), true)]
    [InlineData("8.3.8", "8.3.9", nameof(PveGeneration.KnowsLiveMigrationCapable), true)]
    [InlineData("8.4.10", "9.0.1", nameof(PveGeneration.ShowcmdTouchesDevices), false)]
    [InlineData("9.0.0", "9.0.1", nameof(PveGeneration.CleansUpAfterFailedChoice), true)]
    [InlineData("9.0.1", "9.0.2", nameof(PveGeneration.KnowsOtherDomainsForVgpu), true)]
    [InlineData("9.0.24", "9.0.25", nameof(PveGeneration.KnowsDriverKey), true)]
    [InlineData("9.1.9", "9.1.11", nameof(PveGeneration.AsksNvmlForCreatableTypes), true)]
    [InlineData("9.1.12", "9.1.13", nameof(PveGeneration.RunsPostStopInStop), true)]
    public void Feature_changes_with_its_release(string before, string since, string feature, bool after)
    {
        Assert.Equal(!after, Has(before));
        Assert.Equal(after, Has(since));

        bool Has(string version) =>
            (bool)typeof(PveGeneration).GetProperty(feature)!.GetValue(PveGeneration.FromVersion(version))!;
    }

    [Theory]
    [InlineData("9.2.6", "9.2.6")]
    [InlineData("8.4.10-1", "8.4.10")]
    [InlineData("1:9.0~rc1", "9.0.0")]
    [InlineData(" 9.2.6+b1\n", "9.2.6")]
    public void Version_of_the_package_is_read(string text, string version) =>
        Assert.Equal(version, PveGeneration.FromVersion(text)!.QemuServer.ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("9")]
    [InlineData("nine.two")]
    [InlineData("9..2")]
    [InlineData("1.2.3.4.5")]
    public void Text_that_is_no_version_is_unknown(string? text) => Assert.Null(PveGeneration.FromVersion(text));

    [Theory]
    [InlineData("hostpci0: 41:00.4,driver=keep\n", true)]
    [InlineData("hostpci0: driver=keep,41:00.4\n", true)]
    [InlineData("hostpci0: 41:00.4\n", false)]
    [InlineData("args: a,driver=keep\n", false)]
    public void Unknown_generation_is_guessed_from_what_is_used(string config, bool isNewer) =>
        Assert.Equal(
            isNewer ? PveGeneration.Pve9 : PveGeneration.Pve8, PveGeneration.FromUse(Encoding.ASCII.GetBytes(config)));
}
