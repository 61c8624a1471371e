using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class ExportVgpuLayoutCommandTests : ChangingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Export-VgpuLayout -Gpu 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Export-VgpuLayout -Gpu 0000:4b", "0000:4b:00.0" } };

    protected override string Line => "Export-VgpuLayout -Save";

    protected override string Plan => @"write the layout of 2 GPUs to /etc/vgpups/layout\.json";

    protected override bool IsIdempotent => true;

    [Fact]
    public void What_is_there_is_written_to_the_pipeline_and_shown_GPU_by_GPU()
    {
        Run(Cut + "; $made = Export-VgpuLayout");
        Assert.Equal(["2g.12gb", 2], Values("$made.Gpus[0].Instances.Profile; $made.Gpus.Count"));
        var text = Show("Export-VgpuLayout");
        Assert.Contains("0000:4b:00.0: virtual functions enabled, MIG on, instances 2g.12gb at 0:2", text,
            StringComparison.Ordinal);
        Assert.Contains("0000:ca:00.0: virtual functions disabled, MIG off", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_written_that_can_be_applied_of_some_GPUs_where_that_is_asked_for()
    {
        Run(Cut);
        var path = PathOf("layout.json");
        Run($"Export-VgpuLayout '{path}' -Gpu 0");
        Assert.Equal(1, One<int>($"(Get-Content '{path}' -Raw | ConvertFrom-Json).gpus.Count"));
        Assert.True(One<bool>($"Test-VgpuLayout '{path}' -Quiet"));
        Run($"Export-VgpuLayout '{PathOf("no.json")}' -WhatIf");
        Assert.False(File.Exists(PathOf("no.json")));
    }

    [Fact]
    public void What_ConvertTo_Json_writes_of_it_is_read_back_unless_it_was_cut_off()
    {
        Run(Cut + "; Enable-Sriov 1; Set-VgpuScheduler 1 -Policy EqualShare");
        var path = PathOf("layout.json");
        Run($"Export-VgpuLayout | ConvertTo-Json -Depth 5 | Set-Content '{path}'");
        Assert.Contains("\"Policy\": \"EqualShare\"", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.True(One<bool>($"Test-VgpuLayout '{path}' -Quiet"));
        Run("Set-VgpuScheduler 1 -Policy FixedShare");
        Assert.False(One<bool>($"Test-VgpuLayout '{path}' -Quiet"));
        Run($"Export-VgpuLayout | ConvertTo-Json -WarningAction Ignore | Set-Content '{path}'");
        AssertRefused($"Compare-VgpuLayout '{path}'", "UnreadableData", ErrorCategory.InvalidData);
    }

    [Fact]
    public void A_file_that_is_there_is_kept_where_that_is_wanted()
    {
        var path = PathOf("layout.json");
        Run($"Export-VgpuLayout '{path}' -NoClobber");
        File.SetAttributes(path, FileAttributes.ReadOnly);
        AssertRefused($"Export-VgpuLayout '{path}' -NoClobber", "FileExists", ErrorCategory.InvalidArgument);
        AssertRefused($"Export-VgpuLayout '{path}'", "WriteFailed", ErrorCategory.NotEnabled, action: "-Force");
        Run($"Export-VgpuLayout '{path}' -Force; Test-VgpuLayout '{path}'");
    }

    [Fact]
    public void What_the_hook_made_is_left_out()
    {
        Run(Cut + "; Add-VmVgpu 101 -Profile 1g.6gb; Start-LabVm 101");
        Assert.Equal(["2g.12gb"], Values("(Export-VgpuLayout).Gpus[0].Instances.Profile"));
    }

    private const string Cut = "Enable-MigMode 0 -Reset; Enable-Sriov 0; New-MigInstance 0 -Profile 2g.12gb";
}
