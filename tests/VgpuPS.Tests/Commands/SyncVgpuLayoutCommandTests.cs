using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class SyncVgpuLayoutCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Sync-VgpuLayout ./none.json", "LayoutNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Sync-VgpuLayout -Session l", "lab" } };

    protected override string Prepare => "Enable-Sriov 0; Export-VgpuLayout -Save; Disable-Sriov 0 -Confirm:$false";

    protected override string Line => "Sync-VgpuLayout";

    protected override string Plan => "enable 16 virtual functions";

    protected override bool IsIdempotent => true;

    [Fact]
    public void A_host_without_a_layout_is_refused() =>
        AssertRefused("Sync-VgpuLayout", "LayoutNotFound", ErrorCategory.ObjectNotFound);

    [Fact]
    public void A_bare_host_becomes_what_a_file_says_and_nothing_changes_the_second_time()
    {
        var path = Write("""
            {"version":1,"gpus":[{"gpu":"*A30*","sriov":true,"mig":true,"instances":[{"profile":"2g.12gb"},{"profile":"1g.6gb"}]}]}
            """);
        Assert.Equal([2, 2], Values($"(Sync-VgpuLayout '{path}' -PassThru).InstanceCount"));
        var before = State();
        Run($"Sync-VgpuLayout '{path}'");
        Assert.Equal(before, State());
    }

    [Fact]
    public void What_is_there_is_saved_and_brought_back()
    {
        Run("Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb, 1g.6gb; Export-VgpuLayout -Save");
        Run("Get-MigInstance -Profile 1g.6gb | Remove-MigInstance -Confirm:$false");
        Assert.Single(Values("(Compare-VgpuLayout).Steps"));
        Run("Sync-VgpuLayout");
        Assert.True(One<bool>("(Compare-VgpuLayout).Passed"));
    }

    [Fact]
    public void Instances_that_the_layout_does_not_want_are_asked_about()
    {
        Run("Enable-MigMode 0 -Reset; Export-VgpuLayout -Save; New-MigInstance 0 -Profile 1g.6gb");
        Assert.Equal("ConfirmationRequired", RefusalId("Sync-VgpuLayout"));
        Assert.Equal(["1g.6gb"], Values("(Get-MigInstance).Profile"));
        Run("Sync-VgpuLayout -Confirm:$false");
        Assert.Empty(Values("Get-MigInstance"));
    }

    [Theory]
    [InlineData("unknown members", """{"version":1,"gpus":[{"gpu":"*A30*","mog":true}]}""", "UnreadableData",
        ErrorCategory.InvalidData)]
    [InlineData("no JSON", "gpus:", "UnreadableData", ErrorCategory.InvalidData)]
    [InlineData("a GPU twice", """{"version":1,"gpus":[{"gpu":"0000:4b:00.0"},{"gpu":"4b:00.0"}]}""", "LayoutConflict",
        ErrorCategory.InvalidArgument)]
    [InlineData("a GPU that is not there", """{"version":1,"gpus":[{"gpu":"0000:99:00.0"}]}""", "DeviceNotFound",
        ErrorCategory.ObjectNotFound)]
    [InlineData(
        "what cannot fit together",
        """{"version":1,"gpus":[{"gpu":"0000:4b:00.0","mig":true,"instances":[{"profile":"4g.24gb"},{"profile":"1g.6gb"}]}]}""",
        "NoFreePlacement", ErrorCategory.ResourceUnavailable)]
    public void A_layout_that_cannot_be_is_refused(string why, string text, string id, ErrorCategory category)
    {
        Assert.NotEmpty(why);
        var path = Write(text);
        var before = State();
        AssertRefused($"Sync-VgpuLayout '{path}'", id, category);
        Assert.Equal(before, State());
    }

    [Theory]
    [InlineData("$null | Sync-VgpuLayout", "InvalidLayout")]
    [InlineData("Sync-VgpuLayout -Layout $null", "InvalidLayout")]
    [InlineData("Export-VgpuLayout | Sync-VgpuLayout ./other.json", "ConflictingParameters")]
    [InlineData("Get-Gpu | Select-Object -First 1 | Sync-VgpuLayout", "InvalidLayout")]
    [InlineData("@{ Gpus = @(@{ Gpu = '0000:4b:00.0'; Mog = $true }) } | Sync-VgpuLayout", "InvalidLayout")]
    public void What_is_piped_in_and_is_no_layout_is_refused_and_the_host_s_own_is_not_taken(string line, string id)
    {
        Run(Prepare);
        var before = State();
        AssertRefused(line, id, ErrorCategory.InvalidArgument);
        Assert.Equal(before, State());
    }

    [Fact]
    public void Objects_made_by_hand_are_a_layout_too()
    {
        Run("[pscustomobject]@{ Gpus = @(@{ Gpu = '0000:4b:00.0'; Sriov = $true }) } | Sync-VgpuLayout");
        Assert.Equal([16, 0], Values("(Get-Gpu).EnabledFunctions"));
    }

    private string Write(string layout)
    {
        var path = PathOf("layout.json");
        File.WriteAllText(path, layout);
        return path;
    }
}
