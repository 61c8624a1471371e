using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Layout;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Operations.Mig;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>Layouts: what matches is left alone, what nobody wants goes, what a VM uses stays.</summary>
public sealed class LayoutTests
{
    [Fact]
    public void Matching_instance_is_left_alone_and_others_are_lost()
    {
        var host = Changes.On("A30", mig: true);
        host.Do(HostUseCases.CreateMigInstances,
            new CreateMigInstancesRequest { Gpu = Changes.Gpu, Profiles = ["2g.12gb", "1g.6gb"] });
        var serial = host.State().Instances.First(i => i.Size == 2).Serial;
        var done = host.Apply(Changes.With(instances: [new("2g.12gb"), new("2g.12gb")]));
        Assert.Contains("1g.6gb", Assert.Single(done.Plan.Losses), StringComparison.Ordinal);
        Assert.Contains(host.State().Instances, i => i.Serial == serial);
        Assert.Equal(2, host.State().Instances.Count);
    }

    [Fact]
    public void Instance_that_nobody_uses_moves_where_the_rest_would_not_fit()
    {
        var host = Changes.On("A30", mig: true);
        host.Apply(Changes.With(instances: [new("1g.6gb", "0:1"), new("1g.6gb", "2:1")]));
        var done = host.Apply(Changes.With(instances: [new("1g.6gb"), new("1g.6gb"), new("2g.12gb")]));
        Assert.Empty(done.Plan.Losses);
        Assert.Equal(3, host.State().Instances.Count);
    }

    [Fact]
    public void Compute_instances_are_changed_in_place()
    {
        var host = Changes.On("A30", mig: true);
        host.Apply(Changes.With(instances: [new("2g.12gb")]));
        var serial = host.State().Instances[0].Serial;
        host.Apply(Changes.With(instances: [new("2g.12gb", null, ["1c.2g.12gb", "1c.2g.12gb"])]));
        Assert.Equal(
            "2g.12gb@0:2[1c.2g.12gb,1c.2g.12gb]", host.Instances().Replace("@2:2", "@0:2", StringComparison.Ordinal));
        Assert.Equal(serial, host.State().Instances[0].Serial);
        host.Apply(Changes.With(instances: [new("2g.12gb", null, [])]));
        Assert.EndsWith("[]", host.Instances(), StringComparison.Ordinal);
    }

    [Fact]
    public void Instances_are_checked_before_MIG_mode_is_on()
    {
        var host = Changes.On("A30");
        host.RefusesLayout(
            ErrorIds.NoFreePlacement,
            Changes.With(mig: true, instances: [new("2g.12gb"), new("2g.12gb"), new("1g.6gb")]), "do not fit together");
        host.RefusesLayout(ErrorIds.ProfileNotFound, Changes.With(mig: true, instances: [new("3g.20gb")]), "2g.12gb");
        host.RefusesLayout(
            ErrorIds.IllegalPlacement, Changes.With(mig: true, instances: [new("2g.12gb", "1:2")]), "0:2");
        host.Apply(Changes.With(mig: true, instances: [new("2g.12gb"), new("1g.6gb", null, ["1g.6gb"])]));
        Assert.Equal(2, host.State().Instances.Count);
    }

    [Fact]
    public void Layout_with_the_drivers_names_is_taken_before_MIG_mode_is_on()
    {
        var host = Changes.On("GB200");
        host.Apply(Changes.With(
            mig: true, instances: [new("1g.23gb", null, ["1g.23gb"]), new("3g.95gb", null, ["1c.3g.95gb"])]));
        Assert.Equal(2, host.State().Instances.Count);
    }

    [Fact]
    public void Layout_is_taken_unchecked_where_the_driver_names_nothing_before_MIG_mode_is_on()
    {
        var host = Changes.On("A30");
        host.Node.Host.Edit(s => s.Setup.MissingFunctions.Add("nvmlDeviceGetGpuInstanceProfileInfo"));
        host.Plan(HostUseCases.ApplyLayout, Changes.Layout(Changes.With(mig: true, instances: [new("3g.20gb")])));
    }

    [Theory]
    [InlineData(LabBackend.Mdev)]
    [InlineData(LabBackend.Vfio)]
    public void Instance_in_use_is_never_touched(LabBackend backend)
    {
        var host = new Changes(SwitchingTests.Running(backend).Node);
        host.RefusesLayout(
            ErrorIds.ResourceBusy, Changes.With(instances: [new("1g.6gb")]), "VM 101", "qm shutdown 101");
        Assert.Single(host.Apply(Changes.With(instances: [new("2g.12gb"), new("1g.6gb")])).Plan.Steps);
    }

    [Fact]
    public void Layout_that_can_never_be_is_refused()
    {
        var host = Changes.On("A30", mig: true);
        host.RefusesLayout(
            ErrorIds.NoFreePlacement, Changes.With(instances: [new("4g.24gb"), new("1g.6gb")]), "do not fit together");
        host.RefusesLayout(ErrorIds.ProfileNotFound, Changes.With(instances: [new("3g.40gb")]));
        host.RefusesLayout(
            ErrorIds.NoFreePlacement, Changes.With(instances: [new("2g.12gb", "0:2"), new("1g.6gb", "1:1")]));
        host.RefusesLayout(ErrorIds.IllegalPlacement, Changes.With(instances: [new("2g.12gb", "1:2")]));
        host.RefusesLayout(ErrorIds.LayoutConflict, Changes.With(mig: false, instances: [new("1g.6gb")]));
        host.RefusesLayout(ErrorIds.MixedSizesNotReady, Changes.With(mixed: true), "Disable-MigMode");
        host.RefusesLayout(ErrorIds.SchedulerNotReady, Changes.With(scheduler: Changes.Equal()), "Disable-MigMode");
        Changes.On("A30")
            .RefusesLayout(ErrorIds.MigModeMismatch, Changes.With(instances: [new("1g.6gb")]), "Enable-MigMode");
    }

    [Fact]
    public void Layout_names_GPUs_by_address_UUID_or_model()
    {
        var host = new Changes(LabNodes.A30(LabBackend.Vfio, gpus: 2));
        var uuid = host.State(1).Uuid;
        host.Do(HostUseCases.ApplyLayout, new ApplyLayoutRequest
        {
            Gpus =
            [
                new() { Gpu = "*A30*", Instances = [new("2g.12gb")] },
                new() { Gpu = uuid, Instances = [new("1g.6gb")] },
            ],
        }, isRepeatable: true);
        Assert.StartsWith("2g.12gb", host.Instances(0), StringComparison.Ordinal);
        Assert.StartsWith("1g.6gb", host.Instances(1), StringComparison.Ordinal);
        host.Refuses(
            ErrorIds.DeviceNotFound, HostUseCases.ApplyLayout,
            new ApplyLayoutRequest { Gpus = [new() { Gpu = "0000:99:00.0", Mig = true }] });
        host.Refuses(
            ErrorIds.DeviceNotFound, HostUseCases.ApplyLayout,
            new ApplyLayoutRequest { Gpus = [new() { Gpu = uuid, Mig = true }, new() { Gpu = "NVIDIA A3O" }] },
            "no GPU NVIDIA A3O", "it has NVIDIA A30");
        host.Refuses(
            ErrorIds.LayoutConflict, HostUseCases.ApplyLayout,
            new ApplyLayoutRequest { Gpus = [new() { Gpu = uuid }, new() { Gpu = host.State(1).Address }] },
            "two entries");
        host.Refuses(ErrorIds.LayoutNotFound, HostUseCases.ApplyLayout, new ApplyLayoutRequest(), "Export-VgpuLayout");
    }

    [Theory]
    [InlineData("A30", true)]
    [InlineData("A30", false)]
    [InlineData("L40S", false)]
    [InlineData("T4", false)]
    public void Exported_layout_is_what_is_there_and_can_be_saved_and_applied(string model, bool mig)
    {
        var backend = model == "T4" ? LabBackend.Mdev : LabBackend.Vfio;
        var host = Changes.On(model, backend, mig, functions: model != "T4");
        host.Apply(mig
            ? Changes.With(instances: [new("2g.12gb", "2:2", []), new("1g.6gb")])
            : Changes.With(scheduler: Changes.Equal(3)));
        var layout = new ExportLayout(host.Host).Run(new ExportLayoutRequest());
        Assert.Empty(host.Plan(HostUseCases.ApplyLayout, new ApplyLayoutRequest { Gpus = layout.Gpus }).Steps);
        host.Do(HostUseCases.SaveLayout, new SaveLayoutRequest { Layout = layout }, isRepeatable: true);
        Assert.Empty(host.Plan(HostUseCases.ApplyLayout, new ApplyLayoutRequest()).Steps);
        var before = host.Instances();
        host.Node.Host.Reboot();
        host.Do(HostUseCases.ApplyLayout, new ApplyLayoutRequest(), isRepeatable: true);
        Assert.Equal(before, host.Instances());
        Assert.Equal(mig, host.State().MigCurrent);
        var text = Encoding.UTF8.GetString(LayoutFormat.Write(layout));
        Assert.DoesNotContain("null", text, StringComparison.Ordinal);
    }
}
