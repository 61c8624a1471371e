using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using VgpuPS.Host.Operations.Setup;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Processes;
using VgpuPS.LabHook;
using VgpuPS.Sessions;
using Xunit;

namespace VgpuPS.Tests.Module;

public sealed class LabHostSessionTests
{
    private readonly LabHostNode _node = LabHostNode.Create(new LabOptions { WithVms = true });

    private LabHostSession Lab => new("lab", _node);

    [Fact]
    public async Task A_program_is_installed_on_a_lab_and_nothing_of_its_way_there_stays()
    {
        await Lab.RunWithAsync(Encoding.ASCII.GetBytes("a program"), InstallAsync);
        Assert.Equal("a program", Encoding.ASCII.GetString(_node.Host.Files.Read(HookVolume.InstalledPath, 1 << 20)));
        Assert.Null(_node.Host.Files.GetInfo("/usr/lib/.vgpups-staged"));
    }

    [Fact]
    public async Task A_lab_that_lost_its_hook_gets_it_back()
    {
        await UninstallAsync();
        Assert.Null(_node.Host.Files.GetInfo(HookVolume.InstalledPath));
        await Lab.RunWithAsync(null, InstallAsync);
        Assert.NotNull(_node.Host.Files.GetInfo(HookVolume.InstalledPath));
        Assert.Null(_node.Host.Files.GetInfo("/usr/lib/.vgpups-staged"));
    }

    [Fact]
    public async Task A_program_goes_away_again_where_the_work_fails()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Lab.RunWithAsync(
            Encoding.ASCII.GetBytes("a program"), () => throw new InvalidOperationException()));
        Assert.Null(_node.Host.Files.GetInfo("/usr/lib/.vgpups-staged"));
        Assert.NotEqual(
            "a program", Encoding.ASCII.GetString(_node.Host.Files.Read(HookVolume.InstalledPath, 1 << 20)));
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 0)]
    public async Task The_way_of_a_program_takes_time_where_calls_do(bool isReal, int seconds)
    {
        _node.UseTiming(isReal);
        var began = _node.Host.Clock.GetTimestamp();
        await Lab.RunWithAsync(Encoding.ASCII.GetBytes("a program"), () => Task.CompletedTask);
        Assert.Equal(seconds, (int)_node.Host.Clock.GetElapsedTime(began).TotalSeconds);
    }

    [Theory]
    [InlineData("apt-get", "update", 20)]
    [InlineData("update-grub", "", 4)]
    [InlineData("update-initramfs", "-u", 15)]
    [InlineData("sh", "/root/driver.run", 60)]
    [InlineData("dmesg", "", 0)]
    public async Task Programs_that_prepare_a_host_take_their_time(string program, string argument, int seconds)
    {
        _node.UseTiming(true);
        var began = _node.Host.Clock.GetTimestamp();
        await _node.Host.Processes.RunAsync(
            new ProcessRequest(
                LabProcesses.FindProgram(program)!, argument.Length == 0 ? [] : [argument], Timeout.InfiniteTimeSpan),
            TestContext.Current.CancellationToken);
        Assert.Equal(seconds, (int)_node.Host.Clock.GetElapsedTime(began).TotalSeconds);
    }

    [Fact]
    public void A_VM_without_an_inside_is_refused()
    {
        Assert.Equal("ubuntu", Lab.FindGuest(new VmId(101)).System);
        Assert.Equal(
            ErrorIds.VmNotFound, Assert.Throws<ObjectNotFoundException>(() => Lab.FindGuest(new VmId(900))).ErrorId);
    }

    private Task InstallAsync() => Lab.RunAsync(
        HostUseCases.InstallHost, new InstallHostRequest { Source = "test" },
        new SinkObserver(new RecordingSink(), "test"), CancellationToken.None);

    private Task UninstallAsync() => Lab.RunAsync(
        HostUseCases.UninstallHost, new UninstallHostRequest { Source = "test" },
        new SinkObserver(new RecordingSink(), "test"), CancellationToken.None);
}
