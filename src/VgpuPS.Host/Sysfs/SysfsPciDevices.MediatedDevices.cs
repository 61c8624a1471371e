namespace VgpuPS.Host.Sysfs;

public sealed partial class SysfsPciDevices
{
    private const string TypePrefix = "nvidia-";

    /// <summary>All mediated devices on PCI devices, by UUID.</summary>
    public IReadOnlyList<MediatedDevice> GetMediatedDevices()
    {
        var devices = new List<MediatedDevice>();
        foreach (var name in _reader.List(SysfsPaths.MediatedDevices))
        {
            if (MdevUuid.TryParse(name, out var uuid) && FindMediatedDevice(uuid) is { } device)
            {
                devices.Add(device);
            }
        }

        devices.Sort((orphan, right) => string.CompareOrdinal(orphan.Uuid.Value, right.Uuid.Value));
        return devices;
    }

    /// <summary>A mediated device by UUID, wherever it is; null when none is to be seen on a PCI device.</summary>
    /// <param name="uuid">Its UUID.</param>
    public MediatedDevice? FindMediatedDevice(MdevUuid uuid)
    {
        // ../../../devices/pci0000:40/0000:40:01.1/0000:41:00.4/UUID
        var parts = _reader.ReadLink(SysfsPaths.MediatedDevice(uuid))?.Split('/');
        return parts is { Length: >= 2 } && PciAddress.TryParse(parts[^2], out var parent)
            ? new MediatedDevice(uuid, ReadMediatedType(uuid), parent)
            : null;
    }

    /// <summary>Creates a mediated device by writing its UUID to the type's <c>create</c>.</summary>
    /// <param name="function">The function.</param>
    /// <param name="type">The type.</param>
    /// <param name="uuid">The UUID.</param>
    /// <exception cref="ObjectNotFoundException">The function does not offer the type.</exception>
    /// <exception cref="ResourceBusyException">The UUID is taken, here or on another function.</exception>
    /// <exception cref="CapacityException">The type has no instance left on that function.</exception>
    /// <exception cref="NativeCallException">The kernel or the driver refused otherwise.</exception>
    public void CreateMediatedDevice(VirtualFunction function, VgpuTypeId type, MdevUuid uuid)
    {
        try
        {
            files.WriteAttribute($"{SysfsPaths.Type(function.Address, type)}/create", uuid.Value);
        }
        catch (HostFileException failure)
        {
            throw MediatedDeviceErrors.ForCreate(function.Address, type, uuid, failure);
        }
    }

    /// <summary>
    /// Removes a mediated device in a child process, since the write blocks while a process holds it.
    /// </summary>
    /// <param name="uuid">Its UUID.</param>
    /// <param name="deadline">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HostTimeoutException">A process still holds it when the time is up.</exception>
    public async Task RemoveMediatedDeviceAsync(
        MdevUuid uuid, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var device = SysfsPaths.MediatedDevice(uuid);
        if (_reader.ReadLink(device) is null && !_reader.Exists(device))
        {
            return;
        }

        var parent = FindMediatedDevice(uuid)?.Parent;
        ClearParameters(parent ?? default, uuid);
        var result = await processes
            .WriteAttributeAsync($"{device}/remove", "1", deadline, cancellationToken).ConfigureAwait(false);
        if (!result.Finished)
        {
            throw MediatedDeviceErrors.StillHeld(uuid, parent, deadline);
        }

        // The entry disappears before the write returns (facts/linux-and-build.md B.3). ENOENT from open: it was gone
        // by then. ENODEV from write: another one removes it. Neither is believed while the entry is there.
        var isThere = _reader.ReadLink(device) is not null;
        var mayBeGone = (result.Operation, result.Errno) is ("open", Errno.ENOENT) or ("write", Errno.ENODEV);
        if (result.Errno != 0 && (isThere || !mayBeGone))
        {
            throw MediatedDeviceErrors.ForRemove(uuid, parent, result.Operation ?? "write", result.Errno);
        }

        if (isThere)
        {
            throw MediatedDeviceErrors.NotRemoved(uuid, parent);
        }
    }

    private VgpuTypeId? ReadMediatedType(MdevUuid uuid)
    {
        var name = _reader.ReadLinkName($"{SysfsPaths.MediatedDevice(uuid)}/mdev_type");
        return name is not null && name.StartsWith(TypePrefix, StringComparison.Ordinal)
            && VgpuTypeId.TryParse(name[TypePrefix.Length..], out var type)
            ? type
            : null;
    }
}

/// <summary>What a refused write to a mediated device means, and what to do.</summary>
/// <remarks>Source: facts/linux-and-build.md B.3 (errnos by system call), facts/errors.md D1, D4, D6-D8.</remarks>
internal static class MediatedDeviceErrors
{
    private const string ReadDriverLog = "see what the driver reports: journalctl -k -g NVRM";

    public static VgpuException ForCreate(
        PciAddress function, VgpuTypeId type, MdevUuid uuid, HostFileException failure)
    {
        var errno = failure.Number;
        var target = function.ToString();
        var fact = $"{failure.Operation} of {failure.Path}: {Errno.Describe(errno)}";
        return (failure.Operation, errno) switch
        {
            ("open", Errno.ENOENT) => new ObjectNotFoundException(
                ErrorIds.VgpuTypeNotFound, $"{function} does not offer the type {type.MdevName} ({fact})",
                $"list its types: ls /sys/bus/pci/devices/{function}/mdev_supported_types", target, failure),
            (_, Errno.EEXIST) => new ResourceBusyException(
                ErrorIds.ResourceBusy,
                $"a mediated device with the UUID {uuid} exists, or is still being removed ({fact})",
                $"see where it is, and stop the VM that holds it: ls -l /sys/bus/mdev/devices/{uuid}; qm stop <vmid>",
                target, failure),
            (_, Errno.ENOSPC or Errno.EUSERS) => new CapacityException(
                ErrorIds.TypeNotCreatable, $"{function} has no instance of {type.MdevName} left ({fact})",
                "see what is taken and what can be created: nvidia-smi vgpu; nvidia-smi vgpu -c", target,
                failure),
            (_, Errno.EACCES or Errno.EPERM) => Denied(fact, target, failure),
            _ => new NativeCallException(
                ErrorIds.NativeCallFailed,
                $"the driver refused to create {type.MdevName} with the UUID {uuid} on {function} ({fact})",
                ReadDriverLog + "; nvidia-smi vgpu -c", failure.Operation, errno, target, failure),
        };
    }

    public static VgpuException ForRemove(MdevUuid uuid, PciAddress? parent, string operation, int errno)
    {
        var fact = $"{operation} of {SysfsPaths.MediatedDevice(uuid)}/remove: {Errno.Describe(errno)}";
        return errno is Errno.EACCES or Errno.EPERM
            ? Denied(fact, uuid.Value, null)
            : new NativeCallException(
                ErrorIds.NativeCallFailed, $"the mediated device {uuid} on {Name(parent)} was not removed ({fact})",
                $"{ReadDriverLog}; ls -l {SysfsPaths.MediatedDevice(uuid)}", operation, errno, uuid.Value);
    }

    public static NativeCallException NotRemoved(MdevUuid uuid, PciAddress? parent) => new(
        ErrorIds.ReadBackMismatch,
        $"the kernel accepted the removal of the mediated device {uuid} on {Name(parent)}, and it is still there",
        $"{ReadDriverLog}; ls -l {SysfsPaths.MediatedDevice(uuid)}", "write", 0, uuid.Value);

    public static HostTimeoutException StillHeld(MdevUuid uuid, PciAddress? parent, TimeSpan deadline)
    {
        var holder = uuid.Guest is { } owner ? $"QEMU of VM {owner.Vm} may hold it" : "a process holds it";
        var seconds = deadline.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
        return new HostTimeoutException(
            ErrorIds.Timeout,
            $"the mediated device {uuid} on {Name(parent)} was not removed within {seconds} s: {holder}",
            uuid.Guest is { } vm
                ? $"see what holds it, and stop the VM: qm status {vm.Vm}; fuser -v /dev/vfio/*; qm stop {vm.Vm}"
                : "find the process and stop it: fuser -v /dev/vfio/*",
            uuid.Value);
    }

    private static AccessDeniedException Denied(string fact, string target, Exception? inner) =>
        new(ErrorIds.AccessDenied, $"the kernel refused for lack of permission ({fact})",
            "run the command as root: su -", target, inner);

    private static string Name(PciAddress? parent) => parent?.ToString() ?? "an unknown function";
}
