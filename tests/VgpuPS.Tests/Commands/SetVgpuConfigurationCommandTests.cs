using System.Management.Automation;
using System.Text;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Rows;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class SetVgpuConfigurationCommandTests : PassThruCommandTests
{
    private const string Path = "/etc/vgpups/config.json";

    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Set-VgpuConfiguration", "NothingToChange", ErrorCategory.InvalidArgument },
        { "Set-VgpuConfiguration -TimeoutSeconds 0", "InvalidConfiguration", ErrorCategory.InvalidArgument },
        { "Set-VgpuConfiguration -Reset sriow", "InvalidConfiguration", ErrorCategory.InvalidArgument },
        { "Set-VgpuConfiguration -KeepTypes @{101=@{hostpci0='690'}}", "InvalidConfiguration",
            ErrorCategory.InvalidArgument },
        { "Set-VgpuConfiguration -VgpuParameters @{101=@{hostpci0=@{enable_uwm=1}}}", "InvalidConfiguration",
            ErrorCategory.InvalidArgument },
        { "Set-VgpuConfiguration -Chain @{101=@{path=(Get-Date)}}", "InvalidConfiguration",
            ErrorCategory.InvalidArgument },
        { "Set-VgpuConfiguration -Sriov Never -Reset Sriov", "ConflictingParameters", ErrorCategory.InvalidArgument },
        { "Set-VgpuConfiguration ./none.json -Sriov Never", "ConflictingParameters", ErrorCategory.InvalidArgument },
        { "Set-VgpuConfiguration ./none.json", "ConfigurationNotFound", ErrorCategory.ObjectNotFound },
        { "Set-VgpuConfiguration -Sriov Never -Digest 0000", "ConfigurationChanged", ErrorCategory.ResourceBusy },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Set-VgpuConfiguration -Reset vg", "vgpuParameters" },
        { "Set-VgpuConfiguration -Demand l", "learn" },
    };

    protected override string Line => "Set-VgpuConfiguration -Reclaim Never -LockTimeoutSeconds 600";

    protected override string Plan => "set reclaim to never in /etc/vgpups/config.json, before: by default";

    protected override bool IsIdempotent => true;

    [Fact]
    public async Task What_is_not_named_stays_to_the_byte()
    {
        var node = await OpenLabAsync();
        node.Host.Put(Path, "{\n  \"sriov\":\t\"never\",\n  \"chain\": {\"102\": {\"path\":  \"/x\"}}\n}\n");
        Run("Set-VgpuConfiguration -MigMode WhenIdle -Demand @{'2g.12gb'=0.5; '1g.6gb'=3} -Confirm:$false");
        Assert.Equal(
            "{\n  \"sriov\":\t\"never\",\n  \"chain\": {\"102\": {\"path\":  \"/x\"}},\n  "
                + "\"migMode\": \"whenIdle\",\n  \"demand\": {\"1g.6gb\":3,\"2g.12gb\":0.5}\n}\n",
            Text(node));
        Run("Set-VgpuConfiguration -Reset MIGMODE, demand -Confirm:$false");
        Assert.DoesNotContain("migMode", Text(node), StringComparison.Ordinal);
        var row = One<VgpuConfigurationInfo>("Set-VgpuConfiguration -Demand learn -PassThru -Confirm:$false");
        Assert.Empty(row.Demand);
    }

    [Fact]
    public async Task A_file_becomes_all_of_it_and_what_VMs_lose_is_asked_about()
    {
        var node = await OpenLabAsync();
        node.Host.Put(Path, """{"chain":{"102":{"path":"/x"}},"sriov":"never"}""");
        var path = PathOf("config.json");
        await File.WriteAllTextAsync(
            path, """{ "reclaim": "never" }""", TestContext.Current.CancellationToken);
        Answer("n");
        Assert.Contains(
            "chain of VM 102", Assert.Single(Run($"Set-VgpuConfiguration '{path}'").Questions),
            StringComparison.Ordinal);
        Run($"Set-VgpuConfiguration '{path}' -Confirm:$false");
        Assert.Equal("""{ "reclaim": "never" }""", Text(node));
        await File.WriteAllTextAsync(path, """{ "reclaims": "never" }""", TestContext.Current.CancellationToken);
        AssertRefused(
            $"Set-VgpuConfiguration '{path}' -Confirm:$false", "InvalidConfiguration", ErrorCategory.InvalidArgument,
            "the nearest is 'reclaim'");
        Assert.Equal("""{ "reclaim": "never" }""", Text(node));
    }

    [Fact]
    public async Task A_file_that_is_not_readable_is_replaced_as_a_whole_only()
    {
        var node = await OpenLabAsync();
        node.Host.Put(Path, "{ broken");
        Assert.Equal("UnreadableData", RefusalId("Set-VgpuConfiguration -Reclaim Never -Confirm:$false"));
        var path = PathOf("config.json");
        await File.WriteAllTextAsync(path, "{}", TestContext.Current.CancellationToken);
        Answer("y");
        Assert.Contains(
            "which is not readable", Assert.Single(Run($"Set-VgpuConfiguration '{path}'").Questions),
            StringComparison.Ordinal);
        Assert.Equal("{}", Text(node));
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_is_not_overwritten()
    {
        var node = await OpenLabAsync();
        Run("$before = Get-VgpuConfiguration; Set-VgpuConfiguration -Sriov Never -Confirm:$false");
        AssertRefused(
            "$before | Set-VgpuConfiguration -Reclaim Never -Confirm:$false", "ConfigurationChanged",
            ErrorCategory.ResourceBusy, "has changed since it was read", "Get-VgpuConfiguration");
        Run("Get-VgpuConfiguration | Set-VgpuConfiguration -Reclaim Never -Confirm:$false");
        Assert.Contains("\"reclaim\": \"never\"", Text(node), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_hook_reads_what_was_written()
    {
        var node = await OpenLabAsync();
        Run("Set-VgpuConfiguration -VgpuParameters @{101=@{hostpci0=@{disable_vnc=$true}}} "
            + "-Chain @{102=@{path='/root/pin.sh'; order='before'}} -Confirm:$false");
        var settings = node.Connect(_ => { }).Settings.Load();
        Assert.Equal("disable_vnc=1", settings.ParametersOf(new VmId(101), "hostpci0"));
        Assert.Equal("/root/pin.sh", settings.Chain["102"].Path);
        var changes = Values("(Get-VgpuEvent | Where-Object Action -eq setConfiguration).Target");
        Assert.Equal(["chain", "vgpuParameters"], changes.Cast<string>().Order());
    }

    private static string Text(LabHostNode node) => Encoding.UTF8.GetString(node.Host.Files.Read(Path, 1 << 20));
}
