namespace VgpuPS.Lab.Files;

/// <summary><c>/sys</c> and <c>/proc</c>, computed for the path asked.</summary>
/// <remarks>Source: facts/host-behaviour.md 1, facts/linux-and-build.md B.4.</remarks>
internal sealed partial class LabKernelTree(LabHost host)
{
    private const int ReadOnlyMode = FileModes.Mode444;
    private const int WriteOnlyMode = FileModes.Mode200;
    private const int ReadWriteMode = FileModes.Mode644;

    /// <summary>The held device whose removal the last write began; null when it began none.</summary>
    public LabVgpu? Held { get; set; }

    private LabState State => host.State;

    private LabBackend Backend => State.Setup.Backend;

    private bool HasGroups => !State.Setup.IommuIsOff || State.Setup.GroupsWithoutIommu;

    private bool HasMdev => State.Gpus.Exists(gpu => gpu.Driver == "nvidia"
        && (gpu.Model.TotalFunctions == 0 || (Backend == LabBackend.Mdev && gpu.FunctionCount > 0)));

    public static bool Owns(string path) =>
        path is "/sys" or "/proc" or "/dev/nvidiactl" || path.StartsWith("/sys/", StringComparison.Ordinal)
        || path.StartsWith("/proc/", StringComparison.Ordinal);

    /// <summary>
    /// What a path names that leads through no link but that of a PCI device, as nearly every path does; null for all
    /// others, which have to be walked.
    /// </summary>
    public (LabTreeNode Node, string Path)? FindDirect(string path, bool followLast)
    {
        const string Devices = "/sys/bus/pci/devices/";
        if (path.Contains("/.", StringComparison.Ordinal))
        {
            return null;
        }

        LabTreeNode? node;
        var canonical = path;
        var end = path.StartsWith(Devices, StringComparison.Ordinal) ? path.IndexOf('/', Devices.Length) : -1;
        if (end > 0)
        {
            if (State.Bus.Find(path[Devices.Length..end]) is not { } function)
            {
                return null;
            }

            canonical = $"/sys/devices/{function.Bus}/{function.Text}{path.AsSpan(end)}";
            node = FindInDevice(function, path[(end + 1)..].Split('/'));
        }
        else
        {
            node = Find(path);
        }

        return node is null || (followLast && node.Target is not null) ? null : (node, canonical);
    }

    public LabTreeNode? Find(string path)
    {
        var parts = path.Split('/');
        return parts switch
        {
            ["", "sys"] => Folder("bus", "class", "devices", "firmware", "kernel", "module"),
            ["", "sys", "bus"] => HasMdev ? Folder("mdev", "pci") : Folder("pci"),
            ["", "sys", "bus", "pci"] => Folder("devices", "drivers", "drivers_probe"),
            ["", "sys", "bus", "pci", "devices"] => LabTreeNode.Folder(() => State.Bus.All.Select(f => f.Text)),
            ["", "sys", "bus", "pci", "devices", var address] => LinkTo("../../../devices", address),
            ["", "sys", "bus", "pci", "drivers_probe"] => Attribute(WriteOnlyMode, null, Probe),
            ["", "sys", "bus", "pci", "drivers", .. var rest] => FindDriver(rest),
            ["", "sys", "bus", "mdev", .. var rest] => HasMdev ? FindMdevBus(rest) : null,
            ["", "sys", "class"] => HasMdev ? Folder("iommu", "mdev_bus") : Folder("iommu"),
            ["", "sys", "class", "iommu"] => State.Setup.IommuIsOff ? Folder() : Folder("dmar0"),
            ["", "sys", "class", "iommu", "dmar0"] => State.Setup.IommuIsOff ? null : Folder(),
            ["", "sys", "class", "mdev_bus"] => HasMdev
                ? LabTreeNode.Folder(() => State.Bus.All.Where(f => f.OffersMdev(Backend)).Select(f => f.Text))
                : null,
            ["", "sys", "class", "mdev_bus", var address] =>
                State.Bus.Find(address)?.OffersMdev(Backend) == true ? LinkTo("../../devices", address) : null,
            ["", "sys", "devices"] =>
                LabTreeNode.Folder(() => State.Bus.All.Select(f => f.Bus).Distinct().Append("system")),
            ["", "sys", "devices", "system", .. var rest] => FindSystem(rest),
            ["", "sys", "devices", var bus] => FindBus(bus),
            ["", "sys", "devices", var bus, var address, .. var rest] =>
                State.Bus.Find(address) is { } function && function.Bus == bus
                    ? FindInDevice(function, rest)
                    : null,
            ["", "sys", "firmware", .. var rest] => FindFirmware(rest),
            ["", "sys", "module", .. var rest] => FindModule(rest),
            ["", "sys", "kernel"] => Folder("iommu_groups"),
            ["", "sys", "kernel", "iommu_groups", .. var rest] => FindGroup(rest),
            ["", "proc", .. var rest] => FindProc(rest),
            ["", "dev", "nvidiactl"] => State.DriverIsLoaded ? Text("") : null,
            _ => null,
        };
    }

    private static LabTreeNode Folder(params string[] names) => LabTreeNode.Folder(() => names);

    private static LabTreeNode Text(string text, int mode = ReadOnlyMode) => Attribute(mode, () => text + "\n", null);

    private static LabTreeNode Attribute(int mode, Func<string>? read, Action<string>? write) => new()
    {
        Mode = mode,
        Read = read is null ? null : () => Encoding.ASCII.GetBytes(read()),
        Write = write,
    };

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A number as the kernel reads it: decimal, 0x or 0 and octal, with a plus at most; null for anything
    /// else.</summary>
    /// <remarks>Source: kernel, lib/kstrtox.c with base 0; measured on kernel 6.12: -1 is EINVAL.</remarks>
    private static ulong? ParseNumber(string text)
    {
        var digits = text.StartsWith('+') ? text[1..] : text;
        try
        {
            return digits.Length == 0 || !char.IsAsciiDigit(digits[0]) ? null
                : digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? Convert.ToUInt64(digits, 16)
                : digits[0] == '0' ? Convert.ToUInt64(digits, 8)
                : ulong.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    private LabTreeNode? LinkTo(string devices, string address) =>
        State.Bus.Find(address) is { } function
            ? LabTreeNode.Link($"{devices}/{function.Bus}/{function.Text}")
            : null;

    private LabTreeNode? FindBus(string bus)
    {
        return State.Bus.All.Any(f => f.Bus == bus)
            ? LabTreeNode.Folder(() => State.Bus.All.Where(f => f.Bus == bus).Select(f => f.Text))
            : null;
    }

    // One group a function; its number is the routing id (assumed: any number will do).
    private LabTreeNode? FindGroup(string[] rest)
    {
        if (!HasGroups)
        {
            return rest.Length == 0 ? Folder() : null;
        }

        if (rest.Length == 0)
        {
            return LabTreeNode.Folder(() => State.Bus.All.Select(f => Number(f.Address.RoutingId)));
        }

        var function = State.Bus.All.FirstOrDefault(f => Number(f.Address.RoutingId) == rest[0]);
        return (function, rest) switch
        {
            (null, _) => null,
            (_, [_]) => Folder("devices"),
            (_, [_, "devices"]) => Folder(function.Text),
            (_, [_, "devices", var address]) when address == function.Text => LinkTo("../../../../devices", address),
            _ => null,
        };
    }

    // Source: proc_locks(5), as in facts/proxmox.md (a).
    private string DescribeLocks()
    {
        var text = new StringBuilder();
        var number = 0;
        foreach (var held in State.Locks.Where(held => LabPids.IsAlive(held.Pid)))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{++number}: FLOCK  ADVISORY  "
                    + $"{(held.IsShared ? "READ " : "WRITE")} {held.Pid} 00:1a:{held.Inode} 0 EOF\n");
        }

        return text.ToString();
    }
}
