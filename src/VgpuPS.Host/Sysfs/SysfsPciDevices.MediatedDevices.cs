using VgpuPS.Core.Errors;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Vgpu;
using VgpuPS.Host.Seams;

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

        devices.Sort((left, right) => string.CompareOrdinal(left.Uuid.Value, right.Uuid.Value));
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

    /// <summary>Removes a mediated device in a child process, since the write blocks while somebody holds it.</summary>
    /// <param name="uuid">Its UUID.</param>
    /// <param name="deadline">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HostTimeoutException">Somebody still holds it when the time is up.</exception>
    public async Task RemoveMediatedDeviceAsync(
        MdevUuid uuid, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var device = SysfsPaths.MediatedDevice(uuid);
        if (_reader.ReadLink(device) is null && !_reader.Exists(device))
        {
            return;
        }

        var parent = FindMediatedDevice(uuid)?.Parent;
        var result = await processes
            .WriteAttributeAsync($"{device}/remove", "1", deadline, cancellationToken).ConfigureAwait(false);
        if (!result.Finished)
        {
            throw MediatedDeviceErrors.StillHeld(uuid, parent, deadline);
        }

        // ENOENT from open: gone between the look and the write. ENODEV from write: the kernel is removing it already.
        var isGone = (result.Operation, result.Errno) is ("open", Errno.ENOENT) or ("write", Errno.ENODEV);
        if (result.Errno != 0 && !isGone)
        {
            throw MediatedDeviceErrors.ForRemove(uuid, parent, result.Operation ?? "write", result.Errno);
        }

        // The entry vanishes before the write returns (facts/linux-and-build.md B.3).
        if (result.Errno == 0 && _reader.ReadLink(device) is not null)
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
