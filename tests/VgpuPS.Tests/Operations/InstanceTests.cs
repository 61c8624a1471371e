using VgpuPS.Core.Errors;
using VgpuPS.Host.Operations.Mig;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>GPU and compute instances that a person creates and removes.</summary>
public sealed class InstanceTests
{
    [Theory]
    [InlineData("A30", LabBackend.Mdev, "2g.12gb 1g.6gb 1g.6gb")]
    [InlineData("A30", LabBackend.Vfio, "1g.6gb 1g.6gb+me 2g.12gb")]
    [InlineData("A100-80", LabBackend.Vfio, "3g.40gb 2g.20gb 1g.10gb 1g.10gb")]
    [InlineData("H100", LabBackend.Vfio, "1g.10gb 1g.10gb 1g.10gb 4g.40gb")]
    [InlineData("RTX PRO 6000", LabBackend.Vfio, "1g.24gb 2g.48gb 1g.24gb")]
    public void Profiles_in_one_call_are_placed_together(string model, LabBackend backend, string profiles)
    {
        var host = Changes.On(model, backend, mig: true);
        var done = host.Do(HostUseCases.CreateMigInstances, Of(profiles.Split(' ')));
        Assert.Equal(profiles.Split(' ').Length, done.Objects.Count);
        Assert.Equal(
            profiles.Split(' ').Order(StringComparer.Ordinal),
            host.Instances().Split(' ').Select(i => i[..i.IndexOf('@', StringComparison.Ordinal)])
                .Order(StringComparer.Ordinal));
        Assert.All(host.State().Instances, i => Assert.Single(i.ComputeInstances));
        Assert.Equal(done.Plan.Steps.Count, host.Progress.Count);
    }

    [Fact]
    public void Count_placement_number_and_compute_instances_are_heeded()
    {
        var host = Changes.On("A30", mig: true);
        host.Do(HostUseCases.CreateMigInstances, Of("14") with { Count = 2, ComputeInstances = [] });
        host.Do(
            HostUseCases.CreateMigInstances, Of("2g.12gb") with { ComputeInstances = ["1c.2g.12gb", "1c.2g.12gb"] });
        Assert.Equal(2, host.Instances().Split("1g.6gb@").Length - 1);
        Assert.Contains("[1c.2g.12gb,1c.2g.12gb]", host.Instances(), StringComparison.Ordinal);
        var other = Changes.On("A30", mig: true);
        other.Do(HostUseCases.CreateMigInstances, Of("1g.6gb") with { Placement = "2:1" });
        Assert.Equal("1g.6gb@2:1[1g.6gb]", other.Instances());
    }

    [Fact]
    public void What_a_user_creates_is_not_the_hooks()
    {
        var host = Changes.On("A30", mig: true);
        host.Do(HostUseCases.CreateMigInstances, Of("1g.6gb"));
        Assert.Empty(host.Host.Claims.Load().Instances);
        Assert.True(host.Node.Hook("sweep").Succeeded);
        Assert.NotEqual("", host.Instances());
    }

    [Theory]
    [InlineData("3g.20gb", 1, null, ErrorIds.ProfileNotFound, "2g.12gb")]
    [InlineData("1g.6gb", 0, null, ErrorIds.CountOutOfRange, "must be at least 1")]
    [InlineData("1g.6gb", -1, null, ErrorIds.CountOutOfRange, "must be at least 1")]
    [InlineData("1g.6gb", 99, null, ErrorIds.CountOutOfRange, "the maximum of")]
    [InlineData("2g.12gb", 1, "1:2", ErrorIds.IllegalPlacement, "0:2, 2:2")]
    [InlineData("2g.12gb", 1, "x", ErrorIds.IllegalPlacement, "0:2, 2:2")]
    [InlineData("2g.12gb", 2, "0:2", ErrorIds.ConflictingParameters, "exactly one")]
    public void What_cannot_be_asked_is_refused(
        string profile, int count, string? placement, string errorId, string word) =>
        Changes.On("A30", mig: true).Refuses(
            errorId, HostUseCases.CreateMigInstances, Of(profile) with { Count = count, Placement = placement }, word);

    [Fact]
    public void Other_requests_that_cannot_be_are_refused()
    {
        var host = Changes.On("A30", mig: true);
        host.Refuses(ErrorIds.MissingParameter, HostUseCases.CreateMigInstances, Of(), "Get-MigProfile");
        host.Refuses(
            ErrorIds.ConflictingParameters, HostUseCases.CreateMigInstances,
            Of("1g.6gb", "2g.12gb") with { Count = 2 });
        host.Refuses(ErrorIds.ComputeProfileNotFound, HostUseCases.CreateMigInstances,
            Of("1g.6gb") with { ComputeInstances = ["3c.9g"] });
        host.Refuses(
            ErrorIds.NoFreePlacement, HostUseCases.CreateMigInstances,
            Of("1g.6gb") with { ComputeInstances = ["1g.6gb", "1g.6gb"] });
        host.Refuses(
            ErrorIds.NoFreePlacement, HostUseCases.CreateMigInstances, Of("4g.24gb", "1g.6gb"), "do not fit together");
        host.Refuses(
            ErrorIds.DeviceNotFound, HostUseCases.CreateMigInstances, Of("1g.6gb") with { Gpu = "0000:99:00.0" });
        Changes.On("A30")
            .Refuses(ErrorIds.MigModeMismatch, HostUseCases.CreateMigInstances, Of("1g.6gb"), "Enable-MigMode");
        Changes.On("L40S")
            .Refuses(ErrorIds.MigNotSupported, HostUseCases.CreateMigInstances, Of("1g.6gb"), "has no MIG");
    }

    [Fact]
    public void Profile_of_another_GPU_is_said_to_be_its()
    {
        var host = new Changes(LabNodes.Of(["A30", "A100-80"], LabBackend.Vfio));
        host.Refuses(ErrorIds.ProfileNotFound, HostUseCases.CreateMigInstances, Of("3g.40gb"), "A100");
    }

    [Theory]
    [InlineData(LabBackend.Mdev)]
    [InlineData(LabBackend.Vfio)]
    public void No_capacity_says_who_holds_what_and_what_would_free_it(LabBackend backend)
    {
        var host = new Changes(SwitchingTests.Running(backend).Node);
        var failure = host.Refuses(
            ErrorIds.NoFreePlacement, HostUseCases.CreateMigInstances, Of("4g.24gb"), "VM 101", "2g.12gb",
            "qm shutdown 101");
        Assert.Contains("the largest that fits is 2g.12gb", failure.Message, StringComparison.Ordinal);
        var at = host.State().Instances[0].Start;
        host.Refuses(
            ErrorIds.NoFreePlacement, HostUseCases.CreateMigInstances, Of("2g.12gb") with { Placement = $"{at}:2" },
            "taken", "VM 101");
    }

    [Fact]
    public void Idle_instances_in_the_way_are_named_for_removal()
    {
        var host = Changes.On("A30", mig: true);
        host.Do(HostUseCases.CreateMigInstances, Of("1g.6gb") with { Placement = "0:1" });
        host.Refuses(
            ErrorIds.NoFreePlacement, HostUseCases.CreateMigInstances, Of("4g.24gb"), "Remove-MigInstance", "no VM");
    }

    [Fact]
    public void Removing_takes_compute_instances_along_and_only_what_is_named()
    {
        var host = Changes.On("A30", mig: true);
        host.Do(HostUseCases.CreateMigInstances, Of("1g.6gb", "2g.12gb"));
        var small = host.State().Instances.First(i => i.Size == 1).Id;
        host.Refuses(
            ErrorIds.InstanceNotFound, HostUseCases.RemoveMigInstances,
            new RemoveMigInstancesRequest { Gpu = Changes.Gpu, GpuInstanceIds = [99] }, "Get-MigInstance");
        var done = host.Do(HostUseCases.RemoveMigInstances,
            new RemoveMigInstancesRequest { Gpu = Changes.Gpu, GpuInstanceIds = [small] });
        Assert.Empty(done.Plan.Losses);
        Assert.StartsWith("2g.12gb", host.Instances(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LabBackend.Mdev)]
    [InlineData(LabBackend.Vfio)]
    public void Instance_of_a_running_VM_stays_and_so_do_its_compute_instances(LabBackend backend)
    {
        var host = new Changes(SwitchingTests.Running(backend).Node);
        var id = host.State().Instances[0].Id;
        host.Refuses(
            ErrorIds.ResourceBusy, HostUseCases.RemoveMigInstances,
            new RemoveMigInstancesRequest { Gpu = Changes.Gpu, GpuInstanceIds = [id] }, "VM 101", "qm shutdown 101");
        host.Refuses(
            ErrorIds.ResourceBusy, HostUseCases.CreateMigComputeInstances,
            new CreateMigComputeInstancesRequest { Gpu = Changes.Gpu, GpuInstanceId = id }, "VM 101");
        host.Refuses(
            ErrorIds.ResourceBusy, HostUseCases.RemoveMigComputeInstances,
            new RemoveMigComputeInstancesRequest { Gpu = Changes.Gpu, GpuInstanceId = id, ComputeInstanceIds = [0] },
            "VM 101");
    }

    [Fact]
    public void Removed_instance_of_the_hook_is_dropped_from_its_book()
    {
        var situation = SwitchingTests.Running(LabBackend.Vfio);
        var host = new Changes(situation.Node);
        situation.Node.Host.Put(Situation.Settings, "{\"reclaim\": \"never\"}");
        situation.Stops(101);
        Assert.NotEmpty(host.Host.Claims.Load().Instances);
        host.Do(HostUseCases.RemoveMigInstances,
            new RemoveMigInstancesRequest { Gpu = Changes.Gpu, GpuInstanceIds = [host.State().Instances[0].Id] });
        Assert.Empty(host.Host.Claims.Load().Instances);
    }

    [Fact]
    public void GPU_instance_is_split_and_joined()
    {
        var host = Changes.On("A30", mig: true);
        host.Do(HostUseCases.CreateMigInstances, Of("4g.24gb") with { ComputeInstances = [] });
        var request = new CreateMigComputeInstancesRequest { Gpu = Changes.Gpu, GpuInstanceId = 0 };
        var two = host.Do(HostUseCases.CreateMigComputeInstances, request with { Profile = "1c.4g.24gb", Count = 2 });
        Assert.Equal([0u, 1u], two.Objects.Select(o => o.ComputeInstanceId!.Value));
        host.Do(HostUseCases.CreateMigComputeInstances, request);
        Assert.Equal("4g.24gb@0:4[1c.4g.24gb,1c.4g.24gb,2c.4g.24gb]", host.Instances());
        host.Refuses(
            ErrorIds.NoFreePlacement, HostUseCases.CreateMigComputeInstances, request, "0 free compute slices");
        host.Refuses(ErrorIds.ProfileNotFound, HostUseCases.CreateMigComputeInstances, request with { Profile = "3g" });
        host.Refuses(ErrorIds.CountOutOfRange, HostUseCases.CreateMigComputeInstances, request with { Count = 0 });
        host.Refuses(
            ErrorIds.InstanceNotFound, HostUseCases.CreateMigComputeInstances, request with { GpuInstanceId = 7 });
        var remove =
            new RemoveMigComputeInstancesRequest { Gpu = Changes.Gpu, GpuInstanceId = 0, ComputeInstanceIds = [0, 1] };
        host.Do(HostUseCases.RemoveMigComputeInstances, remove);
        Assert.Equal("4g.24gb@0:4[2c.4g.24gb]", host.Instances());
        host.Refuses(ErrorIds.InstanceNotFound, HostUseCases.RemoveMigComputeInstances, remove);
    }

    private static CreateMigInstancesRequest Of(params string[] profiles) =>
        new() { Gpu = Changes.Gpu, Profiles = profiles };
}
