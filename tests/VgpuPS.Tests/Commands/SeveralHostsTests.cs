using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>Commands on several hosts at once.</summary>
public sealed class SeveralHostsTests : EngineTests
{
    public SeveralHostsTests()
    {
        Run("Disconnect-VgpuHost lab");
        Run("'a', 'b', 'c', 'd' | ForEach-Object { Connect-VgpuHost -Lab A30, A30 -Name $_ }");
    }

    [Fact]
    public void They_are_read_together() =>
        Assert.Equal(["a", "a", "b", "b", "c", "c", "d", "d"], Values("(Get-Gpu).VgpuHost"));

    [Fact]
    public void They_are_changed_together_each_with_its_own_objects()
    {
        Assert.Equal(["a", "b", "c", "d"], Values("(Get-Gpu 0 | Enable-Sriov -PassThru).VgpuHost"));
        Assert.Equal([0], Values("(Get-Gpu | Where-Object EnabledFunctions).GpuIndex | Select-Object -Unique"));
    }

    [Fact]
    public void They_go_on_when_one_of_them_refuses()
    {
        Run("Enable-MigMode 0 -Reset -Session b; New-MigInstance 0 -Profile 1g.6gb -Session b");
        var result = Try("(Get-Gpu 0 | Enable-Sriov -PassThru).VgpuHost");
        Assert.Equal(["a", "c", "d"], result.Output.Select(o => o.BaseObject));
        Assert.Equal(["WouldDestroy"], result.ErrorIds);
    }

    [Fact]
    public void What_was_changed_is_written_in_their_order_whoever_is_first()
    {
        // The first has four times as much to do as the last.
        var line = "Get-Gpu -Session a | Enable-Sriov -PassThru; "
            + "@(Get-Gpu -Session a, b) + @(Get-Gpu 0 -Session c) | Enable-MigMode -Reset -PassThru | % VgpuHost";
        Assert.Equal(["a", "a", "b", "b", "c"], Values(line).OfType<string>());
    }

    [Fact]
    public void Events_are_in_the_order_of_time_over_all_of_them()
    {
        Run("Enable-Sriov 0 -Session c; Enable-Sriov 0 -Session a; Enable-MigMode 1 -Reset -Session c");
        var times = Values("(Get-VgpuEvent).Time").Cast<DateTime>().ToList();
        Assert.True(times.Count > 2);
        Assert.Equal(times.Order(), times);
        Assert.Equal(["a", "c"], Values("(Get-VgpuEvent).VgpuHost | Sort-Object -Unique"));
    }

    [Fact]
    public void They_go_on_when_one_of_them_is_gone()
    {
        Run("$gpus = Get-Gpu 0; Disconnect-VgpuHost c");
        Assert.Equal(["SessionNotFound"], Try("$gpus | Enable-Sriov").ErrorIds);
        Assert.Equal([16, 16, 16], Values("(Get-Gpu 0).EnabledFunctions"));
    }

    [Theory]
    [InlineData("Find-VgpuPlacement", "MissingParameter", "neither type, profile nor memory of the vGPU is specified")]
    [InlineData("Find-VgpuPlacement A30-6C -Profile 1g.6gb", "ConflictingParameters", "the type is specified 2 times")]
    [InlineData("Get-VgpuCapacity -Type A30-6C -Memory 6GB", "ConflictingParameters", "the type is specified 2 times")]
    public void What_no_host_can_be_asked_is_refused_once(string line, string id, string message)
    {
        Run("Connect-VgpuHost -Lab A30 -Name other");
        Assert.Equal([id], Try(line).ErrorIds);
        Assert.StartsWith(message, Refusal(line).Exception.Message, StringComparison.Ordinal);
    }
}
