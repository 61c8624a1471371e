using System.Text;
using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Starts and stops that meet, steered step by step: who acts between which two calls of whom.</summary>
/// <remarks>Source: facts/proxmox-reservations.md, all of it.</remarks>
[Trait("Duration", "Long")]
public sealed partial class MeetingTests
{
    private const string Third = "0000:4b:00.6";
    private const string Reservations = "/run/qemu-server/pci-id-reservations";

    /// <summary>The instance of the second VM takes a second, in which Proxmox chooses for the first.</summary>
    [Theory]
    [InlineData(2, 16)]
    [InlineData(3, 16)]
    [InlineData(4, 4)]
    public void Proxmox_chooses_for_one_VM_while_the_hook_prepares_another(int vms, int functions)
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var s = Situation.Of("9.2", LabBackend.Vfio);
            s.Node.MapFunctions(
                "gpus", [.. Enumerable.Range(0, functions).Select(i => s.Gpu().FunctionAt(i).ToString())]);
            s.Host.Gate.Delay("nvmlDeviceCreateGpuInstance*", TimeSpan.FromSeconds(1));
            var random = new Random(seed);
            var ends = new Dictionary<int, string?>();
            var scheduler = new LabScheduler(s.Host, seed);
            for (var vm = 101; vm < 101 + vms; vm++)
            {
                var id = vm;
                s.Vm(id, "0=mapping=gpus,mdev=nvidia-689");
                scheduler.Add($"vm{id}", async () => ends[id] = (await s.Node.Proxmox.StartAsync(new VmId(id))).Error);
            }

            s.Node.Proxmox.VolumeActivation = (_, ct) =>
                s.Host.WaitAsync(TimeSpan.FromMilliseconds(300 + random.Next(600)), ct);
            Assert.All(scheduler.Run(), Assert.Null);
            Assert.True(ends.Values.All(e => e is null), $"seed {seed}: {string.Join("; ", ends)} {s.Said}");
        }
    }

    /// <summary>A VM without the hook gets its vGPU between any two calls of another's pre-start: it is counted
    /// once.</summary>
    [Fact]
    public void A_vGPU_that_appears_between_two_calls_of_pre_start_is_counted_once()
    {
        var calls = 0;
        foreach (var at in Moments(Three(), "hook 104 pre-start", s => s.Starts(104)))
        {
            var s = Three();
            Interrupt(s, "hook 104 pre-start", at, () => calls += s.Node.Start(103).Succeeded ? 1 : 0);
            s.Starts(104);
        }

        Assert.True(calls > 10, "the other VM has never come first");

        Situation Three()
        {
            var s = Situation.Of("9.2", LabBackend.Vfio);
            s.Node.MapFunctions("gpus", [.. Enumerable.Range(0, 8).Select(i => s.Gpu().FunctionAt(i).ToString())]);
            for (var vm = 101; vm <= 104; vm++)
            {
                s.Vm(vm, "0=mapping=gpus,mdev=nvidia-689");
            }

            s.Starts(101);
            s.Starts(102);
            s.PersonCreates("1g.6gb", new(2, 1), computeSlices: 1);
            s.WithoutHook(103);
            return s;
        }
    }

    /// <summary>Proxmox gives the function of a VM that stops to one that starts, between any two calls of
    /// post-stop.</summary>
    [Theory]
    [InlineData("post-stop")]
    [InlineData("sweep")]
    public void A_release_leaves_the_vGPU_of_a_VM_that_starts_at_that_moment(string by)
    {
        var actor = by == "sweep" ? "hook sweep" : "hook 101 post-stop";
        var calls = 0;
        foreach (var at in Moments(Stopped(out _), actor, s => Release(s, by)))
        {
            var s = Stopped(out var held);
            Interrupt(s, actor, at, () =>
            {
                held.Dispose();
                s.Starts(102);
            });
            Release(s, by);
            var vgpu = Assert.Single(s.Gpu().Vgpus, v => v.Holder is not null);
            var instance = Assert.Single(s.Gpu().Instances, i => i.Id == vgpu.GpuInstance);
            Assert.True(instance.ComputeInstances.Count <= 1, $"call {at}");
            Assert.True(s.Node.Hook("102", "post-start").Succeeded, s.Said);
            s.Sweeps();
            Assert.True(
                s.Gpu().Vgpus.Count == 1 && s.Gpu().Instances.Count == 1, $"call {at}: {s.Node.Snapshot()} {s.Said}");
            calls++;
        }

        Assert.True(calls > 5, "not interrupted");
    }

    /// <summary>Proxmox has chosen the function for another VM, whose QEMU does not run yet.</summary>
    [Theory]
    [InlineData("post-stop")]
    [InlineData("sweep")]
    public void A_release_keeps_off_a_function_that_another_VM_has_reserved(string by)
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, $"0={Situation.First},mdev=nvidia-689");
        s.Starts(101);
        s.WithoutHook(101);
        Assert.Null(s.Node.Stop(101).Error);
        var line = $"{Situation.First} 102 time:{InSeconds(s, 100)}\n";
        s.Host.Files.WriteWhole(Reservations, Encoding.ASCII.GetBytes(line), LabEntry.FileMode);
        s.Host.Files.WriteAttribute(Type(Situation.First), "689");
        Release(s, by);
        Assert.Equal((Situation.First, 689u), s.Gpu().Vgpus.Select(v => (v.Function, v.Type)).Single());
        Assert.Equal(line, Lines(s));
        Assert.Single(Assert.Single(s.Gpu().Instances).ComputeInstances);
    }

    /// <summary>Only a type is set on the instance meanwhile: its compute instance comes back.</summary>
    [Fact]
    public void An_instance_that_cannot_be_destroyed_gets_its_compute_instance_back()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, $"0={Situation.First},mdev=nvidia-689");
        s.Starts(101);
        s.Kills(101);
        s.Host.Files.WriteAttribute(Type(Situation.First), "0");
        s.Host.Gate.Passing = (name, who) =>
        {
            if (who == "hook 101 post-stop" && name == "nvmlGpuInstanceDestroy")
            {
                s.Host.Gate.Passing = null;
                s.Host.Files.WriteAttribute(Type(Situation.Second), "689");
            }
        };
        Assert.True(s.Node.Hook("101", "post-stop").Succeeded, s.Said);
        s.Host.Gate.Passing = null;
        Assert.Single(Assert.Single(s.Gpu().Instances).ComputeInstances);
    }

    /// <summary>Volumes take longer than a reservation: every hook run renews it, so that nobody takes the
    /// type.</summary>
    [Theory]
    [InlineData("start")]
    [InlineData("sweep")]
    [InlineData("post-stop")]
    [InlineData("post-start")]
    public void The_function_of_a_VM_whose_volumes_take_long_is_kept(string renewedBy)
    {
        var s = Situation.Of("9.2", LabBackend.Vfio);
        s.Node.MapFunctions("gpus", Situation.First, Situation.Second);
        s.Vm(101, "0=mapping=gpus,mdev=nvidia-689").Vm(102, $"0={Third},mdev=nvidia-689")
            .Vm(103, "0=mapping=gpus,mdev=nvidia-689")
            .Vm(104, "0=0000:4b:00.7,mdev=nvidia-689");
        s.WithoutHook(103);
        s.Starts(104);
        s.Node.Proxmox.VolumeActivation = (vm, _) =>
        {
            if (vm.Value == 101)
            {
                s.Waits(9);
                Renew();
                s.Waits(9);
                s.Node.Start(103);
            }

            return Task.CompletedTask;
        };
        s.Starts(101);
        Assert.Equal(
            s.Host.GetQemuPid(new VmId(101)), Assert.Single(s.Gpu().Vgpus, v => v.Function == Situation.First).Holder);

        void Renew()
        {
            switch (renewedBy)
            {
                case "start":
                    s.Starts(102);
                    break;
                case "sweep":
                    s.Sweeps();
                    break;
                case "post-stop":
                    s.Stops(104);
                    break;
                default:
                    Assert.True(s.Node.Hook("101", "post-start").Succeeded);
                    break;
            }
        }
    }

    /// <summary>Proxmox takes an earlier function that became usable; post-start or the sweep releases the prepared
    /// one.</summary>
    [Theory]
    [InlineData("9.2", true)]
    [InlineData("9.2", false)]
    [InlineData("8.4", true)]
    [InlineData("8.4", false)]
    public void Proxmox_is_followed_to_the_function_that_it_takes(string pve, bool postStartComes)
    {
        var s = Situation.Of(pve, LabBackend.Vfio);
        s.Node.MapFunctions("gpus", Situation.First, Situation.Second);
        s.Vm(101, "0=mapping=gpus,mdev=nvidia-689");
        s.PersonCreates("1g.6gb", new(3, 1), computeSlices: 1);
        var before = s.Node.Snapshot();
        s.Host.Files.WriteWhole(
            Reservations, Encoding.ASCII.GetBytes($"{Situation.First} 222 time:{InSeconds(s, 15)}\n"),
            LabEntry.FileMode);
        s.Node.Proxmox.VolumeActivation = (_, _) =>
        {
            Assert.Equal(Situation.Second, Assert.Single(s.Gpu().Vgpus).Function);
            s.PersonCreates("1g.6gb", new(2, 1), computeSlices: 1);
            s.Waits(1);
            if (!postStartComes)
            {
                s.Host.Gate.CrashBefore(1, "hook 101 post-start");
            }

            return Task.CompletedTask;
        };
        s.Starts(101);
        Assert.Equal(postStartComes ? 1 : 2, s.Gpu().Vgpus.Count);
        s.Sweeps();
        Assert.Equal(Situation.First, Assert.Single(s.Gpu().Vgpus).Function);
        Assert.Equal(Situation.First, Assert.Single(s.Claims.Claims).Function.ToString());
        Assert.DoesNotContain("time:", Lines(s), StringComparison.Ordinal);
        s.Node.Proxmox.VolumeActivation = null;
        s.Stops(101);
        Assert.Equal(2, s.Gpu().Instances.Count);
        Assert.Equal(before.Split('\n')[^1], s.Node.Snapshot().Split('\n')[^1]);
    }

    /// <summary>The surplus of a VM that has landed and does not run yet is room for the next.</summary>
    [Fact]
    public void A_surplus_is_released_before_QEMU_runs_when_another_VM_needs_it()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio);
        s.Node.MapFunctions("gpus", Situation.First, Situation.Second, Third);
        s.Vm(101, "0=mapping=gpus,mdev=nvidia-690").Vm(102, "0=mapping=gpus,mdev=nvidia-690");
        s.PersonCreates("2g.12gb", new(0, 2), computeSlices: 2);
        s.PersonCreates("2g.12gb", new(2, 2), computeSlices: 2);
        s.Host.Files.WriteWhole(
            Reservations, Encoding.ASCII.GetBytes($"{Situation.First} 222 time:{InSeconds(s, 15)}\n"),
            LabEntry.FileMode);
        s.Node.Proxmox.VolumeActivation = (vm, _) =>
        {
            if (vm.Value == 101)
            {
                s.Waits(1);
                Interrupt(s, "run /usr/bin/kvm", () => s.Starts(102));
            }

            return Task.CompletedTask;
        };
        s.Starts(101);
        Assert.True(s.IsRunning(101) && s.IsRunning(102), s.Said);
        Assert.Equal([Situation.First, Situation.Second], s.Gpu().Vgpus.Select(v => v.Function).Order());
    }

    /// <summary>Proxmox walks over a raw function for another VM: the line of 15 s is waited for.</summary>
    [Fact]
    public void A_function_that_Proxmox_only_walks_over_is_waited_for()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, $"0={Situation.First},mdev=nvidia-689");
        s.Host.Files.WriteWhole(
            Reservations, Encoding.ASCII.GetBytes($"{Situation.First} 222 time:{InSeconds(s, 15)}\n"),
            LabEntry.FileMode);
        s.Starts(101);
    }

    [Fact]
    public void A_function_of_a_running_VM_is_not_waited_for()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, $"0={Situation.First},mdev=nvidia-689")
            .Vm(102, $"0={Situation.First},mdev=nvidia-689");
        s.Starts(101);
        var before = s.Host.Clock.GetTimestamp();
        s.Refuses(102, "is held by VM 101");
        Assert.True(s.Host.Clock.GetElapsedTime(before) < TimeSpan.FromSeconds(1));
    }

    /// <summary>
    /// S5: the lower entry's type has room behind only. Proxmox walks over the higher entry's function first and would
    /// take its type off: it is reserved, and its type left to Proxmox.
    /// </summary>
    [Theory]
    [InlineData("9.2")]
    [InlineData("8.4")]
    public void Two_entries_whose_capacity_lies_crosswise_get_both_vGPUs(string pve)
    {
        var s = Situation.Of(pve, LabBackend.Vfio, models: ["A30", "A30"]);
        var other = s.Gpu(1).FunctionAt(0).ToString();
        s.Node.MapFunctions("gpus", Situation.First, other);
        s.Host.Put(Situation.Settings, """{"reclaim":"never"}""");
        s.PersonCreates("1g.6gb", new(0, 1), computeSlices: 1);
        s.PersonCreates("1g.6gb", new(1, 1), computeSlices: 1);
        s.PersonCreates("1g.6gb", new(2, 1), computeSlices: 1);
        s.Vm(101, "0=mapping=gpus,mdev=nvidia-690", "1=mapping=gpus,mdev=nvidia-689");
        var before = s.Node.Snapshot();
        s.Node.Proxmox.VolumeActivation = (_, _) =>
        {
            Assert.Equal(other, Assert.Single(s.Host.State.Gpus.SelectMany(g => g.Vgpus)).Function);
            Assert.Contains($"{Situation.First} 101 time:", Lines(s), StringComparison.Ordinal);
            return Task.CompletedTask;
        };
        s.Starts(101);
        Assert.Equal(
            [(Situation.First, 689u), (other, 690u)],
            s.Host.State.Gpus.SelectMany(g => g.Vgpus).Where(v => v.Holder is not null)
                .Select(v => (v.Function, v.Type)).Order());
        s.Node.Proxmox.VolumeActivation = null;
        s.Stops(101);
        Assert.Equal(before.Split('\n')[^1], s.Node.Snapshot().Split('\n')[^1]);
        Assert.Empty(s.Host.State.Gpus.SelectMany(g => g.Vgpus));
    }

    /// <summary>Proxmox waits 2 s for its lock when it walks on, and a start dies of it: no driver call under
    /// it.</summary>
    [Theory]
    [InlineData("hook 101 pre-start")]
    [InlineData("hook 101 post-start")]
    [InlineData("hook 101 post-stop")]
    public void Under_Proxmoxs_lock_only_its_file_is_read_and_written(string actor)
    {
        var s = Situation.Of("8.4", LabBackend.Vfio);
        s.Node.MapFunctions("gpus", Situation.First, Situation.Second);
        s.Vm(101, "0=mapping=gpus,mdev=nvidia-689");
        var (held, other) = (0, new List<string>());
        s.Host.Gate.Passing = (name, who) =>
        {
            if (who == actor && IsLockHeld(s))
            {
                held++;
                if (!name.Contains(Reservations, StringComparison.Ordinal)
                    && !name.StartsWith("read /proc/", StringComparison.Ordinal))
                {
                    other.Add(name);
                }
            }
        };
        s.Node.Proxmox.VolumeActivation = (_, _) =>
        {
            s.Host.Files.WriteWhole(
                Reservations, Encoding.ASCII.GetBytes($"{Lines(s)}{Situation.Second} 101 time:{InSeconds(s, 600)}\n"),
                LabEntry.FileMode);
            return Task.CompletedTask;
        };
        s.Starts(101);
        s.Kills(101);
        Assert.True(s.Node.Hook("101", "post-stop").Succeeded);
        Assert.Empty(other);
        Assert.True(held > 0, "never under the lock");
    }
}
