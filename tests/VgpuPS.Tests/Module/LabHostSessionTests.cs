using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using VgpuPS.Host.Operations.Setup;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
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
