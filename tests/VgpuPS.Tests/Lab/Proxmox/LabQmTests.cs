using System.Text;
using VgpuPS.Host.Seams;
using VgpuPS.Tests.Operations.VmVgpus;
using Xunit;

namespace VgpuPS.Tests.Lab.Proxmox;

public sealed class LabQmTests
{
    private readonly VmLab _lab = new();

    [Fact]
    public void A_new_lab_has_four_vms_and_a_template() => Assert.Equal(
        ["101 web stopped", "102 build stopped", "103 render stopped", "104 desk stopped",
            "900 ubuntu-template stopped"],
        Qm("list").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..3])));

    [Fact]
    public void A_vm_starts_stops_and_reports_its_status()
    {
        Assert.Equal(0, Qm("start", "101").ExitCode);
        Assert.Equal("status: running\n", Qm("status", "101").Output);
        Assert.Equal(0, Qm("stop", "101").ExitCode);
        Assert.Equal("status: stopped\n", Qm("status", "101").Output);
        Fails("you can't start a vm if it's a template", "start", "900");
    }

    [Fact]
    public void A_vm_that_ha_manages_is_started_and_stopped_by_ha()
    {
        _lab.PutFile("/etc/pve/ha/resources.cfg", "vm: 101\n\tgroup g\n\tstate stopped\n\nvm: 102\n\tstate ignored\n");
        Assert.Equal("Requesting HA start for VM 101\n", Qm("start", "101").Output);
        Assert.Equal("status: running\n", Qm("status", "101").Output);
        Assert.Equal("Requesting HA stop for VM 101\n", Qm("shutdown", "101", "--timeout", "30").Output);
        Assert.Equal("status: stopped\n", Qm("status", "101").Output);
        Assert.Equal("", Qm("start", "102").Output);
        Assert.Equal(
            "vm: 101\n\tstate stopped\n\tgroup g\n\nvm: 102\n\tstate ignored\n",
            Encoding.UTF8.GetString(_lab.Host.Files.Read("/etc/pve/ha/resources.cfg", 4096)));
    }

    [Fact]
    public void Keys_are_set_and_deleted()
    {
        Assert.Equal(0, Qm("set", "101", "--hostpci0", "0000:4b:00.4,mdev=nvidia-690", "-tags=gpu").ExitCode);
        Assert.Contains(
            "hostpci0: 0000:4b:00.4,mdev=nvidia-690\n", Qm("config", "101").Output, StringComparison.Ordinal);
        Assert.Equal("gpu", _lab.Line(101, "tags"));
        Assert.Equal(0, Qm("set", "101", "--delete", "hostpci0,tags").ExitCode);
        Assert.Null(_lab.Line(101, "hostpci0"));
    }

    [Fact]
    public void Devices_of_a_running_vm_wait()
    {
        Qm("set", "101", "--hostpci0", "0000:03:00.0");
        Qm("set", "101", "--delete", "hostpci0");
        Qm("start", "101");
        Assert.Equal(0, Qm("set", "101", "--hostpci1", "0000:4b:00.4,mdev=nvidia-690").ExitCode);
        Assert.Null(_lab.Line(101, "hostpci1"));
        Assert.Contains(
            "new hostpci1: 0000:4b:00.4,mdev=nvidia-690\n", Qm("pending", "101").Output, StringComparison.Ordinal);
        Qm("set", "101", "--delete", "hostpci1");
        Assert.DoesNotContain("PENDING", _lab.Text(101), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Unknown option: gpu", "--gpu", "1")]
    [InlineData("Unknown option: hostpci16", "--hostpci16", "0000:4b:00.4")]
    [InlineData("invalid format", "--hostpci0", "0000:4b:00.4,mdev=nvidia/690")]
    [InlineData("script 'local:snippets/none' does not exist", "--hookscript", "local:snippets/none")]
    [InlineData("script 'local:snippets/plain' is not executable", "--hookscript", "local:snippets/plain")]
    [InlineData("unable to parse volume ID", "--hookscript", "nonsense")]
    [InlineData("detected modified configuration", "--digest", "0123456789012345678901234567890123456789")]
    public void What_proxmox_refuses_is_refused(string text, params string[] arguments)
    {
        _lab.PutFile("/var/lib/vz/snippets/plain", "#!/bin/sh\n");
        var before = _lab.Text(101);
        Fails(text, ["set", "101", .. arguments]);
        Assert.Equal(before, _lab.Text(101));
    }

    [Fact]
    public void A_locked_or_foreign_vm_is_refused()
    {
        _lab.With(101, "lock: backup").PutFile("/etc/pve/nodes/pve2/qemu-server/150.conf", "memory: 512\n");
        Fails("VM is locked (backup)", "set", "101", "--tags", "x");
        Fails("Configuration file 'nodes/pve1/qemu-server/150.conf' does not exist", "set", "150", "--tags", "x");
        using var held = _lab.Host.Files.TryLock("/run/lock/qemu-server/lock-102.conf", FileModes.Mode644);
        Fails("can't lock file '/var/lock/qemu-server/lock-102.conf' - got timeout", "set", "102", "--tags", "x");
    }

    [Fact]
    public void A_host_without_the_program_starts_none()
    {
        _lab.Host.Files.Delete("/usr/sbin/qm");
        Assert.Equal(Errno.ENOENT, Qm("list").StartErrno);
    }

    private void Fails(string text, params string[] arguments)
    {
        var result = Qm(arguments);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(text, result.Error, StringComparison.Ordinal);
    }

    private ProcessResult Qm(params string[] arguments) =>
        _lab.Host.Processes.RunAsync(new("/usr/sbin/qm", arguments, TimeSpan.FromMinutes(1)), default).Result;
}
