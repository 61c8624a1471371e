using System.Globalization;
using FsCheck.Fluent;
using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Models;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>
/// Random lives of six VMs on one GPU of every MIG model: what is on the GPU is legal after each start and stop, a plan
/// gives what it says, the second run changes nothing, and a refusal for room is true.
/// </summary>
[Trait("Duration", "Long")]
public sealed class PlacementPropertyTests
{
    private const int VmCount = 6;
    private const int Lives = 3;

    public static TheoryData<string> Models { get; } =
        [.. GpuModel.Names.Where(name => GpuModel.Load(name).HasMig)];

    [Theory]
    [MemberData(nameof(Models))]
    public void Any_life_keeps_the_GPU_legal_and_ends_as_it_began(string model)
    {
        var step = from vm in Gen.Choose(0, VmCount - 1) from type in Gen.Choose(0, 999) select (vm, type);
        var lives = from backend in Gen.Elements(LabBackend.Mdev, LabBackend.Vfio)
                    from steps in step.ListOf(12)
                    select (backend, steps);
        Prop.ForAll(lives.ToArbitrary(), life =>
        {
            Play(model, life.backend, life.steps);
            return true;
        }).Holds(Lives);
    }

    private static void Play(string model, LabBackend backend, IReadOnlyList<(int Vm, int Type)> steps)
    {
        var node = LabNodes.Of([model], backend);
        var before = node.Snapshot();
        var gpu = node.Host.State.Gpus[0];
        var types = gpu.Model.Types.Where(t => t.GpuInstanceProfile is not null).ToList();
        var running = new HashSet<int>();
        foreach (var (index, choice) in steps)
        {
            var vm = 101 + index;
            if (running.Remove(vm))
            {
                node.StopAndCleanUp(vm);
            }
            else
            {
                var type = types[choice % types.Count];
                node.CreateVm(new VmId(vm), $"0={gpu.FunctionAt(index)},mdev=nvidia-{type.Id}");
                if (TryStart(node, vm, type))
                {
                    running.Add(vm);
                }
            }

            IsLegal(node.Host.State.Gpus[0]);
            Assert.Equal(running.Count, node.Host.State.Gpus[0].Vgpus.Count);
        }

        foreach (var vm in running)
        {
            node.StopAndCleanUp(vm);
        }

        Assert.Equal(before, node.Snapshot());
    }

    /// <summary>Plans a start, prepares it, prepares it again, starts it; or finds out whether the refusal is
    /// true.</summary>
    private static bool TryStart(LabHostNode node, int vm, GpuModelType type)
    {
        var id = vm.ToString(CultureInfo.InvariantCulture);
        var before = HostSnapshot.TakeUndone(node);
        var plan = node.Hook("plan", id);
        Assert.Equal(before, HostSnapshot.TakeUndone(node));
        var first = node.Hook(id, "pre-start");
        Assert.Equal(plan.ExitCode, first.ExitCode);
        if (first.ExitCode != 0)
        {
            Assert.Equal(75, first.ExitCode);
            Assert.Equal(before, HostSnapshot.TakeUndone(node));
            Assert.False(Fits(node.Host.State.Gpus[0], type.GpuInstanceProfile!.Value));
            return false;
        }

        Assert.Equal(
            plan.Output.Replace("would ", $"vgpu-hook: VM {vm}: ", StringComparison.Ordinal), first.Output);
        RunsAgainWithoutChange(node, id);
        Assert.Null(node.Start(vm).Error);
        return true;
    }

    private static void RunsAgainWithoutChange(LabHostNode node, string vm)
    {
        var prepared = HostSnapshot.Take(node);
        var changes = new List<string>();
        node.Host.Gate.Passing = (name, _) =>
        {
            // Who holds the host lock is written at every run, and the run counted; folders that are there stay.
            if (Fault.IsChange(name) && name is not ("write /run/vgpups/lock" or "write /run/vgpups/counters.lock"
                or "write /run/vgpups/counters.json")
                && !name.StartsWith("mkdir ", StringComparison.Ordinal))
            {
                changes.Add(name);
            }
        };
        var second = node.Hook(vm, "pre-start");
        node.Host.Gate.Passing = null;

        Assert.Equal(0, second.ExitCode);
        Assert.Empty(changes);
        Assert.All(
            second.Output.TrimEnd('\n').Split('\n'),
            line => Assert.StartsWith($"vgpu-hook: VM {vm}: use ", line, StringComparison.Ordinal));
        Assert.Equal(prepared, HostSnapshot.Take(node));
    }

    private static void IsLegal(LabGpu gpu)
    {
        var slices = new HashSet<int>();
        foreach (var instance in gpu.Instances)
        {
            var profile = gpu.Model.Profiles.Single(p => p.Id == instance.Profile);
            Assert.Contains(instance.Start, profile.PlacementStarts);
            Assert.Equal(profile.PlacementSize, instance.Size);
            Assert.All(Enumerable.Range(instance.Start, instance.Size), slice => Assert.True(slices.Add(slice)));
            Assert.Single(instance.ComputeInstances);
        }

        foreach (var group in gpu.Instances.GroupBy(i => i.Profile))
        {
            Assert.InRange(group.Count(), 1, gpu.Model.Profiles.Single(p => p.Id == group.Key).MaxInstances);
        }

        foreach (var vgpu in gpu.Vgpus)
        {
            var type = gpu.Model.Types.Single(t => t.Id == vgpu.Type);
            var instance = gpu.Instances.Single(i => i.Id == vgpu.GpuInstance);
            Assert.Equal(type.GpuInstanceProfile, instance.Profile);
            Assert.InRange(
                gpu.Vgpus.Count(v => v.GpuInstance == instance.Id), 1, type.MaxInstancesPerGpuInstance ?? 1);
        }

        // No instance without a vGPU: the hook gives back what nobody uses.
        Assert.All(gpu.Instances, i => Assert.Contains(gpu.Vgpus, v => v.GpuInstance == i.Id));
    }

    /// <summary>Whether the driver would make one more instance of a profile.</summary>
    private static bool Fits(LabGpu gpu, uint profile)
    {
        var known = gpu.Model.Profiles.Single(p => p.Id == profile);
        return known.PlacementStarts.Any(start => LabPlacements.Fits(gpu.Model, gpu.Instances, known, start));
    }
}
