using System.Text.RegularExpressions;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Operations.Vgpus;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>vGPUs, resets and module options whose calls fail or report what they did not do.</summary>
public sealed class VgpuFaultTests
{
    private const string Options = "/etc/modprobe.d/vgpups.conf";
    private const int NoSpace = 28;
    private const int InputOutputError = 5;

    [Theory]
    [InlineData(LabBackend.Vfio, "write *current_vgpu_type", true)]
    [InlineData(LabBackend.Vfio, "write *current_vgpu_type", false)]
    [InlineData(LabBackend.Mdev, "write *create", true)]
    [InlineData(LabBackend.Mdev, "write *create", false)]
    public void vGPU_that_does_not_come_is_found_and_nothing_is_left(LabBackend backend, string call, bool isLie)
    {
        var host = Changes.On("A30", backend);
        var before = Undone(host);
        Break(host, call, isLie, InputOutputError);
        Assert.ThrowsAny<VgpuException>(() => Create(host, backend));
        Assert.Equal(before, Undone(host));
        Create(host, backend);
        Assert.Single(host.State().Vgpus);
    }

    [Theory]
    [InlineData(LabBackend.Vfio, "write *current_vgpu_type", true)]
    [InlineData(LabBackend.Vfio, "write *current_vgpu_type", false)]
    [InlineData(LabBackend.Mdev, "write *remove", true)]
    [InlineData(LabBackend.Mdev, "write *remove", false)]
    public void vGPU_that_does_not_go_is_found_and_stays(LabBackend backend, string call, bool isLie)
    {
        var host = Changes.On("A30", backend);
        Create(host, backend);
        var before = Undone(host);
        Break(host, call, isLie, InputOutputError);
        Assert.ThrowsAny<VgpuException>(() => Remove(host));
        Assert.Equal(before, Undone(host));
        Remove(host);
        Assert.Empty(host.State().Vgpus);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Reset_that_does_nothing_leaves_the_mode_as_it_was(bool isLie)
    {
        var host = Changes.On("A30", functions: false);
        host.Node.Host.Edit(state => state.Setup.MigChangeAsksForReset = true);
        var before = Undone(host);
        Break(host, $"run {SmiGpuReset.Tool}", isLie, 1);
        var failure = Assert.ThrowsAny<VgpuException>(
            () => host.Run(HostUseCases.ApplyLayout, Changes.Layout(Changes.With(mig: true), reset: true)));
        Assert.NotEmpty(failure.RecommendedAction);
        Assert.Equal(before, Undone(host));
        host.Apply(Changes.With(mig: true), reset: true);
        Assert.True(host.State().MigCurrent);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(true, "# mine\n")]
    [InlineData(false, null)]
    [InlineData(false, "# mine\n")]
    public void Module_options_that_are_not_kept_restore_the_scheduler(bool isLie, string? mine)
    {
        var host = Changes.On("L40S");
        if (mine is not null)
        {
            host.Node.Host.Put(Options, mine);
        }

        var before = Undone(host);
        Break(host, $"write {Options}*", isLie, NoSpace);
        Assert.ThrowsAny<VgpuException>(() => host.Run(
            HostUseCases.ApplyLayout, Changes.Layout(Changes.With(scheduler: Changes.Equal(2)), persist: true)));
        Assert.Equal(before, Undone(host));
        host.Apply(Changes.With(scheduler: Changes.Equal(2)), persist: true);
    }

    private static void Break(Changes host, string call, bool isLie, int number)
    {
        if (isLie)
        {
            host.Node.Host.Gate.Lie(call);
        }
        else
        {
            host.Node.Host.Gate.Fail(call, number);
        }
    }

    private static void Create(Changes host, LabBackend backend) =>
        host.Run(HostUseCases.CreateVgpu, new CreateVgpuRequest
        {
            Gpu = Changes.Gpu,
            Type = "A30-12C",
            Uuid = backend == LabBackend.Mdev ? "6f9619ff-8b86-d011-b42d-00c04fc964ff" : null,
            Source = "Test",
        });

    private static void Remove(Changes host) => host.Run(
        HostUseCases.RemoveVgpu, new RemoveVgpuRequest { FunctionAddress = Changes.First, Source = "Test" });

    private static string Undone(Changes host) => Regex.Replace(
        HostSnapshot.TakeUndone(host.Node), "\"(serial|handle|timesliceNs)\":[0-9]+", "");
}
