using System.Text;

namespace VgpuPS.Host.Sysfs;

/// <summary>Reads attributes and links; what is not there, or disappears while it is read, is null.</summary>
internal sealed class SysfsReader(IHostFiles files)
{
    // An attribute of the kernel is at most one page; creatable_vgpu_types is the longest.
    private const int PageLimit = 64 * 1024;

    public byte[]? ReadBytes(string path) => Ask(path, () => files.Read(path, PageLimit));

    public string? ReadText(string path) => ReadBytes(path) is { } bytes
        ? Encoding.ASCII.GetString(bytes).Trim() : null;

    public int? ReadNumber(string path)
    {
        var text = ReadText(path);
        if (text is null)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Unreadable(path, text, "a number");
    }

    public int? ReadHex(string path)
    {
        var text = ReadText(path);
        if (text is null)
        {
            return null;
        }

        var digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Unreadable(path, text, "a hexadecimal number");
    }

    public string? ReadLinkName(string path)
    {
        var target = ReadLink(path);
        return target?[(target.LastIndexOf('/') + 1)..];
    }

    public PciAddress? ReadLinkAddress(string path) =>
        PciAddress.TryParse(ReadLinkName(path), out var address) ? address : null;

    public string? ReadLink(string path) => Ask(path, () => files.ReadLink(path)?.TrimEnd('/'));

    public IReadOnlyList<string> List(string path) => Ask(path, () => files.List(path)) ?? [];

    public bool Exists(string path) => Ask(path, () => files.GetInfo(path)) is not null;

    public static UnreadableDataException Unreadable(string path, string text, string wanted) =>
        new(ErrorIds.UnreadableData, $"{path} reads '{text}', which is not {wanted}",
            $"look at it and at the driver's log: cat {path}; journalctl -k -g NVRM", path);

    private static T? Ask<T>(string path, Func<T?> ask)
        where T : class
    {
        try
        {
            return ask();
        }
        catch (HostFileException failure) when (IsGone(failure.Number))
        {
            return null;
        }
        catch (HostFileException failure) when (failure.Number is Errno.EACCES or Errno.EPERM)
        {
            throw new AccessDeniedException(
                ErrorIds.AccessDenied,
                $"the kernel refused {failure.Operation} of {path}: {Errno.Describe(failure.Number)}",
                "run the command as root: su -", path, failure);
        }
        catch (HostFileException failure)
        {
            throw new NativeCallException(
                ErrorIds.NativeCallFailed,
                $"the kernel refused {failure.Operation} of {path}: {Errno.Describe(failure.Number)}",
                "see what the driver reports about it: journalctl -k -b", failure.Operation, failure.Number, path,
                failure);
        }
    }

    // ENXIO is what the driver answers for attributes of a function without a vGPU, ENODEV what the kernel answers for
    // an attribute whose device is being taken away.
    private static bool IsGone(int errno) =>
        errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ENODEV or Errno.ENXIO;
}

/// <summary>Where the kernel keeps what the adapters read and write.</summary>
/// <remarks>Source: facts/host-behaviour.md 1, facts/linux-and-build.md B.4.</remarks>
internal static class SysfsPaths
{
    public const string Devices = "/sys/bus/pci/devices";
    public const string MediatedDevices = "/sys/bus/mdev/devices";
    public const string Iommu = "/sys/class/iommu";
    public const string DriverModule = "/sys/module/nvidia";
    public const string DriverNode = "/dev/nvidiactl";

    public static string Device(PciAddress address) => $"{Devices}/{address}";

    public static string Of(PciAddress address, string attribute) => $"{Devices}/{address}/{attribute}";

    public static string Type(PciAddress address, VgpuTypeId type) =>
        $"{Devices}/{address}/mdev_supported_types/{type.MdevName}";

    public static string CurrentType(PciAddress address) => Of(address, "nvidia/current_vgpu_type");

    public static string CreatableTypes(PciAddress address) => Of(address, "nvidia/creatable_vgpu_types");

    public static string Parameters(PciAddress function, MdevUuid? uuid) =>
        uuid is { } device ? $"{MediatedDevice(device)}/nvidia/vgpu_params" : Of(function, "nvidia/vgpu_params");

    public static string MediatedDevice(MdevUuid uuid) => $"{MediatedDevices}/{uuid}";
}

/// <summary>The links <c>virtfnN</c> of a physical function.</summary>
/// <remarks>
/// Source: facts/host-behaviour.md 1.1: addresses differ by board and must be read; the list's order is lexicographic
/// (virtfn0, virtfn1, virtfn10 …).
/// </remarks>
internal static class VirtualFunctionLinks
{
    private const string Prefix = "virtfn";

    public static PciAddress? Read(SysfsReader reader, PciAddress physicalFunction, int index) =>
        reader.ReadLinkAddress(SysfsPaths.Of(
            physicalFunction, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{index}")));

    public static IReadOnlyList<(int Index, PciAddress Address)> Read(SysfsReader reader, PciAddress physicalFunction)
    {
        var links = new List<(int Index, PciAddress Address)>();
        foreach (var name in reader.List(SysfsPaths.Device(physicalFunction)))
        {
            if (name.StartsWith(Prefix, StringComparison.Ordinal)
                && int.TryParse(
                    name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                && reader.ReadLinkAddress(SysfsPaths.Of(physicalFunction, name)) is { } address)
            {
                links.Add((index, address));
            }
        }

        links.Sort((left, right) => left.Index.CompareTo(right.Index));
        return links;
    }
}
