using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Processes;
using Xunit;

namespace VgpuPS.Tests.Lab.Machine;

/// <summary><c>nvidia-smi</c> as an administrator types it.</summary>
public sealed class LabSmiTests
{
    // Source: facts/mig-profiles.json, messages and driver_choice_order; facts/host-behaviour.md 4.
    [Theory]
    [InlineData("A30", "-cgi 14 -C", 0,
        "Successfully created GPU instance ID  3 on GPU  0 using profile MIG 1g.6gb (ID 14)\n"
        + "Successfully created compute instance ID  0 on GPU  0 GPU instance ID  3 using profile MIG 1g.6gb "
        + "(ID  0)\n")]
    [InlineData("A30", "-cgi 2g.12gb:2", 0,
        "Successfully created GPU instance ID  2 on GPU  0 using profile MIG 2g.12gb (ID  5)\n")]
    [InlineData("H100", "-cgi 19,19,14", 0,
        "Successfully created GPU instance ID 13 on GPU  0 using profile MIG 1g.10gb (ID 19)\n"
        + "Successfully created GPU instance ID 11 on GPU  0 using profile MIG 1g.10gb (ID 19)\n"
        + "Successfully created GPU instance ID  3 on GPU  0 using profile MIG 2g.20gb (ID 14)\n")]
    [InlineData("H100", "-cgi 19,19,14,9", 23,
        "Successfully created GPU instance ID 13 on GPU  0 using profile MIG 1g.10gb (ID 19)\n"
        + "Successfully created GPU instance ID 11 on GPU  0 using profile MIG 1g.10gb (ID 19)\n"
        + "Successfully created GPU instance ID  3 on GPU  0 using profile MIG 2g.20gb (ID 14)\n"
        + "Unable to create a GPU instance on GPU  0 using profile 9: Insufficient Resources\n"
        + "Failed to create GPU instances: Insufficient Resources\n")]
    [InlineData("A30", "-dgi", 6, "No GPU instances found: Not Found\n")]
    [InlineData("A30", "-cgi 7g.80gb", 2,
        "Unable to create a GPU instance on GPU  0 using profile 7g.80gb: Invalid Argument\n"
        + "Failed to create GPU instances: Invalid Argument\n")]
    public void Instances_are_made_by_hand(string model, string command, int code, string said)
    {
        var result = Type(LabMachines.With(model, mig: true, functions: false), $"mig {command}");
        Assert.Equal(said, result.Output);
        Assert.Equal(code, result.ExitCode);
    }

    [Fact]
    public void Instances_are_destroyed_in_their_order()
    {
        var host = LabMachines.With("A30", mig: true, functions: false);
        Type(host, "mig -cgi 2g.12gb,2g.12gb -C");
        var refused = Type(host, "mig -dgi -gi 1");
        Assert.Equal(
            "Unable to destroy GPU instance ID  1 from GPU  0: In use by another client\n"
                + "Failed to destroy GPU instances: In use by another client\n", refused.Output);
        Assert.Equal(
            "Successfully destroyed compute instance ID  0 from GPU  0 GPU instance ID  1\n",
            Type(host, "mig -dci -gi 1").Output);
        Assert.Equal("Successfully destroyed GPU instance ID  1 from GPU  0\n", Type(host, "mig -dgi -gi 1").Output);
        Assert.Equal([2u], host.State.Gpus[0].Instances.Select(i => i.Id));
    }

    [Fact]
    public void Placements_are_listed_as_the_driver_lists_them() => Assert.StartsWith(
        "GPU  0 Profile ID 14 Placements: {0,1,2,3}:1\n",
        Type(LabMachines.With("A30", mig: true, functions: false), "mig -lgipp").Output, StringComparison.Ordinal);

    [Fact]
    public void Without_MIG_mode_there_is_nothing_to_make() => Assert.Equal(
        "No MIG-enabled devices found.\n",
        Type(LabMachines.With("A30", functions: false), "mig -cgi 14").Output);

    // Source: facts/errors.md A9 and C1.
    [Fact]
    public void A_board_in_display_mode_has_neither_MIG_nor_functions()
    {
        var host = LabHost.Create(new LabOptions { Gpus = ["RTX PRO 6000", "A30"], IsInDisplayMode = true });
        Assert.Equal(
            "Unable to enable MIG Mode for GPU 00000000:4B:00.0: Not Supported\n"
                + "Treating as warning and moving on.\nAll done.\n",
            Type(host, "-i 0 -mig 1").Output);
        Assert.Equal(
            NvmlStatus.NotSupported, host.Nvml.DeviceGetMigMode(LabMachines.Device(host), out _, out _));
        host.Nvml.Shutdown();
        Assert.Null(host.Files.GetInfo("/sys/bus/pci/devices/0000:4b:00.0/sriov_totalvfs"));
        Assert.DoesNotContain("sriov_totalvfs", host.Files.List("/sys/bus/pci/devices/0000:4b:00.0")!);
        Assert.Equal(1, LabMachines.Sriov(host, "-e").ExitCode);
        Assert.Equal([0, 16], host.State.Gpus.Select(g => g.TotalFunctions));
        Assert.Equal("Enabled MIG Mode for GPU 00000000:CA:00.0\nAll done.\n", Type(host, "-i 1 -mig 1").Output);
    }

    private static ProcessResult Type(LabHost host, string words) => host.Processes.RunAsync(
        new ProcessRequest(LabProcesses.SmiTool, words.Split(' '), TimeSpan.FromMinutes(1)),
        CancellationToken.None).Result;
}
