using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>What looks like bad input and must not stop a VM.</summary>
public sealed class NoRefusalTests
{
    private const string Settings = "/etc/vgpups/config.json";
    private const string First = RefusalCase.First;

    public static TheoryData<LabBackend> Backends { get; } = [LabBackend.Mdev, LabBackend.Vfio];

    [Theory]
    [InlineData("")]
    [InlineData("\u0001\u0002\0\n\u00ff: \n[\n]\n%%%")]
    [InlineData("hostpci0: 0000:03:00.0\n")]
    [InlineData("hostpci0: 0000:03:00.0,colour=red\n")]
    [InlineData("hostpci0: 0000:0a:00.0,pcie=1\n[PENDING]\nhostpci0: 0000:4b:00.4,mdev=text\n")]
    [InlineData("#hostpci0: 0000:4b:00.4,mdev=nvidia-689\nmemory: 512\n")]
    public void Configuration_without_a_vGPU_is_none_of_the_hooks(string text)
    {
        var node = LabNodes.A30(LabBackend.Vfio);
        node.Host.Put(node.ConfigPath(new VmId(101)), text);
        var before = HostSnapshot.Take(node);

        var result = node.Hook("101", "pre-start");

        Assert.Equal((0, "", ""), (result.ExitCode, result.Output, result.Error));
        Assert.Equal(before, HostSnapshot.Take(node));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Full_log_is_a_warning(LabBackend backend)
    {
        var node = RefusalCase.With(LabNodes.A30(backend));
        node.Host.Edit(state => state.Setup.WriteRefusals["/var/log"] = Errno.ENOSPC);

        var result = node.Hook("101", "pre-start");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("vgpu-hook: warning: the event log", result.Error, StringComparison.Ordinal);
        Assert.Contains("df -h /var/log", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd('\n').Split('\n'));
        Assert.Null(node.Start(101).Error);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Broken_layout_does_not_stop_who_does_not_need_it(LabBackend backend)
    {
        var sliced = RefusalCase.With(LabNodes.A30(backend, mig: false), 685);
        var backed = RefusalCase.With(LabNodes.A30(backend));
        foreach (var node in (LabHostNode[])[sliced, backed])
        {
            node.Host.Put("/etc/vgpups/layout.json", "{");
            Assert.Null(node.Start(101).Error);
        }
    }

    [Theory]
    [InlineData("backup")]
    [InlineData("suspended")]
    public void Locked_configuration_is_Proxmoxs_business(string value)
    {
        var node = RefusalCase.With(LabNodes.A30(LabBackend.Vfio));
        var path = node.ConfigPath(new VmId(101));
        node.Host.Put(path, System.Text.Encoding.UTF8.GetString(node.Host.Files.Read(path, 9999)) + $"lock: {value}\n");

        Assert.Equal(0, node.Hook("101", "pre-start").ExitCode);
    }

    [Fact]
    public void Kept_driver_with_a_uuid_gets_the_type_of_keepTypes()
    {
        var node = LabNodes.A30(LabBackend.Vfio);
        node.CreateVm(new VmId(101), $"0={First},driver=keep");
        var path = node.ConfigPath(new VmId(101));
        node.Host.Put(
            path, System.Text.Encoding.UTF8.GetString(node.Host.Files.Read(path, 9999))
            + "args: -uuid 00000000-0000-0000-0000-000000000101\n");
        node.Host.Put(Settings, """{"keepTypes":{"101":{"hostpci0":"nvidia-689"}}}""");

        Assert.Equal(0, node.Hook("101", "pre-start").ExitCode);

        Assert.Equal((First, 689u), (node.Host.State.Gpus[0].Vgpus[0].Function, node.Host.State.Gpus[0].Vgpus[0].Type));
    }

    [Theory]
    [InlineData("mdev=text", "requests mdev=text")]
    [InlineData("mdev=nvidia-689,colour=red", "is dropped by Proxmox")]
    public void Entry_that_cannot_work_is_a_warning_where_the_settings_say_so(string value, string says)
    {
        var node = RefusalCase.With(LabNodes.A30(LabBackend.Vfio), $"{First},{value}");
        node.Host.Put(Settings, """{"unreadableEntry":"warn"}""");
        var before = HostSnapshot.Take(node);

        var result = node.Hook("101", "pre-start");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("vgpu-hook: warning: VM 101: ", result.Error, StringComparison.Ordinal);
        Assert.Contains(says, result.Error, StringComparison.Ordinal);
        Assert.Equal(before, HostSnapshot.Take(node));
    }

    [Fact]
    public void Refusal_reaches_the_task_that_starts_the_VM()
    {
        var node = RefusalCase.With(LabNodes.A30(LabBackend.Vfio), 4711);

        var result = node.Start(101);

        Assert.Equal(
            "hookscript error for 101 on pre-start: command '/var/lib/vz/snippets/vgpu-hook 101 pre-start' failed: "
                + "exit code 66",
            result.Error);
    }
}
