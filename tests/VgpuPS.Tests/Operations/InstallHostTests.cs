using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.Setup;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Operations;

public sealed class InstallHostTests
{
    private const string Snippet = "/var/lib/vz/snippets/vgpu-hook";
    private const string Timer = "/etc/systemd/system/timers.target.wants/vgpups-sweep.timer";

    private readonly LabHostNode _node = LabHostNode.Create(new LabOptions { WithVms = true });

    [Fact]
    public async Task A_new_program_is_installed_with_units_snippet_and_configuration_and_is_idempotent()
    {
        Stage("\u007fELF new");
        var plan = await InstallAsync(new InstallHostRequest { IsPlanOnly = true });
        Assert.Contains("replace the program /usr/lib/vgpups/vgpu-hook", plan.Plan.Steps);
        Assert.Equal(LabVms.HookMark, Read(HookVolume.InstalledPath));

        await InstallAsync(new InstallHostRequest());
        Assert.Equal("\u007fELF new", Read(HookVolume.InstalledPath));
        Assert.Equal("\u007fELF new", Read(Snippet));
        Assert.Equal("{}\n", Read("/etc/vgpups/config.json"));
        Assert.NotNull(_node.Host.Files.ReadLink(Timer));
        Assert.NotNull(_node.Host.Files.ReadLink("/etc/systemd/system/multi-user.target.wants/vgpups.service"));
        Assert.NotNull(_node.Host.Files.GetInfo("/etc/systemd/system/pve-nvidia-sriov@.service.d/vgpups.conf"));
        Assert.Empty((await InstallAsync(new InstallHostRequest { IsPlanOnly = true })).Plan.Steps);
    }

    [Fact]
    public async Task A_program_that_arrives_changed_is_not_installed()
    {
        Stage("\u007fELF broken");
        var failure = await Assert.ThrowsAsync<UnreadableDataException>(() =>
            InstallAsync(new InstallHostRequest { Sha256 = new string('0', 64) }));
        Assert.Equal(ErrorIds.ReadBackMismatch, failure.ErrorId);
        Assert.Equal(LabVms.HookMark, Read(HookVolume.InstalledPath));
    }

    [Fact]
    public async Task Snippets_are_allowed_only_where_that_is_asked_for()
    {
        _node.Host.Put("/etc/pve/storage.cfg", "dir: local\n\tpath /var/lib/vz\n\tcontent iso,backup\n\n");
        var failure = await Assert.ThrowsAsync<HostNotReadyException>(() => InstallAsync(new InstallHostRequest()));
        Assert.Equal(ErrorIds.NoSnippetStorage, failure.ErrorId);
        Assert.Contains("-EnableSnippets", failure.RecommendedAction, StringComparison.Ordinal);
        await InstallAsync(new InstallHostRequest { EnableSnippets = true });
        Assert.Contains("content iso,backup,snippets", Read("/etc/pve/storage.cfg"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_has_the_package_is_left_to_it()
    {
        _node.Host.Put("/var/lib/dpkg/status", "Package: vgpups\nStatus: install ok installed\nVersion: 0.1.0\n\n");
        var failure = await Assert.ThrowsAsync<InvalidRequestException>(() => InstallAsync(new InstallHostRequest()));
        Assert.Equal(ErrorIds.InstalledByPackage, failure.ErrorId);
    }

    [Fact]
    public async Task An_update_of_nothing_is_an_error()
    {
        _node.Host.Files.Delete(HookVolume.InstalledPath);
        Stage("\u007fELF new");
        var failure = await Assert.ThrowsAsync<ObjectNotFoundException>(() =>
            InstallAsync(new InstallHostRequest { IsUpdate = true }));
        Assert.Equal(ErrorIds.HookNotInstalled, failure.ErrorId);
    }

    [Fact]
    public async Task A_systemctl_that_lies_is_noticed()
    {
        _node.Host.Gate.Lie("run /usr/bin/systemctl", times: 9);
        var failure = await Assert.ThrowsAsync<HostCommandException>(() => InstallAsync(new InstallHostRequest()));
        Assert.Contains("vgpups", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Uninstalling_leaves_nothing_but_configuration_and_then_not_even_that()
    {
        await InstallAsync(new InstallHostRequest());
        await UninstallAsync(new UninstallHostRequest());
        Assert.Null(_node.Host.Files.GetInfo(HookVolume.InstalledPath));
        Assert.Null(_node.Host.Files.GetInfo(Snippet));
        Assert.Null(_node.Host.Files.ReadLink(Timer));
        Assert.Null(_node.Host.Files.GetInfo("/etc/systemd/system/vgpups.service"));
        Assert.Null(_node.Host.Files.GetInfo("/usr/lib/vgpups"));
        Assert.NotNull(_node.Host.Files.GetInfo("/etc/vgpups/config.json"));

        await UninstallAsync(new UninstallHostRequest { RemoveConfiguration = true });
        Assert.Null(_node.Host.Files.GetInfo("/etc/vgpups"));
        Assert.Null(_node.Host.Files.GetInfo("/var/log/vgpups"));
        Assert.Empty((await UninstallAsync(new UninstallHostRequest { IsPlanOnly = true })).Plan.Steps);
    }

    [Fact]
    public async Task A_host_whose_VMs_have_the_hook_keeps_it()
    {
        _node.CreateVm(new VmId(200));
        var failure = await Assert.ThrowsAsync<ResourceBusyException>(() => UninstallAsync(new UninstallHostRequest()));
        Assert.Equal(ErrorIds.HookInUse, failure.ErrorId);
        Assert.Contains("VM 200", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(_node.Host.Files.GetInfo(HookVolume.InstalledPath));
    }

    [Theory]
    [InlineData("nfs: shared\n\texport /x\n\tserver s\n\tcontent snippets\n", "shared:snippets/vgpu-hook",
        "/mnt/pve/shared/snippets/vgpu-hook", true)]
    [InlineData("dir: shared\n\tpath /srv\n\tshared 1\n\tcontent snippets\n", "shared:snippets/vgpu-hook",
        "/srv/snippets/vgpu-hook", true)]
    [InlineData("dir: shared\n\tpath /srv\n\tcontent snippets\n", "shared:snippets/vgpu-hook",
        "/srv/snippets/vgpu-hook", false)]
    [InlineData("nfs: shared\n\tserver s\n\tnodes pve1\n\tcontent snippets\n", "shared:snippets/vgpu-hook",
        "/mnt/pve/shared/snippets/vgpu-hook", false)]
    [InlineData("nfs: shared\n\tserver s\n\tcontent snippets\n", "local:snippets/vgpu-hook",
        "/mnt/pve/shared/snippets/vgpu-hook", false)]
    [InlineData("nfs: shared\n\tserver s\n\tcontent snippets\n", "shared:snippets/other",
        "/mnt/pve/shared/snippets/vgpu-hook", false)]
    public async Task A_copy_that_VMs_of_another_node_start_with_is_not_taken_from_them(
        string storages, string volume, string copy, bool isKept)
    {
        _node.Host.Put("/etc/pve/storage.cfg", $"dir: local\n\tpath /var/lib/vz\n\tcontent iso\n\n{storages}\n");
        _node.Host.Put(copy, LabVms.HookMark, FileModes.Mode755);
        _node.Host.Put("/etc/pve/nodes/pve2/qemu-server/201.conf", $"name: far\nhookscript: {volume}\n");
        if (!isKept)
        {
            await UninstallAsync(new UninstallHostRequest());
            Assert.Null(_node.Host.Files.GetInfo(copy));
            return;
        }

        var failure = await Assert.ThrowsAsync<ResourceBusyException>(() => UninstallAsync(new UninstallHostRequest()));
        Assert.Equal(ErrorIds.HookInUse, failure.ErrorId);
        Assert.Contains("VM 201 (far) of node pve2", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(_node.Host.Files.GetInfo(copy));
    }

    [Fact]
    public async Task Nodes_of_a_cluster_are_named_with_their_addresses()
    {
        Assert.Equal(["pve1"], (await ClusterAsync()).Nodes.Select(n => n.Name));
        _node.Host.Put("/etc/pve/.members", """
            {"nodename": "pve1", "nodelist": {"pve2": {"id": 2, "online": 0, "ip": "10.0.0.2"}, "pve1": {"id": 1, "online": 1, "ip": "10.0.0.1"}}}
            """);
        Assert.Equal(
            [("pve1", "10.0.0.1", true), ("pve2", "10.0.0.2", false)],
            (await ClusterAsync()).Nodes.Select(n => (n.Name, n.Address, n.IsOnline)));
    }

    private void Stage(string program) => _node.Host.Put(LabVms.StagedProgram, program, FileModes.Mode700);

    private string Read(string path) => Encoding.UTF8.GetString(_node.Host.Files.Read(path, 1 << 20));

    private Task<ChangeResult> InstallAsync(InstallHostRequest request) =>
        HostUseCases.InstallHost.RunAsync(
            _node.Connect(_ => { }), request, new Progress<StepProgress>(), CancellationToken.None);

    private Task<ChangeResult> UninstallAsync(UninstallHostRequest request) =>
        HostUseCases.UninstallHost.RunAsync(
            _node.Connect(_ => { }), request, new Progress<StepProgress>(), CancellationToken.None);

    private Task<ClusterReport> ClusterAsync() => HostUseCases.ReadCluster.RunAsync(
        _node.Connect(_ => { }), new ReadClusterRequest(), new Progress<StepProgress>(), CancellationToken.None);
}
