using VgpuPS.Core.Errors;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Vgpus;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>vGPUs that a person creates and removes, on both back ends.</summary>
public sealed class VgpuTests
{
    private const string Uuid = "6f9619ff-8b86-d011-b42d-00c04fc964ff";

    [Theory]
    [InlineData("A30", LabBackend.Mdev, "A30-12C")]
    [InlineData("A30", LabBackend.Vfio, "nvidia-687")]
    [InlineData("L40S", LabBackend.Vfio, "L40S-1Q")]
    [InlineData("T4", LabBackend.Mdev, "T4-1Q")]
    public void vGPU_comes_and_goes(string model, LabBackend backend, string type)
    {
        var host = Changes.On(model, backend, functions: model != "T4");
        var created = Create(host, type).Objects.Single();
        Assert.Single(host.State().Vgpus);
        Assert.Equal(model == "T4" ? Changes.Gpu : Changes.First, created.FunctionAddress);
        host.Do(HostUseCases.RemoveVgpu, new RemoveVgpuRequest
        {
            FunctionAddress = created.MdevUuid is null ? created.FunctionAddress : null,
            MdevUuid = created.MdevUuid,
        });
        Assert.Empty(host.State().Vgpus);
        host.Refuses(
            ErrorIds.VgpuNotFound, HostUseCases.RemoveVgpu,
            new RemoveVgpuRequest { FunctionAddress = created.FunctionAddress }, "Get-Vgpu");
    }

    [Fact]
    public void MIG_backed_vGPU_needs_an_instance_and_its_mode()
    {
        var host = Changes.On("A30", mig: true);
        host.Refuses(ErrorIds.TypeNotCreatable, HostUseCases.CreateVgpu, On(Changes.Gpu, "A30-2-12C"),
            "New-MigInstance", "2g.12gb");
        host.Refuses(ErrorIds.MigModeMismatch, HostUseCases.CreateVgpu, On(Changes.Gpu, "A30-12C"), "time-sliced");
        host.Apply(Changes.With(instances: [new("2g.12gb")]));
        host.Do(HostUseCases.CreateVgpu, On(Changes.Gpu, "A30-2-12C"));
        Assert.NotNull(host.State().Vgpus.Single().GpuInstance);
    }

    [Fact]
    public void What_is_not_there_or_cannot_be_is_refused()
    {
        var host = Changes.On("A30", LabBackend.Mdev);
        host.Refuses(
            ErrorIds.VgpuTypeNotFound, HostUseCases.CreateVgpu, On(Changes.Gpu, "L40S-1Q", Uuid), "Get-VgpuType");
        host.Refuses(ErrorIds.InvalidUuid, HostUseCases.CreateVgpu, On(Changes.Gpu, "A30-12C"), "New-Guid");
        host.Refuses(ErrorIds.MissingParameter, HostUseCases.CreateVgpu, new CreateVgpuRequest { Type = "A30-12C" });
        host.Refuses(ErrorIds.DeviceNotFound, HostUseCases.CreateVgpu, On("0000:99:00.0", "A30-12C", Uuid), "Get-Gpu");
        host.Refuses(
            ErrorIds.DeviceNotFound, HostUseCases.CreateVgpu,
            new CreateVgpuRequest { FunctionAddress = "0000:4b:09.9", Type = "687" });
        host.Refuses(ErrorIds.MissingParameter, HostUseCases.RemoveVgpu, new RemoveVgpuRequest());
        host.Refuses(ErrorIds.InvalidUuid, HostUseCases.RemoveVgpu, new RemoveVgpuRequest { MdevUuid = "x" });
        host.Do(HostUseCases.CreateVgpu, On(Changes.Gpu, "A30-24C", Uuid));
        host.Refuses(
            ErrorIds.TypeNotCreatable, HostUseCases.CreateVgpu, On(Changes.Gpu, "A30-12C", Uuid), "1 x A30-24C");
    }

    [Theory]
    [InlineData(LabBackend.Mdev)]
    [InlineData(LabBackend.Vfio)]
    public void Running_vGPU_stays(LabBackend backend)
    {
        var host = new Changes(SwitchingTests.Running(backend).Node);
        host.Refuses(
            ErrorIds.ResourceBusy, HostUseCases.RemoveVgpu, new RemoveVgpuRequest { FunctionAddress = Changes.First },
            "VM 101", "qm shutdown 101");
    }

    [Fact]
    public void Functions_that_are_off_are_to_be_enabled_first() => Changes.On("A30", functions: false).Refuses(
        ErrorIds.SriovNotReady, HostUseCases.CreateVgpu, On(Changes.Gpu, "A30-12C"), "Enable-Sriov");

    internal static ChangeResult Create(Changes host, string type) => host.Do(
        HostUseCases.CreateVgpu,
        On(Changes.Gpu, type, host.Node.Host.State.Setup.Backend == LabBackend.Mdev ? Uuid : null));

    private static CreateVgpuRequest On(string gpu, string type, string? uuid = null) =>
        new() { Gpu = gpu, Type = type, Uuid = uuid };
}
