using System.Diagnostics.CodeAnalysis;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Layout;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Defragmentation;
using VgpuPS.Host.Operations.Mig;
using VgpuPS.Host.Proxmox;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Models;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>Restarts that make something fit, planned and carried out on simulated hosts.</summary>
[Trait("Duration", "Long")]
public sealed class OptimizePlacementTests
{
    private const string SevenSlices = "A100-80";

    public static TheoryData<string, string, string, int> Fixtures => new()
    {
        { SevenSlices, "3g@0,2g@4 | 1g@0,3g@4", "4g", 1 },
        { SevenSlices, "1g@6,2g@4 | 2g@0,1g@4", "7g", 2 },
        { SevenSlices, "1g@0,1g@2 | 1g@1,3g@4 | 2g@0,2g@4", "4g", 1 },
        { SevenSlices, "2g@0,1g.20gb@6 | 2g@2,1g@4 | 3g@0,1g@5", "7g", 2 },
        { SevenSlices, "3g@0,1g@4 | 4g@0,1g@5,1g@6", "4g", 2 },
        { SevenSlices, "2g@0,1g@4", "4g", 2 },
        { "A30", "1g@0,1g@2", "2g", 1 },
        { "A30", "1g@0 | 2g@0", "4g", 1 },
        { "A30", "1g@0,1g@2 | 1g@1", "4g", 1 },
        { "RTX PRO 6000", "1g@0,1g@6", "2g", 1 },
    };

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void The_plan_is_carried_out_and_the_profile_fits(string model, string gpus, string wanted, int restarts)
    {
        foreach (var backend in new[] { LabBackend.Vfio, LabBackend.Mdev })
        {
            var host = FragmentedHost.Make(model, backend, gpus);
            var profile = host.FindProfile(wanted);
            Assert.NotNull(host.Start(199, profile));
            var before = host.Places();
            var changes = new Changes(host.Node);
            var done = changes.Do(HostUseCases.OptimizePlacement, For(FragmentedHost.NameOf(profile)));
            Assert.Equal(restarts, done.Plan.Steps.Count(s => s.StartsWith("shut down", StringComparison.Ordinal)));
            Assert.Equal(restarts, done.Objects.Select(o => o.VmId).Distinct().Count());
            Assert.All(done.Objects, o => Assert.Equal(restarts, o.Move!.Restarts));
            var after = host.Places();
            Assert.Equal(before.Keys.Order(), after.Keys.Order());
            Assert.Equal(
                done.Objects.Select(o => o.VmId!.Value).Distinct().Order(),
                before.Keys.Where(v => before[v] != after[v]).Order());
            Assert.Null(host.Start(199, profile));
        }
    }

    public static TheoryData<string> Models => [.. GpuModel.Names.Where(n => GpuModel.Load(n).HasMig)];

    [Theory]
    [MemberData(nameof(Models))]
    public void Whatever_is_planned_makes_the_profile_fit(string model)
    {
        var (planned, impossible) = (0, 0);
        for (var seed = 0; seed < 12 && planned < 2; seed++)
        {
            var host = FragmentedHost.Make(model, seed % 2 == 0 ? LabBackend.Vfio : LabBackend.Mdev, Draw(model, seed));
            var wanted = host.Model.Profiles.Where(p => host.FindType(p) is not null)
                .OrderByDescending(p => p.MemoryMiB).Skip(seed % 2).First();
            if (host.Start(199, wanted) is null)
            {
                continue;
            }

            try
            {
                new Changes(host.Node).Do(HostUseCases.OptimizePlacement, For(FragmentedHost.NameOf(wanted)));
                planned++;
                Assert.Null(host.Start(199, wanted));
            }
            catch (CapacityException e)
            {
                Assert.True(e.ErrorId is ErrorIds.PlacementImpossible or ErrorIds.TooManyRestarts, e.ErrorId);
                impossible++;
            }
        }

        Assert.True(planned > 0, $"{impossible} impossible");
    }

    [Fact]
    public void What_cannot_fit_is_refused_by_counting()
    {
        var host = FragmentedHost.Make(SevenSlices, LabBackend.Vfio, "4g@0,3g@4");
        new Changes(host.Node).Refuses(
            ErrorIds.PlacementImpossible, HostUseCases.OptimizePlacement, For("1g.10gb"), "by counting alone", "2 VMs");
    }

    [Fact]
    public void More_restarts_than_allowed_are_refused_and_none_where_it_fits()
    {
        var host = FragmentedHost.Make(SevenSlices, LabBackend.Vfio, "2g@0,1g@4");
        var changes = new Changes(host.Node);
        changes.Refuses(
            ErrorIds.TooManyRestarts, HostUseCases.OptimizePlacement, For("4g.40gb") with { MaximumRestarts = 1 },
            "at most 1 restart", "-MaximumRestarts 2");
        var fits = changes.Plan(HostUseCases.OptimizePlacement, For("1g.10gb"));
        Assert.Empty(fits.Steps);
        Assert.Contains("fits already", fits.AlreadySo, StringComparison.Ordinal);
        changes.Refuses(ErrorIds.ProfileNotFound, HostUseCases.OptimizePlacement, For("9g.1gb"), "4g.40gb");
        changes.Refuses(
            ErrorIds.CountOutOfRange, HostUseCases.OptimizePlacement, For("4g.40gb") with { MaximumRestarts = -1 });
        changes.Refuses(
            ErrorIds.ConflictingParameters, HostUseCases.OptimizePlacement,
            For("4g.40gb") with { Type = "A100-4-20C" });
        changes.Refuses(ErrorIds.MissingParameter, HostUseCases.OptimizePlacement, new OptimizePlacementRequest());
        changes.Refuses(
            ErrorIds.DeviceNotFound, HostUseCases.OptimizePlacement, For("4g.40gb") with { Gpus = ["7"] });
        changes.Refuses(
            ErrorIds.VmNotFound, HostUseCases.OptimizePlacement, For("4g.40gb") with { ExcludedVms = ["4711"] });
    }

    [Fact]
    public void Instances_that_no_VM_uses_and_the_hook_did_not_make_are_named()
    {
        var changes = new Changes(FragmentedHost.Make(SevenSlices, LabBackend.Vfio, "3g@0").Node);
        changes.Do(
            HostUseCases.CreateMigInstances,
            new CreateMigInstancesRequest { Gpu = Changes.Gpu, Profiles = ["2g.20gb"], Placement = "4:2" });
        changes.Refuses(
            ErrorIds.PlacementImpossible, HostUseCases.OptimizePlacement, For("4g.40gb"),
            "destroy what no VM uses (2g.20gb at 4:2 of GPU 0: Get-MigInstance | Remove-MigInstance), stop a VM");
    }

    [Fact]
    public void VMs_that_must_not_be_restarted_stay_and_it_says_why()
    {
        var host = FragmentedHost.Make(SevenSlices, LabBackend.Vfio, "3g@0");
        var changes = new Changes(host.Node);
        changes.Refuses(
            ErrorIds.PlacementImpossible, HostUseCases.OptimizePlacement,
            For("4g.40gb") with { ExcludedVms = ["vm101"] }, "VM 101", "stays: it is excluded");
        host.Node.Host.Put("/etc/pve/ha/resources.cfg", "vm: 101\n\tstate started\n\n");
        changes.Refuses(
            ErrorIds.PlacementImpossible, HostUseCases.OptimizePlacement, For("4g.40gb"), "HA manages it");
        host.Node.Host.Put("/etc/pve/ha/resources.cfg", "");
        var ports = changes.Host;
        var file = ports.Claims.Load();
        ports.Claims.Save(file with { Instances = [] });
        changes.Refuses(
            ErrorIds.PlacementImpossible, HostUseCases.OptimizePlacement, For("4g.40gb"),
            "created by a user or a layout");
        ports.Claims.Save(file);
        changes.Do(HostUseCases.OptimizePlacement, For("4g.40gb"));
    }

    [Fact]
    public void A_guest_that_does_not_shut_down_changes_nothing()
    {
        var host = FragmentedHost.Make(SevenSlices, LabBackend.Vfio, "3g@0");
        var changes = new Changes(host.Node);
        var before = host.Node.Snapshot();
        host.Node.Host.Processes.Programs[QmConfigWriter.Tool] = _ =>
            new ProcessResult(255, null, false, 0, "", "VM quit/powerdown failed - got timeout\n");
        var failure = Assert.Throws<HostTimeoutException>(
            () => changes.Run(HostUseCases.OptimizePlacement, For("4g.40gb") with { TimeoutSeconds = 30 }));
        Assert.Contains("within 30 s; it still runs", failure.Message, StringComparison.Ordinal);
        host.Node.Host.Processes.Programs.Clear();
        Assert.Equal(before, host.Node.Snapshot());
        Assert.Empty(changes.Host.Restarts.Load().Vms);
    }

    [Theory]
    [InlineData(LabBackend.Vfio)]
    [InlineData(LabBackend.Mdev)]
    public void A_start_that_is_refused_once_is_undone_by_another(LabBackend backend)
    {
        var host = FragmentedHost.Make(SevenSlices, backend, "3g@0");
        var changes = new Changes(host.Node);
        Spoil(host.Node, "start", 1);
        Assert.Throws<HostCommandException>(() => changes.Run(HostUseCases.OptimizePlacement, For("4g.40gb")));
        Assert.Equal([101], host.Places().Keys);
        Assert.Empty(changes.Host.Restarts.Load().Vms);
        Assert.Single(changes.State().Instances);
    }

    [Fact]
    public async Task What_is_left_stopped_is_said_and_started_by_the_next_run()
    {
        var host = FragmentedHost.Make(SevenSlices, LabBackend.Vfio, "3g@0");
        var changes = new Changes(host.Node);
        Spoil(host.Node, "start", 2);
        var said = new List<string>();
        await Assert.ThrowsAsync<HostCommandException>(() => HostUseCases.OptimizePlacement.RunAsync(
            host.Node.Connect(said.Add), For("4g.40gb"), new Progress<StepProgress>(),
            TestContext.Current.CancellationToken));
        Assert.Contains(said, s => s.Contains("Start-VgpuVm 101", StringComparison.Ordinal));
        Assert.Empty(host.Places());
        var next = changes.Do(HostUseCases.OptimizePlacement, For("4g.40gb"));
        Assert.Equal(["start VM 101 (vm101), which an earlier run stopped and left so"], next.Plan.Steps);
        Assert.Equal([101], host.Places().Keys);
        Assert.Empty(changes.Host.Restarts.Load().Vms);
    }

    [Fact]
    public void A_run_that_is_killed_between_stop_and_start_is_finished_by_the_next()
    {
        var host = FragmentedHost.Make(SevenSlices, LabBackend.Vfio, "3g@0,2g@4 | 1g@0,3g@4");
        var changes = new Changes(host.Node);
        var programs = host.Node.Host.Processes.Programs;
        programs[QmConfigWriter.Tool] = request => request.Arguments[0] == "start"
            ? throw new InvalidOperationException("killed") : Pass(host.Node, request, programs);
        Assert.Throws<InvalidOperationException>(() => changes.Run(HostUseCases.OptimizePlacement, For("4g.40gb")));
        programs.Clear();
        Assert.Equal(3, host.Places().Count);
        changes.Do(HostUseCases.OptimizePlacement, For("4g.40gb"));
        Assert.Equal(4, host.Places().Count);
        changes.Run(HostUseCases.OptimizePlacement, For("4g.40gb"));
        Assert.Null(host.Start(199, host.FindProfile("4g")));
    }

    [Theory]
    [InlineData("nvmlGpuInstanceDestroy", 1000)]
    [InlineData("nvmlDeviceCreateGpuInstanceWithPlacement", 1)]
    public void A_driver_that_refuses_leaves_the_VM_running(string call, int times)
    {
        var host = FragmentedHost.Make(SevenSlices, LabBackend.Mdev, "3g@0");
        var changes = new Changes(host.Node);
        host.Node.Host.Gate.Fail(call, (int)NvmlStatus.InUse, times);
        Assert.ThrowsAny<VgpuException>(() => changes.Run(HostUseCases.OptimizePlacement, For("4g.40gb")));
        Assert.Equal([101], host.Places().Keys);
        Assert.Empty(changes.Host.Restarts.Load().Vms);
    }

    [Fact]
    public void A_VM_that_is_given_another_place_ends_the_run_with_what_is_left()
    {
        var host = FragmentedHost.Make(SevenSlices, LabBackend.Vfio, "2g@0,1g@4");
        var changes = new Changes(host.Node);
        var programs = host.Node.Host.Processes.Programs;
        programs[QmConfigWriter.Tool] = request =>
        {
            if (request.Arguments[0] == "start")
            {
                // Someone moves the instance between its creation and the start.
                var ports = changes.Host;
                using var driver = ports.Driver.Open();
                var gpu = host.Gpus[0];
                var own = ports.Claims.Load();
                var idle = driver.GetInstances(gpu)
                    .First(i => driver.GetActiveVgpus(gpu).All(a => a.GpuInstance != i.Id));
                foreach (var compute in idle.ComputeInstances)
                {
                    driver.TryDestroyComputeInstance(gpu, idle.Id, compute.Id);
                }

                driver.TryDestroyInstance(gpu, idle.Id);
                driver.CreateInstance(gpu, idle.Profile, new Placement(2, idle.Placement.Size));
                ports.Claims.Save(own with { Instances = [.. own.Instances.Where(i => i.Instance != idle.Id)] });
            }

            return Pass(host.Node, request, programs);
        };
        var failure = Assert.Throws<CapacityException>(
            () => changes.Run(HostUseCases.OptimizePlacement, For("4g.40gb")));
        programs.Clear();
        Assert.Equal(ErrorIds.PlacedElsewhere, failure.ErrorId);
        Assert.Contains("Optimize-VgpuPlacement -Profile 4g.40gb", failure.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal([101, 102], host.Places().Keys.Order());
    }

    [Fact]
    public void Another_plan_than_the_confirmed_one_is_not_carried_out()
    {
        var host = FragmentedHost.Make(SevenSlices, LabBackend.Vfio, "2g@0,1g@4");
        var changes = new Changes(host.Node);
        var plan = changes.Plan(HostUseCases.OptimizePlacement, For("4g.40gb"));
        host.Node.Stop(102);
        var failure = Assert.Throws<ResourceBusyException>(() => changes.Run(
            HostUseCases.OptimizePlacement, For("4g.40gb") with { Confirmed = plan }));
        Assert.Equal(ErrorIds.PlanChanged, failure.ErrorId);
    }

    [Fact]
    public void A_saved_layout_that_names_the_instance_is_told()
    {
        var host = FragmentedHost.Make(SevenSlices, LabBackend.Vfio, "3g@0");
        var changes = new Changes(host.Node);
        changes.Host.Layout.Save(new HostLayout([new GpuLayout
        {
            Gpu = host.Gpus[0].ToString(), Mig = true, Instances = [new InstanceLayout("3g.40gb", "0:4")],
        }]));
        Assert.Contains(
            changes.Plan(HostUseCases.OptimizePlacement, For("4g.40gb")).Afterwards,
            a => a.Contains("the saved layout names 3g.40gb at 0:4", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(LabBackend.Vfio)]
    [InlineData(LabBackend.Mdev)]
    public void A_GPU_is_freed_of_another_size(LabBackend backend)
    {
        var node = LabNodes.Of(["A30", "A30"], backend, mig: false);
        node.MapFunctions("gpu", [.. node.Host.State.Gpus.SelectMany(
            g => Enumerable.Range(0, g.FunctionCount).Select(i => g.FunctionAt(i).ToString()))]);
        var six = node.Host.State.Gpus[0].Model.Types
            .First(t => t.Name.EndsWith("A30-6C", StringComparison.Ordinal)).Id;
        for (var vm = 101; vm <= 105; vm++)
        {
            node.CreateVm(new VmId(vm), $"0=mapping=gpu,mdev=nvidia-{six}");
            Assert.Null(node.Start(vm).Error);
        }

        var changes = new Changes(node);
        var request = new OptimizePlacementRequest { Type = "A30-12C" };
        changes.Refuses(ErrorIds.PlacementImpossible, HostUseCases.OptimizePlacement, request, "by counting alone");
        node.StopAndCleanUp(102);
        node.StopAndCleanUp(103);

        // VM 105 goes to the GPU whose functions come first, which has room by now.
        var done = changes.Do(HostUseCases.OptimizePlacement, request);
        Assert.Equal(2, done.Plan.Steps.Count);
        Assert.Equal(node.Host.State.Gpus[0].Address, Assert.Single(done.Objects).Move!.GpuAddress);
        Assert.Empty(node.Host.State.Gpus[1].Vgpus);
        Assert.Contains(
            "fits already", changes.Plan(HostUseCases.OptimizePlacement, request).AlreadySo, StringComparison.Ordinal);

        // Those on the first GPU would come back to it.
        changes.Refuses(
            ErrorIds.PlacementImpossible, HostUseCases.OptimizePlacement, request with { Gpus = ["0"] },
            "whichever of");
    }

    private static void Spoil(LabHostNode node, string verb, int times)
    {
        var programs = node.Host.Processes.Programs;
        programs[QmConfigWriter.Tool] = request => request.Arguments[0] == verb && times-- > 0
            ? new ProcessResult(255, null, false, 0, "", "start failed: out of memory\n")
            : Pass(node, request, programs);
    }

    private static ProcessResult Pass(
        LabHostNode node, ProcessRequest request, IDictionary<string, Func<ProcessRequest, ProcessResult>> programs)
    {
        var own = programs[QmConfigWriter.Tool];
        programs.Remove(QmConfigWriter.Tool);
        var result = node.Host.Processes.RunAsync(request, default).GetAwaiter().GetResult();
        programs[QmConfigWriter.Tool] = own;
        return result;
    }

    [SuppressMessage("Security", "CA5394", Justification = "a seed that can be had again")]
    private static string Draw(string model, int seed)
    {
        var random = new Random(seed);
        var profiles = GpuModel.Load(model).Profiles.Where(p => p.PlacementStarts.Count > 1 && GpuModel.Load(model)
            .Types.Any(t => t.GpuInstanceProfile == p.Id && (t.MaxInstancesPerGpuInstance ?? 1) == 1)).ToList();
        return string.Join(" | ", Enumerable.Range(0, 1 + (seed % 3)).Select(_ =>
        {
            var (mask, media, kept) = (0u, false, new List<string>());
            for (var n = 0; n < 3; n++)
            {
                var profile = profiles[random.Next(profiles.Count)];
                var window = new Placement(
                    profile.PlacementStarts[random.Next(profile.PlacementStarts.Count)], profile.PlacementSize);
                if ((mask & window.Mask) == 0 && !(media && profile.Media))
                {
                    (mask, media) = (mask | window.Mask, media | profile.Media);
                    kept.Add($"{FragmentedHost.NameOf(profile)}@{window.Start}");
                }
            }

            return string.Join(',', kept);
        }));
    }

    private static OptimizePlacementRequest For(string profile) => new() { Profile = profile };
}
