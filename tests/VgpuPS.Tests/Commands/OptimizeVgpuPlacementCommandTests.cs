using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class OptimizeVgpuPlacementCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Optimize-VgpuPlacement 9g.1gb", "ProfileNotFound", ErrorCategory.ObjectNotFound },
        { "Optimize-VgpuPlacement 2g.12gb -Gpu 1", "MigModeMismatch", ErrorCategory.NotEnabled },
        { "Optimize-VgpuPlacement 3g.20gb -Gpu 1", "ProfileNotFound", ErrorCategory.ObjectNotFound },
        { "Optimize-VgpuPlacement -Type A30-99C", "VgpuTypeNotFound", ErrorCategory.ObjectNotFound },
        { "Optimize-VgpuPlacement 2g.12gb -Gpu 7", "DeviceNotFound", ErrorCategory.ObjectNotFound },
        { "Optimize-VgpuPlacement 2g.12gb -ExcludeVm 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Optimize-VgpuPlacement -Profile 2g", "2g.12gb" },
        { "Optimize-VgpuPlacement 2g.12gb -Gpu 0000:4b", "0000:4b:00.0" },
        { "Optimize-VgpuPlacement -Type A30-2", "A30-2-12C" },
        { "Optimize-VgpuPlacement 2g.12gb -ExcludeVm we", "101" },
    };

    // The 1g of VM 102 comes to the slice beside that of VM 101, and stays there when that one has gone.
    protected override string Prepare => """
        Enable-MigMode 0 -Reset; Enable-Sriov 0
        Add-VmVgpu 101,102,103 -Profile 1g.6gb; Start-VgpuVm 101,102,103; Stop-VgpuVm 101
        """;

    protected override string Line => "Optimize-VgpuPlacement 2g.12gb -Gpu 0";

    protected override string Plan => @"shut down VM 10[23] \(";

    protected override bool IsHigh => true;

    protected override bool IsIdempotent => true;

    [Fact]
    public void Moves_are_written_with_what_they_are_for()
    {
        Run(Prepare);
        var move = One<VgpuMoveInfo>(Line + " -Confirm:$false -PassThru");
        Assert.Equal((1, 1, "2g.12gb"), (move.Number, move.Restarts, move.Gain));
        Assert.NotEqual(move.FromPlacement, move.Placement);
        Assert.Equal(move.FromGpuAddress, move.GainGpuAddress);
        Assert.Contains("fits already", string.Join('\n', Run(Line + " -WhatIf").Printed), StringComparison.Ordinal);
    }

    [Fact]
    public void Its_view_fits_80_columns()
    {
        Run(Prepare);
        var shown = Show(Line + " -Confirm:$false -PassThru", 80);
        Assert.Contains("1 of 1", shown, StringComparison.Ordinal);
        Assert.Contains("2g.12gb", shown, StringComparison.Ordinal);
    }
}
