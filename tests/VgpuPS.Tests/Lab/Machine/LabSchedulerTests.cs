using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Lab.Machine;

public sealed class LabSchedulerTests
{
    private static (IReadOnlyList<string> Order, LabHost Host) Play(int seed)
    {
        var host = LabHost.Create();
        var scheduler = new LabScheduler(host, seed);
        for (var index = 0; index < 8; index++)
        {
            scheduler.Add($"vm{index}", async () =>
            {
                for (var round = 0; round < 20; round++)
                {
                    IDisposable? held;
                    while ((held = host.Files.TryLock("/run/l", 384)) is null)
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(5), host.Clock);
                    }

                    var count = host.Files.GetInfo("/run/n") is null
                        ? 0 : int.Parse(LabMachines.Text(host, "/run/n"), null);
                    host.Files.WriteWhole("/run/n", System.Text.Encoding.ASCII.GetBytes($"{count + 1}"), 420);
                    held.Dispose();
                }
            });
        }

        Assert.All(scheduler.Run(), Assert.Null);
        return (scheduler.Order, host);
    }

    [Fact]
    public void Same_seed_gives_the_same_order_and_no_count_is_lost()
    {
        var (first, host) = Play(1);
        Assert.Equal("160", LabMachines.Text(host, "/run/n"));
        Assert.Equal(first, Play(1).Order);
        Assert.NotEqual(first, Play(2).Order);
    }

    [Fact]
    public void Removal_goes_on_when_another_actor_ends_the_vm()
    {
        const string Uuid = "00000000-0000-0000-0000-000000000101";
        var host = LabMachines.With("A30", LabBackend.Mdev);
        host.Files.WriteAttribute(
            $"/sys/bus/pci/devices/{LabMachines.FirstFunction}/mdev_supported_types/nvidia-685/create", Uuid);
        LabMachines.Start(host, 101, $"sysfsdev=/sys/bus/mdev/devices/{Uuid}");
        var scheduler = new LabScheduler(host, 3);
        scheduler.Add("remover", () =>
        {
            host.Files.WriteAttribute($"/sys/bus/mdev/devices/{Uuid}/remove", "1");
            return Task.CompletedTask;
        });
        scheduler.Add("ender", async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(2), host.Clock);
            host.EndQemu(new VmId(101), LabQemuEnd.Quit);
        });
        Assert.All(scheduler.Run(), Assert.Null);
        Assert.Empty(host.State.Gpus[0].Vgpus);
    }

    [Fact]
    public void Actors_that_wait_for_ever_are_a_deadlock()
    {
        const string Uuid = "00000000-0000-0000-0000-000000000101";
        var host = LabMachines.With("A30", LabBackend.Mdev);
        host.Files.WriteAttribute(
            $"/sys/bus/pci/devices/{LabMachines.FirstFunction}/mdev_supported_types/nvidia-685/create", Uuid);
        LabMachines.Start(host, 101, $"sysfsdev=/sys/bus/mdev/devices/{Uuid}");
        var scheduler = new LabScheduler(host, 3);
        scheduler.Add("remover", () =>
        {
            host.Files.WriteAttribute($"/sys/bus/mdev/devices/{Uuid}/remove", "1");
            return Task.CompletedTask;
        });
        Assert.Throws<LabDeadlockException>(scheduler.Run);
    }
}
