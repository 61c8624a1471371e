using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Files that say what is no longer so: seen through, and never in a start's way.</summary>
public sealed class StaleFileTests
{
    private const string First = RefusalCase.First;
    private const string Second = "0000:4b:00.5";
    private const string Claims = "/run/vgpups/claims.json";
    private const string Reservations = "/run/qemu-server/pci-id-reservations";

    public static TheoryData<LabBackend> Backends { get; } = [LabBackend.Mdev, LabBackend.Vfio];

    /// <summary>VM 102 died with its whole GPU instance; what is left of it must not keep VM 101 from the
    /// GPU.</summary>
    private static LabHostNode WithDead(LabBackend backend, Action<LabHostNode> leave)
    {
        var node = RefusalCase.With(LabNodes.A30(backend), $"{Second},mdev=nvidia-691");
        node.CreateVm(new VmId(102), $"0={First},mdev=nvidia-691");
        Assert.Null(node.Start(102).Error);
        Assert.Null(node.Proxmox.KillQemuAsync(new VmId(102)).Result.Error);
        leave(node);
        return node;
    }

    private static void Starts(LabHostNode node)
    {
        var started = node.Start(101);
        Assert.Null(started.Error);
        node.StopAndCleanUp(101);
        Assert.Equal(0, node.Hook("sweep").ExitCode);
        var gpu = node.Host.State.Gpus[0];
        Assert.Empty(gpu.Instances);
        Assert.Empty(gpu.Vgpus);
        Assert.Contains("claims  made \n", node.Snapshot() + "\n", StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Claims_of_a_VM_that_died_are_swept(LabBackend backend) => Starts(WithDead(backend, _ => { }));

    [Theory]
    [MemberData(nameof(Backends))]
    public void Pid_file_of_a_dead_process_does_not_count(LabBackend backend) =>
        Starts(WithDead(backend, node => node.Host.Put("/run/qemu-server/102.pid", "999999\n")));

    [Theory]
    [MemberData(nameof(Backends))]
    public void Pid_file_whose_number_is_another_process_does_not_count(LabBackend backend) =>
        Starts(WithDead(backend, node =>
        {
            node.Host.Edit(state => state.Processes.Add(new LabProcess
            {
                Pid = 4711,
                Vm = 103,
                CommandLine = ["/usr/bin/kvm", "-id", "103"],
            }));
            node.Host.Put("/run/qemu-server/102.pid", "4711\n");
        }));

    [Theory]
    [MemberData(nameof(Backends))]
    public void Pid_file_of_anything_but_a_number_does_not_count(LabBackend backend) =>
        Starts(WithDead(backend, node => node.Host.Put("/run/qemu-server/102.pid", "\u0001 99999999999999\n")));

    [Theory]
    [MemberData(nameof(Backends))]
    public void Lock_file_that_nobody_holds_does_not_count(LabBackend backend) =>
        Starts(WithDead(backend, node => node.Host.Put("/run/lock/qemu-server/lock-102.conf", "")));

    [Theory]
    [MemberData(nameof(Backends))]
    public void Configuration_of_the_dead_VM_is_no_evidence(LabBackend backend) =>
        Starts(WithDead(backend, node => Assert.True(node.Host.Files.Delete(node.ConfigPath(new VmId(102))))));

    [Theory]
    [MemberData(nameof(Backends))]
    public void Host_lock_file_that_nobody_holds_is_no_lock(LabBackend backend)
    {
        var node = RefusalCase.With(LabNodes.A30(backend));
        node.Host.Put("/run/vgpups/lock", "pid 999999: VM 102 pre-start since 2020-01-01T00:00:00Z\n");
        var began = node.Host.Clock.GetTimestamp();

        Assert.Equal(0, node.Hook("101", "pre-start").ExitCode);

        Assert.Equal(TimeSpan.Zero, node.Host.Clock.GetElapsedTime(began));
    }

    [Theory]
    [InlineData("time:1")]
    [InlineData("pid:999999")]
    public void Reservation_that_is_over_is_taken_over(string until)
    {
        var node = RefusalCase.With(LabNodes.A30(LabBackend.Vfio));
        node.Host.Put(Reservations, $"{First} 102 {until}\n");

        Assert.Null(node.Start(101).Error);

        Assert.Contains($"{First} 101 held", node.Snapshot(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Record_of_an_instance_that_is_gone_is_dropped(LabBackend backend)
    {
        var node = RefusalCase.With(LabNodes.A30(backend));
        Assert.Equal(0, node.Hook("101", "pre-start").ExitCode);
        var clean = LabNodes.A30(backend).Snapshot();
        node.Host.Edit(state =>
        {
            state.Gpus[0].Vgpus.Clear();
            state.Gpus[0].Instances.Clear();
        });

        Assert.Equal(0, node.Hook("sweep").ExitCode);

        Assert.Equal(clean, node.Snapshot());
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Instance_that_somebody_made_in_its_place_is_not_the_hooks(LabBackend backend)
    {
        var node = RefusalCase.With(LabNodes.A30(backend));
        Assert.Equal(0, node.Hook("101", "pre-start").ExitCode);
        var created = node.Host.State.Gpus[0].Instances[0];
        node.Host.Edit(state =>
        {
            state.Gpus[0].Vgpus.Clear();
            state.Gpus[0].Instances.Clear();
        });
        using (var driver = node.Connect(_ => { }).Driver.Open())
        {
            var gpu = PciAddress.Parse(LabNodes.Gpu);
            var half = driver.GetProfiles(gpu).First(p => p.Name == "2g.12gb");
            driver.CreateInstance(gpu, half.Id, new Placement(created.Start / 2 * 2, 2));
        }

        Assert.Equal(0, node.Hook("sweep").ExitCode);

        Assert.Equal(5u, Assert.Single(node.Host.State.Gpus[0].Instances).Profile);
        Assert.Contains("claims  made \n", node.Snapshot(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LabBackend.Mdev, "")]
    [InlineData(LabBackend.Vfio, "")]
    [InlineData(LabBackend.Vfio, "\u0001\u0002garbage")]
    [InlineData(LabBackend.Mdev, "{\"version\":1,\"claims\":[{\"vm\":5}],\"instances\":[],\"demand\":{}}")]
    [InlineData(LabBackend.Vfio, "{\"version\":1,\"claims\":[],\"instan")]
    public void Corrupt_claims_are_set_aside_and_rebuilt(LabBackend backend, string content)
    {
        var node = RefusalCase.With(LabNodes.A30(backend));
        node.CreateVm(new VmId(102), $"0={Second},mdev=nvidia-690");
        Assert.Null(node.Start(102).Error);
        node.Host.Put(Claims, content);

        var result = node.Hook("101", "pre-start");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("vgpu-hook: warning: ", result.Error, StringComparison.Ordinal);
        Assert.Contains($"{Claims}.corrupt-1", result.Error, StringComparison.Ordinal);
        Assert.Equal(content, System.Text.Encoding.UTF8.GetString(node.Host.Files.Read($"{Claims}.corrupt-1", 999)));
        Assert.Contains("claims 101.0 Pending 689 made 0000:4b:00.0 14", node.Snapshot(), StringComparison.Ordinal);

        // What VM 102 sits on is foreign from now on, and stays when it stops.
        node.StopAndCleanUp(102);
        Assert.Contains("gi profile=5 at", node.Snapshot(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LabBackend.Mdev, 2001)]
    [InlineData(LabBackend.Vfio, 2001)]
    [InlineData(LabBackend.Mdev, 2040)]
    [InlineData(LabBackend.Vfio, 2040)]
    public void Wall_clock_that_jumps_changes_nothing(LabBackend backend, int year)
    {
        var node = RefusalCase.With(LabNodes.A30(backend));
        var before = node.Snapshot();
        Assert.Null(node.Start(101).Error);
        var running = node.Snapshot();
        node.Host.Clock.SetWallClock(new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero));

        Assert.Equal(0, node.Hook("sweep").ExitCode);
        Assert.Equal(running, node.Snapshot());
        node.StopAndCleanUp(101);
        Assert.Equal(before, node.Snapshot());
        Assert.Null(node.Start(101).Error);
        Assert.Equal(running, node.Snapshot());
    }
}
