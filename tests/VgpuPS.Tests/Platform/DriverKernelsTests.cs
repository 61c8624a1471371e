using VgpuPS.Core.Gpu;
using VgpuPS.Core.Platform;
using Xunit;

namespace VgpuPS.Tests.Platform;

/// <summary>The table of drivers, kernels and boards, and advice that can apply.</summary>
public sealed class DriverKernelsTests
{
    private const int A30 = 0x20b7;
    private const int T4 = 0x1eb8;
    private const int P40 = 0x1b38;
    private const int V100 = 0x1db6;

    [Theory]
    [InlineData("535.129.03", "6.5.13-6-pve", false)]
    [InlineData("535.129.03", "6.8.12-9-pve", true)]
    [InlineData("535.246.02", "6.14.11-4-pve", true)]
    [InlineData("535.247.01", "6.14.11-4-pve", false)]
    [InlineData("535.309.01", "7.0.2-1-pve", false)]
    [InlineData("550.54.16", "6.8.12-9-pve", true)]
    [InlineData("550.90.05", "6.8.12-9-pve", false)]
    [InlineData("580.105.06", "7.0.2-1-pve", true)]
    [InlineData("590.44.01", "7.0.2-1-pve", false)]
    [InlineData("590.44.01", "7.1.0-1-pve", true)]
    [InlineData("595.58.02", "7.0.2-1-pve", false)]
    [InlineData("600.10", "7.0.2-1-pve", false)]
    public void Kernel_is_too_new_by_the_release_and_not_by_its_branch_alone(
        string driver, string kernel, bool isTooNew) =>
        Assert.Equal(isTooNew, DriverKernels.IsTooNew(driver, kernel));

    [Theory]
    [InlineData("535.129.03", "6.14.11-4-pve", A30, "a late release of the same branch, 535.247 or newer (vGPU 16.10)")]
    [InlineData("535.129.03", "6.14.11-4-pve", P40, "a late release of the same branch, 535.247 or newer (vGPU 16.10)")]
    [InlineData("550.54.16", "6.14.11-4-pve", T4, "driver 570 (vGPU 18) or a newer one")]
    [InlineData("550.54.16", "6.14.11-4-pve", P40, null)]
    [InlineData("580.105.06", "7.0.2-1-pve", A30, "driver 595 (vGPU 20) or a newer one")]
    [InlineData("580.105.06", "7.0.2-1-pve", V100, null)]
    public void Advice_never_names_a_branch_that_has_left_the_board_behind(
        string driver, string kernel, int board, string? advice) =>
        Assert.Equal(advice, DriverKernels.Advise(driver, kernel, [A30, board]));

    [Theory]
    [InlineData(P40, "535.309.01", false)]
    [InlineData(P40, "550.54.16", true)]
    [InlineData(V100, "580.105.06", false)]
    [InlineData(V100, "595.58.02", true)]
    [InlineData(T4, "595.58.02", false)]
    [InlineData(A30, "595.58.02", false)]
    [InlineData(0x1e89, "595.58.02", false)]
    [InlineData(P40, null, false)]
    public void Branch_drops_the_boards_that_it_drops(int board, string? driver, bool isDropped) =>
        Assert.Equal(isDropped, GpuBoard.Of(board).IsDroppedBy(driver));

    [Theory]
    [InlineData(0x2bb5, 0, false, "display mode", "displaymodeselector --gpumode compute")]
    [InlineData(0x2231, 0, false, "display mode", "displaymodeselector --gpumode compute")]
    [InlineData(A30, 0, false, "SR-IOV is off in the firmware", "systemctl reboot --firmware-setup")]
    [InlineData(T4, 0, false, "its types are on the GPU itself", "systemctl restart nvidia-vgpud")]
    [InlineData(T4, 0, true, null, null)]
    [InlineData(A30, 16, false, null, null)]
    public void Board_without_functions_says_what_its_kind_of_board_lacks(
        int board, int total, bool hasTypes, string? cause, string? fix)
    {
        var gpu = new PhysicalFunction(PciAddress.Parse("0000:4b:00.0"), board, "nvidia", 0, total, 0, 4, 1, hasTypes);
        var why = GpuBoard.WhyWithoutFunctions(gpu);
        Assert.Equal(cause is null, why is null);
        Assert.Contains(cause ?? "", why?.Cause ?? "", StringComparison.Ordinal);
        Assert.Contains(fix ?? "", why?.Fix ?? "", StringComparison.Ordinal);
        Assert.Null(GpuBoard.WhyWithoutFunctions(gpu with { Driver = "vfio-pci" }));
    }
}
