using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class RepairVgpuHostCommandTests : CommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Repair-VgpuHost -Session nowhere", "SessionNotFound", ErrorCategory.ObjectNotFound },
        { "Repair-VgpuHost -Check Nonsense", "CheckNotFound", ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new() { { "Repair-VgpuHost -Check LayoutD", "LayoutDiffers" } };

    private const string Damage = "Enable-Sriov 0; Export-VgpuLayout -Save; Disable-Sriov 0 -Confirm:$false";

    [Fact]
    public void GPUs_are_what_the_layout_says_again_and_then_there_is_nothing_to_do()
    {
        Run(Damage);
        Assert.True(One<VgpuHostTestInfo>("Test-VgpuHost LayoutDiffers").Repairable);
        Assert.Equal(["lab"], Values("(Repair-VgpuHost -PassThru).VgpuHost"));
        Assert.Empty(Values("Test-VgpuHost | Where-Object -Not Passed"));
        Assert.Empty(Values("Repair-VgpuHost -PassThru"));
    }

    [Fact]
    public void WhatIf_prints_the_plan_and_changes_nothing()
    {
        Run(Damage);
        var before = State();
        var printed = string.Join('\n', Run("Repair-VgpuHost -WhatIf").Printed);
        Assert.StartsWith("What if: Repair-VgpuHost on ", printed, StringComparison.Ordinal);
        Assert.Equal(before, State());
    }

    [Fact]
    public void It_is_done_after_a_yes_only()
    {
        Run(Damage);
        var before = State();
        Answer("n");
        Assert.Contains(
            "Continue?", Assert.Single(Run("Repair-VgpuHost -Confirm").Questions), StringComparison.Ordinal);
        Assert.Equal(before, State());
        AssertRefused(
            "Repair-VgpuHost -Confirm", "ConfirmationRequired", ErrorCategory.NotEnabled, action: "-Confirm:$false");
        Answer("y");
        Run("Repair-VgpuHost -Confirm");
        Assert.NotEqual(before, State());
    }

    [Fact]
    public void What_is_named_is_repaired_alone()
    {
        Run(Damage + "; Repair-VgpuHost -Check Services");
        Assert.False(One<VgpuHostTestInfo>("Test-VgpuHost LayoutDiffers").Passed);
    }
}
