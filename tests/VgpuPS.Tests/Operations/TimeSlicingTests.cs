using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Layout;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>Mixed sizes and the scheduler of time-sliced vGPUs.</summary>
public sealed class TimeSlicingTests
{
    private const string File = "/etc/modprobe.d/vgpups.conf";

    [Theory]
    [InlineData("A30")]
    [InlineData("L40S")]
    [InlineData("RTX PRO 6000")]
    public void Mixed_sizes_and_scheduler_are_set(string model)
    {
        var host = Changes.On(model);
        host.Apply(Changes.With(mixed: true));
        Assert.True(host.State().MixedSizes);
        host.Apply(Changes.With(scheduler: Changes.Equal(5)));
        Assert.Equal((2u, 5_000_000u), (host.State().SchedulerPolicy, host.State().TimesliceNs));
        host.Apply(Changes.With(mixed: false));
        host.Apply(Changes.With(scheduler: new(SchedulerPolicy.BestEffort)));
        Assert.False(host.State().MixedSizes);
        Assert.Equal(1u, host.State().SchedulerPolicy);
    }

    [Fact]
    public void What_the_GPU_cannot_is_refused()
    {
        var turing = Changes.On("T4", LabBackend.Mdev, functions: false);
        turing.RefusesLayout(ErrorIds.MixedSizesNotReady, Changes.With(mixed: true), "cannot mix");
        turing.Apply(Changes.With(scheduler: Changes.Equal()));
        Changes.On("L40S", functions: false)
            .RefusesLayout(ErrorIds.MixedSizesNotReady, Changes.With(mixed: true), "Enable-Sriov");
        Changes.On("L40S", functions: false).RefusesLayout(
            ErrorIds.SchedulerNotReady, Changes.With(scheduler: Changes.Equal()), "Enable-Sriov");
        var host = Changes.On("L40S");
        host.RefusesLayout(ErrorIds.TimeOutOfRange, Changes.With(scheduler: Changes.Equal(0)), "1 to 30 ms");
        host.RefusesLayout(ErrorIds.TimeOutOfRange, Changes.With(scheduler: Changes.Equal(31)), "1 to 30 ms");
        host.RefusesLayout(ErrorIds.ConflictingParameters, Changes.With(scheduler: new(SchedulerPolicy.BestEffort, 2)));
        host.RefusesLayout(
            ErrorIds.SchedulerNotReady, Changes.With(mixed: true, scheduler: new(SchedulerPolicy.FixedShare)),
            "fixed shares");
        host.Refuses(
            ErrorIds.MissingParameter, VgpuPS.Host.Sessions.HostUseCases.ApplyLayout,
            Changes.Layout(Changes.With(mixed: true), persist: true), "-Policy");
    }

    [Theory]
    [InlineData(LabBackend.Mdev)]
    [InlineData(LabBackend.Vfio)]
    public void Neither_is_changed_while_a_vGPU_is_there(LabBackend backend)
    {
        var host = Changes.On("A30", backend);
        VgpuTests.Create(host, "A30-12C");
        host.RefusesLayout(ErrorIds.ResourceBusy, Changes.With(mixed: true), "Remove-Vgpu");
        host.RefusesLayout(ErrorIds.ResourceBusy, Changes.With(scheduler: Changes.Equal()), "A30-12C");
    }

    [Fact]
    public void Scheduler_is_kept_over_reboots_in_the_drivers_options()
    {
        var host = new Changes(LabNodes.Of(["L40S", "L40S"], LabBackend.Vfio, mig: false));
        host.Apply(Changes.With(scheduler: Changes.Equal(2)), persist: true);
        host.Apply(
            new GpuLayout { Gpu = LabNodes.OtherGpu, Scheduler = new(SchedulerPolicy.FixedShare) }, persist: true);
        Assert.Equal(
            "options nvidia "
                + "NVreg_RegistryDwordsPerDevice=\"pci=0000:4b:00.0;RmPVMRL=0x00020003;pci=0000:ca:00.0;"
                + "RmPVMRL=0x11\"\n",
            Encoding.UTF8.GetString(host.Node.Host.Files.Read(File, 4096)));
    }

    [Theory]
    [InlineData("", "options nvidia NVreg_RegistryDwordsPerDevice=\"pci=0000:4b:00.0;RmPVMRL=0x01\"\n")]
    [InlineData(
        "# mine\noptions nvidia NVreg_X=1\n",
        "# mine\noptions nvidia NVreg_X=1\noptions nvidia "
            + "NVreg_RegistryDwordsPerDevice=\"pci=0000:4b:00.0;RmPVMRL=0x01\"\n")]
    [InlineData(
        "options nvidia "
            + "NVreg_RegistryDwordsPerDevice=\"pci=0000:4B:00.0;A=1;RmPVMRL=0x11;pci=0000:01:00.0;RmPVMRL=0x03\" "
            + "NVreg_X=1\nlast\n",
        "options nvidia "
            + "NVreg_RegistryDwordsPerDevice=\"pci=0000:4B:00.0;A=1;RmPVMRL=0x01;pci=0000:01:00.0;RmPVMRL=0x03\" "
            + "NVreg_X=1\nlast\n")]
    [InlineData(
        "options nvidia NVreg_RegistryDwordsPerDevice=pci=0000:4b:00.0;A=1 NVreg_X=1\n",
        "options nvidia NVreg_RegistryDwordsPerDevice=\"pci=0000:4b:00.0;A=1;RmPVMRL=0x01\" NVreg_X=1\n")]
    public void Other_options_stay(string before, string after)
    {
        var gpu = PciAddress.Parse("0000:4b:00.0");
        Assert.Equal(after, SchedulerOption.Set(before, gpu, Changes.Equal()));
        Assert.Equal(after, SchedulerOption.Set(after, gpu, Changes.Equal()));
    }

    [Fact]
    public void Option_in_two_files_is_refused()
    {
        var host = Changes.On("L40S");
        const string Option = "options nvidia NVreg_RegistryDwordsPerDevice=\"pci=0000:01:00.0;A=1\"\n";
        host.Node.Host.Put("/etc/modprobe.d/a.conf", Option);
        host.Node.Host.Put("/etc/modprobe.d/b.conf", Option);
        host.Refuses(
            ErrorIds.SchedulerAmbiguous, VgpuPS.Host.Sessions.HostUseCases.ApplyLayout,
            Changes.Layout(Changes.With(scheduler: Changes.Equal()), persist: true),
            "a.conf and /etc/modprobe.d/b.conf");
    }
}
