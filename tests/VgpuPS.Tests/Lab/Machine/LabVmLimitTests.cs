using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Lab.Machine;

/// <summary>How many vGPUs, and which, QEMU and the manager give one VM: no hook is asked.</summary>
public sealed class LabVmLimitTests
{
    // Source: facts/vgpu-types.json, multi_vgpu.
    [Theory]
    [InlineData("T4", null, 222u, 1u)] // 1B
    [InlineData("T4", null, 226u, 1u)] // 2A
    [InlineData("T4", null, 232u, 1u)] // 4Q
    [InlineData("T4", null, 319u, 1u)] // 4C
    [InlineData("T4", null, 234u, 16u)] // 16Q, the whole board
    [InlineData("T4", null, 321u, 16u)] // 16C, the whole board
    [InlineData("V100", null, 184u, 1u)] // 16Q
    [InlineData("V100", null, 185u, 16u)] // 32Q, the whole board
    [InlineData("A30", null, 684u, 16u)] // 4C
    [InlineData("A30", "510.47.03", 684u, 1u)]
    [InlineData("A30", "510.47.03", 688u, 16u)] // 24C, the whole board
    [InlineData("L40S", null, 1145u, 1u)] // 1B
    [InlineData("L40S", null, 1147u, 16u)] // 1Q
    public void The_driver_says_how_many_a_VM_may_have(string model, string? driver, uint type, uint count)
    {
        var host = LabMachines.With(model, LabBackend.Mdev, functions: false);
        host.Edit(s => s.Setup.DriverVersion = driver ?? s.Setup.DriverVersion);
        Assert.Equal(NvmlStatus.Success, host.Nvml.Init());
        Assert.Equal(NvmlStatus.Success, host.Nvml.VgpuTypeGetMaxInstancesPerVm(type, out var found));
        Assert.Equal(count, found);
    }

    [Theory]
    [InlineData("T4", "0=0000:4b:00.0,mdev=nvidia-222", "1=0000:4b:00.0,mdev=nvidia-222", false)]
    [InlineData("T4", "0=0000:4b:00.0,mdev=nvidia-230", "1=0000:4b:00.0,mdev=nvidia-230", false)]
    [InlineData("T4", "0=0000:4b:00.0,mdev=nvidia-222", null, true)]
    [InlineData("A30", "0=0000:4b:00.4,mdev=nvidia-684", "1=0000:4b:00.5,mdev=nvidia-684", true)]
    public async Task A_start_with_more_is_refused_and_the_manager_says_why(
        string model, string first, string? second, bool starts)
    {
        var node = Start(model, first, second);

        var result = await node.Proxmox.StartAsync(new(101), null, TestContext.Current.CancellationToken);

        Assert.Equal(starts ? null : "start failed: QEMU exited with code 1", result.Error);
        Assert.Equal(starts, node.Host.GetQemuPid(new(101)) is not null);
        var journal = node.Host.State.Platform.Journals.GetValueOrDefault(LabBootSetup.ManagerUnit) ?? [];
        Assert.Equal(
            starts ? []
                : ["error: vmiop_log: (0x1): init_device_instance failed for inst 1 with error 1 (multiple vGPUs in "
                    + "a VM not supported)"],
            journal);
        Assert.All(node.Host.State.Gpus[0].Vgpus, vgpu => Assert.Equal(starts, vgpu.Holder is not null));
    }

    [Theory]
    [InlineData(684u, false)]
    [InlineData(688u, true)]
    public async Task A_type_that_does_not_mix_is_refused_beside_another(uint exclusive, bool starts)
    {
        var node = Start("A30", "0=0000:4b:00.4,mdev=nvidia-684", "1=0000:ca:00.4,mdev=nvidia-687", second: "A30");
        node.Host.Edit(s => s.Setup.ExclusiveTypes.Add(exclusive));

        var result = await node.Proxmox.StartAsync(new(101), null, TestContext.Current.CancellationToken);

        Assert.Equal(starts, result.Succeeded);
    }

    private static LabHostNode Start(string model, string first, string? entry, string? second = null)
    {
        var node = LabHostNode.Create(new LabOptions
        {
            Gpus = second is null ? [model] : [model, second],
            PveVersion = "8.4",
            Backend = LabBackend.Mdev,
        });
        node.Host.Edit(s => s.Gpus.ForEach(g => g.FunctionCount = g.Model.TotalFunctions));
        node.CreateVm(new(101), entry is null ? [first] : [first, entry]);
        node.Host.Put(node.ConfigPath(new(101)), string.Concat(
            System.Text.Encoding.UTF8.GetString(node.Host.Files.Read(node.ConfigPath(new(101)), 4096)).Split('\n')
                .Where(l => l.Length > 0 && !l.StartsWith("hookscript", StringComparison.Ordinal))
                .Select(l => l + "\n")));
        return node;
    }
}
