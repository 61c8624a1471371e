using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Lab.Machine;

public sealed class LabNvmlTests
{
    [Theory]
    [InlineData("A30", 14u, 0u, 1u, NvmlStatus.Success)]
    [InlineData("A30", 14u, 4u, 1u, NvmlStatus.InvalidArgument)]
    [InlineData("A30", 99u, 0u, 1u, NvmlStatus.InvalidArgument)]
    [InlineData("A30", 5u, 1u, 2u, NvmlStatus.InvalidArgument)]
    [InlineData("A30", 0u, 0u, 4u, NvmlStatus.InsufficientResources)]
    [InlineData("A30", 14u, 2u, 1u, NvmlStatus.InsufficientResources)]
    [InlineData("A30", 5u, 2u, 2u, NvmlStatus.InsufficientResources)]
    public void Instance_beside_another_one(string model, uint profile, uint start, uint size, NvmlStatus expected)
    {
        var host = LabMachines.With(model, mig: true);
        var device = LabMachines.Device(host);
        Assert.Equal(
            NvmlStatus.Success,
            host.Nvml.DeviceCreateGpuInstanceWithPlacement(device, 14, new NvmlPlacement(2, 1), out _));
        Assert.Equal(
            expected,
            host.Nvml.DeviceCreateGpuInstanceWithPlacement(device, profile, new NvmlPlacement(start, size), out _));
    }

    [Theory]
    [InlineData(0u, 0u, 4u, 0u)]
    [InlineData(5u, 0u, 2u, 1u)]
    [InlineData(5u, 2u, 2u, 2u)]
    [InlineData(14u, 0u, 1u, 3u)]
    [InlineData(14u, 3u, 1u, 6u)]
    public void Instance_id_says_size_and_position(uint profile, uint start, uint size, uint id)
    {
        var host = LabMachines.With("A30", mig: true);
        host.Nvml.DeviceCreateGpuInstanceWithPlacement(
            LabMachines.Device(host), profile, new NvmlPlacement(start, size), out var instance);
        host.Nvml.GpuInstanceGetInfo(instance, out var info);
        Assert.Equal(id, info.Id);
    }

    [Fact]
    public void Media_engines_are_given_once()
    {
        var host = LabMachines.With("A30", mig: true);
        var device = LabMachines.Device(host);
        host.Nvml.DeviceCreateGpuInstanceWithPlacement(device, 21, new NvmlPlacement(0, 1), out _);
        Assert.Equal(
            NvmlStatus.InsufficientResources,
            host.Nvml.DeviceCreateGpuInstanceWithPlacement(device, 6, new NvmlPlacement(2, 2), out _));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public void Lists_are_empty_where_a_call_is_refused(bool mig, bool hasNoVgpu)
    {
        var host = LabMachines.With("A30", mig: mig);
        host.State.Setup.DriverHasNoVgpu = hasNoVgpu;
        object device = LabMachines.Device(host);
        var calls = typeof(INvmlApi).GetMethods().Where(
            m => m.GetParameters().LastOrDefault()?.ParameterType is { IsByRef: true } last
                && last.GetElementType()!.Name.StartsWith("IReadOnlyList", StringComparison.Ordinal)).ToList();
        Assert.True(calls.Count > 8);
        foreach (var call in calls)
        {
            var values = call.GetParameters().Select(p => p.ParameterType == typeof(NvmlDevice) ? device
                : p.ParameterType == typeof(IReadOnlyList<uint>) ? Array.Empty<uint>()
                : p.ParameterType.IsValueType ? Activator.CreateInstance(p.ParameterType) : null).ToArray();
            call.Invoke(host.Nvml, values);
            Assert.True(values[^1] is not null, call.Name);
        }
    }

    [Fact]
    public void Instances_need_mig_mode()
    {
        var host = LabMachines.With("A30");
        var device = LabMachines.Device(host);
        Assert.Equal(NvmlStatus.NotSupported, host.Nvml.DeviceGetGpuInstances(device, 14, 4, out _));
        Assert.Equal(
            NvmlStatus.NotSupported,
            host.Nvml.DeviceCreateGpuInstanceWithPlacement(device, 14, new NvmlPlacement(0, 1), out _));
    }

    [Fact]
    public void Instance_with_a_compute_instance_is_in_use()
    {
        var host = LabMachines.With("A30", mig: true);
        host.Nvml.DeviceCreateGpuInstanceWithPlacement(
            LabMachines.Device(host), 5, new NvmlPlacement(0, 2), out var instance);
        Assert.Equal(NvmlStatus.Success, host.Nvml.GpuInstanceCreateComputeInstance(instance, 0, out var compute));
        Assert.Equal(NvmlStatus.InsufficientResources, host.Nvml.GpuInstanceCreateComputeInstance(instance, 1, out _));
        Assert.Equal(NvmlStatus.InUse, host.Nvml.GpuInstanceDestroy(instance));
        Assert.Equal(NvmlStatus.Success, host.Nvml.ComputeInstanceDestroy(compute));
        Assert.Equal(NvmlStatus.Success, host.Nvml.GpuInstanceDestroy(instance));
        Assert.Equal(NvmlStatus.NotFound, host.Nvml.GpuInstanceGetInfo(instance, out _));
    }

    [Theory]
    [InlineData("idle", NvmlStatus.Success, NvmlStatus.Success, true)]
    [InlineData("client", NvmlStatus.Success, NvmlStatus.InUse, false)]
    [InlineData("process", NvmlStatus.Success, NvmlStatus.InUse, false)]
    [InlineData("vgpu", NvmlStatus.Success, NvmlStatus.InUse, false)]
    [InlineData("reset", NvmlStatus.Success, NvmlStatus.ResetRequired, false)]
    [InlineData("user", NvmlStatus.NoPermission, NvmlStatus.Success, false)]
    public void Mig_mode_change_has_two_statuses(string state, NvmlStatus status, NvmlStatus activation, bool isOn)
    {
        var host = LabMachines.With("A30");
        var device = LabMachines.Device(host);
        host.Edit(s => Prepare(s, state));
        Assert.Equal(status, host.Nvml.DeviceSetMigMode(device, 1, out var reported));
        Assert.Equal(activation, reported);
        Assert.Equal(isOn, host.State.Gpus[0].MigCurrent);
        Assert.Equal(status == NvmlStatus.Success, host.State.Gpus[0].MigPending);
    }

    [Fact]
    public void Mig_mode_stays_on_while_functions_are_enabled()
    {
        var host = LabMachines.With("A30", mig: true);
        host.Nvml.DeviceSetMigMode(LabMachines.Device(host), 0, out var activation);
        Assert.Equal(NvmlStatus.InUse, activation);
    }

    [Fact]
    public void Gpu_without_mig_does_not_support_the_mode()
    {
        var host = LabMachines.With("L40S");
        var device = LabMachines.Device(host);
        Assert.Equal(NvmlStatus.NotSupported, host.Nvml.DeviceGetMigMode(device, out _, out _));
        Assert.Equal(NvmlStatus.NotSupported, host.Nvml.DeviceSetMigMode(device, 1, out _));
    }

    [Theory]
    [InlineData("library", NvmlStatus.LibraryNotFound)]
    [InlineData("driver", NvmlStatus.DriverNotLoaded)]
    [InlineData("version", NvmlStatus.LibRmVersionMismatch)]
    public void Library_that_cannot_start(string what, NvmlStatus expected)
    {
        var host = LabHost.Create();
        host.Edit(s => (s.Setup.LibraryIsMissing, s.Setup.DriverIsUnloaded, s.Setup.VersionsDiffer) =
            (what == "library", what == "driver", what == "version"));
        Assert.Equal(expected, host.Nvml.Init());
    }

    [Fact]
    public void Handles_die_when_the_driver_is_bound_anew()
    {
        var host = LabMachines.With("A30", functions: false);
        NvmlDevice device;
        using (host.BeginActor("first"))
        {
            device = LabMachines.Device(host);
        }

        LabMachines.Sriov(host, "-e");
        host.Nvml.Init();
        Assert.Equal(NvmlStatus.InvalidArgument, host.Nvml.DeviceGetName(device, out _));
    }

    [Fact]
    public void Active_vgpus_are_those_of_running_vms_and_name_them()
    {
        var host = LabMachines.With("A30");
        var device = LabMachines.Device(host);
        host.Files.WriteAttribute(LabMachines.Vendor("current_vgpu_type"), "685");
        host.Nvml.DeviceGetActiveVgpus(device, out var before);
        Assert.Empty(before);
        Assert.NotNull(LabMachines.Start(host, 101, $"host={LabMachines.FirstFunction}").Pid);
        host.Nvml.DeviceGetActiveVgpus(device, out var active);
        host.Nvml.VgpuInstanceGetVmId(Assert.Single(active), out var vm);
        Assert.Equal("00000000-0000-0000-0000-000000000101", vm);
        Assert.Equal(NvmlStatus.NotSupported, host.Nvml.VgpuInstanceGetMdevUuid(active[0], out _));
        Assert.Equal(NvmlStatus.InUse, host.Nvml.DeviceSetVgpuHeterogeneousMode(device, 1));
        Assert.Equal(
            NvmlStatus.NotSupported,
            host.Nvml.DeviceSetVgpuSchedulerState(device, new NvmlVgpuScheduler(2, 0, 0, 0, 0)));
        host.EndQemu(new VmId(101), LabQemuEnd.Quit);
        host.Nvml.DeviceGetActiveVgpus(device, out var after);
        Assert.Empty(after);
    }

    private static void Prepare(LabState state, string what)
    {
        var gpu = state.Gpus[0];
        switch (what)
        {
            case "client":
                state.NvmlClients.Add(new LabNvmlClient { Owner = "dcgm", Count = 1, Gpus = [gpu.Address] });
                break;
            case "process":
                gpu.ComputeProcesses.Add(77);
                break;
            case "vgpu":
                gpu.Vgpus.Add(new LabVgpu { Function = LabMachines.FirstFunction, Type = 685, Holder = 5 });
                break;
            default:
                state.Setup.MigChangeAsksForReset = what == "reset";
                state.Setup.CallersAreUnprivileged = what == "user";
                break;
        }
    }
}
