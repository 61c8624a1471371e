using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sysfs;
using VgpuPS.Tests.Seams;
using Xunit;

namespace VgpuPS.Tests.Sysfs;

public sealed class SysfsPciDevicesTests
{
    private static readonly PciAddress s_function = PciAddress.Parse("0000:41:00.4");
    private static readonly MdevUuid s_uuid = MdevUuid.ForVm(new VmId(101), 0);
    private static readonly VgpuTypeId s_type = new(689);

    private readonly FileTree _tree = GpuTree.Create();
    private readonly ProgramScript _programs = new();
    private readonly SysfsPciDevices _devices;

    public SysfsPciDevicesTests() => _devices = new SysfsPciDevices(_tree, _programs);

    [Fact]
    public void A_gpu_is_read_with_its_counts_and_its_functions_are_not_gpus()
    {
        GpuTree.Enable(_tree, 12, VgpuBackend.VendorVfio);
        Assert.Equal(
            new PhysicalFunction(GpuTree.Gpu, 0x20b7, "nvidia", null, 12, 12, 4, 1, false),
            Assert.Single(_devices.GetGpus()));
        Assert.True(_devices.IommuIsActive);
        Assert.Equal(14, _devices.GetAddresses().Count);
        Assert.Equal(GpuTree.Gpu, _devices.Find(s_function)!.ParentFunction);
        Assert.Null(_devices.Find(PciAddress.Parse("0000:99:00.0")));
    }

    [Fact]
    public void Functions_are_known_by_their_link_and_not_read_to_find_GPUs()
    {
        GpuTree.Enable(_tree, 12, VgpuBackend.VendorVfio);
        _tree.Fail("read", $"/sys/bus/pci/devices/{s_function}/vendor", Errno.EIO);
        Assert.Single(_devices.GetGpus());
    }

    [Theory]
    [InlineData(VgpuBackend.VendorVfio)]
    [InlineData(VgpuBackend.Mdev)]
    [InlineData(VgpuBackend.None)]
    public void Functions_come_in_numeric_order_with_their_back_end(VgpuBackend backend)
    {
        GpuTree.Enable(_tree, 12, backend);
        var functions = _devices.GetFunctions(_devices.GetGpus()[0]);
        Assert.Equal(Enumerable.Range(0, 12), functions.Select(function => function.Index));
        Assert.Equal(PciAddress.Parse("0000:41:01.7"), functions[11].Address);
        Assert.All(functions, function => Assert.Equal((backend, "nvidia"), (function.Backend, function.Driver)));
        Assert.Equal(91, functions[11].IommuGroup);
        Assert.Equivalent(functions[11], _devices.FindFunction(functions[11].Address), strict: true);
    }

    [Fact]
    public void An_empty_list_of_types_offers_none()
    {
        GpuTree.Enable(_tree, 1, VgpuBackend.None);
        _tree.CreateDirectory($"{GpuTree.Folder(s_function)}/mdev_supported_types", 0);
        _tree.CreateDirectory($"{GpuTree.Folder(GpuTree.Gpu)}/mdev_supported_types", 0);
        Assert.Equal((VgpuBackend.None, true), (_devices.FindFunction(s_function)!.Backend,
            _devices.FindFunction(s_function)!.LacksTypes));
        Assert.False(_devices.GetGpus()[0].HasMediatedTypes);
    }

    [Fact]
    public void A_gpu_before_sriov_is_its_own_function()
    {
        GpuTree.AddTypes(_tree, GpuTree.Folder(GpuTree.Gpu), VgpuBackend.Mdev);
        var function = Assert.Single(_devices.GetFunctions(_devices.GetGpus()[0]));
        Assert.Equal(
            (GpuTree.Gpu, GpuTree.Gpu, VgpuBackend.Mdev), (function.Address, function.Parent, function.Backend));
    }

    [Fact]
    public void A_function_that_vanishes_midway_is_left_out()
    {
        GpuTree.Enable(_tree, 3, VgpuBackend.VendorVfio);
        _tree.DeleteTree(GpuTree.Folder(s_function));
        Assert.Equal(2, _devices.GetFunctions(_devices.GetGpus()[0]).Count);
        Assert.Null(_devices.FindFunction(s_function));
    }

    [Theory]
    [InlineData("0\n", null)]
    [InlineData("1147\n", 1147u)]
    public void The_type_set_now_is_read(string text, uint? type)
    {
        GpuTree.Enable(_tree, 1, VgpuBackend.VendorVfio);
        _tree[$"{GpuTree.Folder(s_function)}/nvidia/current_vgpu_type"] = text;
        Assert.Equal(type, _devices.FindFunction(s_function)!.CurrentType?.Value);
    }

    [Fact]
    public void A_type_that_is_no_number_is_unreadable()
    {
        GpuTree.Enable(_tree, 1, VgpuBackend.VendorVfio);
        _tree[$"{GpuTree.Folder(s_function)}/nvidia/current_vgpu_type"] = "what\n";
        Assert.Equal(
            ErrorIds.UnreadableData,
            Assert.Throws<UnreadableDataException>(() => _devices.FindFunction(s_function)).ErrorId);
    }

    [Theory]
    [InlineData(VgpuBackend.VendorVfio, 689u, true)]
    [InlineData(VgpuBackend.VendorVfio, 690u, false)]
    [InlineData(VgpuBackend.Mdev, 689u, true)]
    [InlineData(VgpuBackend.Mdev, 690u, false)]
    [InlineData(VgpuBackend.Mdev, 999u, false)]
    [InlineData(VgpuBackend.None, 689u, false)]
    public void What_can_be_created_is_what_the_kernel_shows(VgpuBackend backend, uint type, bool expected)
    {
        GpuTree.Enable(_tree, 1, backend);
        Assert.Equal(expected, _devices.IsCreatable(_devices.FindFunction(s_function)!, new VgpuTypeId(type)));
    }

    [Fact]
    public void Mediated_devices_are_found_by_uuid_and_on_their_function()
    {
        GpuTree.Enable(_tree, 2, VgpuBackend.Mdev);
        GpuTree.AddMediatedDevice(_tree, s_function, s_uuid);
        var expected = new MediatedDevice(s_uuid, s_type, s_function);
        Assert.Equal(expected, _devices.FindMediatedDevice(s_uuid));
        Assert.Equal(expected, Assert.Single(_devices.GetMediatedDevices()));
        Assert.Equal(expected, Assert.Single(_devices.GetFunctions(_devices.GetGpus()[0])[0].Devices));
        Assert.Empty(_devices.GetFunctions(_devices.GetGpus()[0])[1].Devices);
        Assert.Null(_devices.FindMediatedDevice(MdevUuid.ForVm(new VmId(102), 0)));
    }

    [Fact]
    public void A_mediated_device_is_created_on_its_type()
    {
        GpuTree.Enable(_tree, 1, VgpuBackend.Mdev);
        _devices.CreateMediatedDevice(_devices.FindFunction(s_function)!, s_type, s_uuid);
        Assert.Equal(
            ($"{GpuTree.Devices}/{s_function}/mdev_supported_types/nvidia-689/create", s_uuid.Value),
            Assert.Single(_tree.Writes));
    }

    [Theory]
    [InlineData("open", Errno.ENOENT, typeof(ObjectNotFoundException), ErrorIds.VgpuTypeNotFound)]
    [InlineData("write", Errno.EEXIST, typeof(ResourceBusyException), ErrorIds.ResourceBusy)]
    [InlineData("write", Errno.ENOSPC, typeof(CapacityException), ErrorIds.TypeNotCreatable)]
    [InlineData("write", Errno.EUSERS, typeof(CapacityException), ErrorIds.TypeNotCreatable)]
    [InlineData("write", Errno.EIO, typeof(NativeCallException), ErrorIds.NativeCallFailed)]
    [InlineData("write", Errno.EINVAL, typeof(NativeCallException), ErrorIds.NativeCallFailed)]
    [InlineData("write", Errno.ENOENT, typeof(NativeCallException), ErrorIds.NativeCallFailed)]
    [InlineData("open", Errno.EACCES, typeof(AccessDeniedException), ErrorIds.AccessDenied)]
    public void A_refused_creation_says_why(string operation, int errno, Type exception, string errorId)
    {
        GpuTree.Enable(_tree, 1, VgpuBackend.Mdev);
        var function = _devices.FindFunction(s_function)!;
        _tree.Fail(operation, $"{GpuTree.Devices}/{s_function}/mdev_supported_types/nvidia-689/create", errno);
        var failure = Assert.ThrowsAny<VgpuException>(() => _devices.CreateMediatedDevice(function, s_type, s_uuid));
        Assert.IsType(exception, failure);
        Assert.Equal((errorId, s_function.ToString()), (failure.ErrorId, failure.Target));
        Assert.Contains($"(errno {errno})", failure.Message, StringComparison.Ordinal);
        Assert.Contains(": ", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, null, 0, null)]
    [InlineData(true, "open", Errno.ENOENT, null)]
    [InlineData(true, "write", Errno.ENODEV, null)]
    [InlineData(true, "write", Errno.EIO, typeof(NativeCallException))]
    [InlineData(true, "open", Errno.EACCES, typeof(AccessDeniedException))]
    [InlineData(false, null, 0, typeof(HostTimeoutException))]
    public async Task Removing_a_mediated_device_ends_as_its_write_did(
        bool finished, string? operation, int errno, Type? exception)
    {
        GpuTree.Enable(_tree, 1, VgpuBackend.Mdev);
        GpuTree.AddMediatedDevice(_tree, s_function, s_uuid);
        _programs.WriteResult = new AttributeWriteResult(finished, operation, errno);
        _programs.OnWrite = () => _tree.DeleteTree($"/sys/bus/mdev/devices/{s_uuid}");
        var failure = await Record.ExceptionAsync(() => _devices.RemoveMediatedDeviceAsync(
            s_uuid, TimeSpan.FromSeconds(7), TestContext.Current.CancellationToken));
        Assert.Equal(exception, failure?.GetType());
        Assert.Equal(
            ($"/sys/bus/mdev/devices/{s_uuid}/remove", "1", TimeSpan.FromSeconds(7)), Assert.Single(_programs.Writes));
        if (failure is HostTimeoutException)
        {
            Assert.Contains("within 7 s: QEMU of VM 101", failure.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Whatever the kernel answers: a device that is there has not been removed.</summary>
    [Theory]
    [InlineData("write", Errno.ENODEV)]
    [InlineData("open", Errno.ENOENT)]
    public async Task An_answer_that_it_is_gone_is_not_believed_while_it_is_there(string operation, int errno)
    {
        GpuTree.Enable(_tree, 1, VgpuBackend.Mdev);
        GpuTree.AddMediatedDevice(_tree, s_function, s_uuid);
        _programs.WriteResult = new AttributeWriteResult(true, operation, errno);
        var failure = await Assert.ThrowsAsync<NativeCallException>(() => _devices.RemoveMediatedDeviceAsync(
            s_uuid, TimeSpan.FromSeconds(7), TestContext.Current.CancellationToken));
        Assert.Contains("was not removed", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removal_that_does_nothing_is_found()
    {
        GpuTree.Enable(_tree, 1, VgpuBackend.Mdev);
        GpuTree.AddMediatedDevice(_tree, s_function, s_uuid);
        var failure = await Assert.ThrowsAsync<NativeCallException>(() => _devices.RemoveMediatedDeviceAsync(
            s_uuid, TimeSpan.FromSeconds(7), TestContext.Current.CancellationToken));
        Assert.Equal(ErrorIds.ReadBackMismatch, failure.ErrorId);
    }

    [Fact]
    public void A_type_that_is_taken_and_not_set_is_found()
    {
        GpuTree.Enable(_tree, 1, VgpuBackend.VendorVfio);
        Assert.Equal(
            ErrorIds.ReadBackMismatch,
            Assert.Throws<NativeCallException>(() => _devices.SetType(s_function, s_type)).ErrorId);
    }

    [Fact]
    public async Task Removing_what_is_gone_does_nothing()
    {
        await _devices.RemoveMediatedDeviceAsync(
            s_uuid, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Empty(_programs.Writes);
    }

    [Theory]
    [InlineData(1147u, "1147")]
    [InlineData(null, "0")]
    public void A_type_is_written_as_its_bare_number(uint? type, string text)
    {
        GpuTree.Enable(_tree, 1, VgpuBackend.VendorVfio);
        _tree.OnWrite = (_, value) =>
            _tree[$"/sys/devices/pci0000:40/0000:40:01.1/{s_function}/nvidia/current_vgpu_type"] = value + "\n";
        _devices.SetType(s_function, type is { } id ? new VgpuTypeId(id) : null);
        Assert.Equal(($"{GpuTree.Devices}/{s_function}/nvidia/current_vgpu_type", text), Assert.Single(_tree.Writes));
    }

    [Theory]
    [InlineData("write", Errno.EIO, typeof(NativeCallException), "0x38")]
    [InlineData("write", Errno.EINVAL, typeof(NativeCallException), "journalctl -k -g NVRM")]
    [InlineData("write", Errno.EBUSY, typeof(ResourceBusyException), "qm list")]
    [InlineData("write", Errno.EPERM, typeof(AccessDeniedException), "root")]
    [InlineData("open", Errno.ENOENT, typeof(HostNotReadyException), "nvidia-vgpud")]
    public void A_refused_type_says_why(string operation, int errno, Type exception, string action)
    {
        GpuTree.Enable(_tree, 1, VgpuBackend.VendorVfio);
        _tree.Fail(operation, $"{GpuTree.Devices}/{s_function}/nvidia/current_vgpu_type", errno);
        var failure = Assert.ThrowsAny<VgpuException>(() => _devices.SetType(s_function, s_type));
        Assert.IsType(exception, failure);
        Assert.Contains($"(errno {errno})", failure.Message, StringComparison.Ordinal);
        Assert.Contains(action, failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_on_a_function_that_is_not_there_is_not_found() => Assert.Equal(
        ErrorIds.DeviceNotFound,
        Assert.Throws<ObjectNotFoundException>(() => _devices.SetType(s_function, s_type)).ErrorId);
}
