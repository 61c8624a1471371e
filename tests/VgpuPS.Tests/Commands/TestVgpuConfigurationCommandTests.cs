using System.Management.Automation;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Seams;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class TestVgpuConfigurationCommandTests : ReadingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Test-VgpuConfiguration ./none.json", "ConfigurationNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Test-VgpuConfiguration -Session l", "lab" } };

    protected override string Prepare => "";

    [Fact]
    public async Task A_file_of_this_machine_is_judged_with_and_without_a_host()
    {
        var path = PathOf("config.json");
        await File.WriteAllTextAsync(path, "{\n  \"reclaims\": \"never\" }", TestContext.Current.CancellationToken);
        foreach (var disconnect in (string[])["", "Disconnect-VgpuHost lab; "])
        {
            var row = One<VgpuConfigurationTestInfo>($"{disconnect}Test-VgpuConfiguration '{path}'");
            Assert.Equal((false, "Readable", 2L, 15L), (row.Passed, row.Check, row.Line, row.Column));
            Assert.Contains("the nearest is 'reclaim'", row.Detail, StringComparison.Ordinal);
            Assert.Contains(path, row.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_it_names_must_be_there()
    {
        var node = await OpenLabAsync();
        Assert.Equal(["Readable"], Values("(Test-VgpuConfiguration).Check"));
        Run("Enable-Sriov 0; Add-VmVgpu 101 A30-6C");
        node.Host.Put("/etc/vgpups/config.json", """
            {"keepTypes":{"777":{"hostpci0":"nvidia-690"}},"chain":{"101":{"path":"/root/none.sh"}},
            "vgpuParameters":{"101":{"hostpci0":{"enable_uvm":1},"hostpci7":{"disable_vnc":1}}}}
            """);
        Assert.Equal(["Vms", "Vgpus", "Types", "Chain"], Values("(Test-VgpuConfiguration | ? -not Passed).Check"));
        var shown = string.Join(' ', Values("(Test-VgpuConfiguration | ? -not Passed).Detail"));
        foreach (var part in (string[])["no VM 777", "hostpci7 of VM 101 is no vGPU", "A30-6C is one of 4", "none.sh"])
        {
            Assert.Contains(part, shown, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_that_others_can_change_is_said()
    {
        var node = await OpenLabAsync();
        node.Host.Put("/etc/vgpups/config.json", "{}", FileModes.Mode666);
        Assert.Equal("Trusted", One<VgpuConfigurationTestInfo>("Test-VgpuConfiguration").Check);
    }
}
