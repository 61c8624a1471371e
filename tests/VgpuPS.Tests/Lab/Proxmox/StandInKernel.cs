using System.Globalization;
using System.Text.Json.Nodes;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Tests.Lab.Proxmox;

/// <summary>The recordings' kernel: mediated devices, driver binding, and otherwise plain files.</summary>
internal sealed class StandInKernel
{
    private const string Devices = "/sys/bus/pci/devices/";
    private const string Mdevs = "/sys/bus/mdev/devices/";
    private const string Drivers = "/sys/bus/pci/drivers/";

    private readonly FlatFiles _files;
    private readonly LabTimeline _timeline;
    private readonly List<FailingWrite> _failing;

    public StandInKernel(FlatFiles files, LabTimeline timeline, JsonArray? failWrites)
    {
        _files = files;
        _timeline = timeline;
        _failing = [.. (failWrites ?? []).Select(rule => new FailingWrite(
            (string)rule!["path"]!, (string)rule["value"]!, (int?)rule["times"] ?? int.MaxValue))];
        files.AttributeWrite = WriteForProxmox;
    }

    /// <summary>A write of anybody, such as the hook: never made to fail by the scenario.</summary>
    public void Write(string path, string value)
    {
        var parts = path.Split('/');
        switch (parts[^1])
        {
            case "create" when path.Contains("/mdev_supported_types/", StringComparison.Ordinal):
                CreateMdev(path, parts[5], parts[^2], value);
                break;
            case "remove" when path.StartsWith(Mdevs, StringComparison.Ordinal):
                RemoveMdev(parts[5], byDriver: false);
                break;
            case "unbind":
                Unbind(value);
                break;
            case "bind" when path.StartsWith(Drivers, StringComparison.Ordinal):
                Bind(value, parts[^2]);
                break;
            case "new_id":
                break;
            default:
                _files.SetAttribute(path, value);
                break;
        }
    }

    /// <summary>The driver removes all mediated devices of a VM.</summary>
    public void RemoveMdevsOf(string vm)
    {
        foreach (var uuid in (_files.List(Mdevs.TrimEnd('/')) ?? [])
            .Where(uuid => uuid.EndsWith(vm.PadLeft(12, '0'), StringComparison.Ordinal)))
        {
            RemoveMdev(uuid, byDriver: true);
        }
    }

    private void WriteForProxmox(string path, string value)
    {
        if (_failing.FirstOrDefault(rule => rule.TakesOne(path, value)) is not null)
        {
            throw new HostFileException("write", path, Errno.EIO);
        }

        Write(path, value);
    }

    private void CreateMdev(string path, string device, string type, string uuid)
    {
        if (_files.ReadLink(Mdevs + uuid) is not null)
        {
            throw new HostFileException("write", path, Errno.EEXIST);
        }

        if (!ChangeAvailable(device, type, -1))
        {
            throw new HostFileException("write", path, Errno.ENOSPC);
        }

        _files.Add($"{Devices}{device}/{uuid}/mdev_type", Link($"../mdev_supported_types/{type}"));
        _files.SetText($"{Devices}{device}/{uuid}/remove", "");
        _files.Add(Mdevs + uuid, Link($"../../pci/devices/{device}/{uuid}"));
        _timeline.Record("mdev-created", ("device", device), ("type", type), ("uuid", uuid));
    }

    private void RemoveMdev(string uuid, bool byDriver)
    {
        var device = _files.ReadLink(Mdevs + uuid)?.Split('/')[^2]
            ?? throw new HostFileException("open", Mdevs + uuid, Errno.ENOENT);
        var type = _files.ReadLink($"{Devices}{device}/{uuid}/mdev_type")!.Split('/')[^1];
        _files.RemoveTree($"{Devices}{device}/{uuid}");
        _files.RemoveTree(Mdevs + uuid);
        ChangeAvailable(device, type, 1);
        var entry = _timeline.Record("mdev-removed", ("device", device), ("type", type), ("uuid", uuid));
        if (byDriver)
        {
            entry["by"] = "driver";
        }
    }

    private bool ChangeAvailable(string device, string type, int change)
    {
        var path = $"{Devices}{device}/mdev_supported_types/{type}/available_instances";
        var available = int.Parse(_files.Text(path)!, CultureInfo.InvariantCulture) + change;
        if (available < 0)
        {
            return false;
        }

        _files.SetText(path, string.Create(CultureInfo.InvariantCulture, $"{available}\n"));
        return true;
    }

    private void Unbind(string device)
    {
        var driver = _files.ReadLink($"{Devices}{device}/driver")?.Split('/')[^1]
            ?? throw new HostFileException("write", device, Errno.ENODEV);
        _files.Delete($"{Devices}{device}/driver");
        _files.Delete($"{Drivers}{driver}/{device}");

        // What the driver had made on the device goes with it.
        _files.RemoveTree($"{Devices}{device}/nvidia");
        _timeline.Record("driver-unbound", ("device", device), ("driver", driver));
    }

    private void Bind(string device, string driver)
    {
        _files.Add($"{Devices}{device}/driver", Link($"../../drivers/{driver}"));
        _files.Add($"{Drivers}{driver}/{device}", Link($"../../devices/{device}"));
        _timeline.Record("driver-bound", ("device", device), ("driver", driver));
    }

    private static JsonObject Link(string target) => new() { ["link"] = target };

    private sealed class FailingWrite(string path, string value, int times)
    {
        private int _left = times;

        public bool TakesOne(string written, string text) =>
            written.Contains(path, StringComparison.Ordinal) && text == value && _left-- > 0;
    }
}
