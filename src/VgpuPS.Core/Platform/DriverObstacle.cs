using System.Text.RegularExpressions;

namespace VgpuPS.Core.Platform;

/// <summary>Something that keeps NVIDIA's driver from its GPUs at a boot.</summary>
/// <param name="IsBlock">Whether it keeps the module from loading; else it gives a GPU to another driver.</param>
/// <param name="Place">The file, or the kernel command line.</param>
/// <param name="Line">Line of the file, from 1; null on the kernel command line.</param>
/// <param name="Text">The line or word.</param>
/// <param name="IsOurs">Whether Initialize-VgpuHost takes it out.</param>
public sealed record DriverObstacle(bool IsBlock, string Place, int? Line, string Text, bool IsOurs)
{
    /// <summary>For display: <c>/etc/modprobe.d/x.conf, line 3: blacklist nvidia</c>.</summary>
    public string Description => Line is { } line
        ? string.Create(CultureInfo.InvariantCulture, $"{Place}, line {line}: {Text}") : $"{Place}: {Text}";
}

/// <summary>Finds everything that keeps NVIDIA's driver from its GPUs, in all its places.</summary>
/// <remarks>
/// Source: kernel-parameters.txt for the blacklist of the kernel itself; modprobe.d(5) and modprobe(8)
/// (modprobe.blacklist, blacklist, install, softdep, alias); vfio-pci's parameter ids, pci-stub's ids, xen-pciback's
/// hide; drivers/pci/pci-pf-stub.c, which a script binds by driver_override or new_id; dracut.cmdline(7)
/// (rd.driver.blacklist), udev(7); kernel, PCI's driver_override; driverctl(8); initramfs-tools(7),
/// its file modules and folder scripts. A module's name has <c>-</c> and <c>_</c> for the same.
/// </remarks>
public static partial class DriverObstacles
{
    private const string Vendor = "10de";

    private static readonly string[] s_modules = ["nvidia", "nvidia_vgpu_vfio", "nvidia_drm", "nvidia_modeset",
        "nvidia_uvm"];
    private static readonly string[] s_blacklistKeys = ["modprobe.blacklist", "module_blacklist", "rd.driver.blacklist",
        "rdblacklist"];
    private static readonly string[] s_idKeys = ["vfio_pci.ids", "pci_stub.ids"];
    private static readonly string[] s_hideKeys = ["xen_pciback.hide", "pciback.hide"];

    // Drivers that take a device for somebody else.
    private static readonly string[] s_takers =
        ["vfio_pci", "pci_stub", "pci_pf_stub", "xen_pciback", "pciback", "uio_pci_generic", "igb_uio"];

    /// <summary>Name of the kernel command line as a place.</summary>
    public const string CommandLine = "kernel command line";

    /// <summary>Changes of words that keep the IOMMU off or NVIDIA's driver from its GPUs.</summary>
    /// <param name="words">A command line.</param>
    /// <param name="kept">PCI device ids that stay with vfio-pci, since a VM has such a GPU as a whole.</param>
    public static IReadOnlyList<WordChange> FindChanges(IEnumerable<string> words, IReadOnlySet<int> kept) =>
        [.. words.Distinct(StringComparer.Ordinal).Select(w => FindChange(w, kept)).OfType<WordChange>()];

    /// <summary>Words on a command line that keep NVIDIA's driver from its GPUs.</summary>
    public static IReadOnlyList<DriverObstacle> FindInWords(IEnumerable<string> words, IReadOnlySet<int> kept) =>
    [
        .. words.Distinct(StringComparer.Ordinal)
            .Where(w => !KernelCommandLine.IsOff(w) && FindChange(w, kept) is not null)
            .Select(
                w => new DriverObstacle(s_blacklistKeys.Contains(KernelCommandLine.Key(w)), CommandLine, null, w,
                    new WordChange(w, null).IsPlain)),
    ];

    /// <summary>Words on a command line that hide GPUs of this host from their driver, by address.</summary>
    private static IEnumerable<DriverObstacle> FindHiding(
        IEnumerable<string> words, IReadOnlyList<PciAddress> gpus) => words.Distinct(StringComparer.Ordinal)
            .Where(w => s_hideKeys.Contains(KernelCommandLine.Key(w).Replace('-', '_')) && Names(w, gpus))
            .Select(w => new DriverObstacle(false, CommandLine, null, w, false));

    /// <summary>Lines in files that keep NVIDIA's driver from its GPUs.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="gpus">The host's GPUs.</param>
    /// <param name="kept">PCI device ids that stay with vfio-pci.</param>
    public static IReadOnlyList<DriverObstacle> FindInFile(
        string path, string text, IReadOnlyList<PciAddress> gpus, IReadOnlySet<int> kept)
    {
        var isOptions = path.Contains("/modprobe.d/", StringComparison.Ordinal);
        var found = new List<DriverObstacle>();
        foreach (var (line, number, isPlain) in JoinLines(text))
        {
            var trimmed = line.Trim();
            if (trimmed.Length == 0 || trimmed[0] == '#')
            {
                continue;
            }

            var isBlock = isOptions ? FindOption([.. KernelCommandLine.Words(trimmed)], kept)
                : GivesAway(path, trimmed, text, gpus, kept) ? false : (bool?)null;
            if (isBlock is not null)
            {
                var isOurs = isOptions && isPlain && path.StartsWith("/etc/", StringComparison.Ordinal)
                    && CanBeTakenOut(trimmed);
                found.Add(new DriverObstacle(isBlock.Value, path, number, trimmed, isOurs));
            }
        }

        return found;
    }

    /// <summary>Everything on a host, words on the kernel command line first.</summary>
    /// <param name="facts">The host.</param>
    /// <param name="gpus">Its GPUs.</param>
    /// <param name="kept">PCI device ids that stay with vfio-pci.</param>
    public static IReadOnlyList<DriverObstacle> Find(
        HostFacts facts, IReadOnlyList<PciAddress> gpus, IReadOnlySet<int> kept)
    {
        var boot = facts.Boot.Value;
        var words = boot.Loader == BootLoader.SystemdBoot || boot.Grub is { IsRead: true, Value.Fault: null }
            ? boot.ConfiguredWords : [];
        return
        [
            .. FindInWords(KernelCommandLine.Words(boot.Running).Concat(words), kept),
            .. FindHiding(KernelCommandLine.Words(boot.Running).Concat(words), gpus),
            .. facts.ModuleOptions.Value.Concat(facts.BindingFiles.Value)
                .SelectMany(f => FindInFile(f.Path, f.Text, gpus, kept)),
        ];
    }

    /// <summary>A file of module options with lines commented out.</summary>
    public static string TakeOut(string text, IReadOnlyCollection<int> lines) =>
        string.Join('\n', text.Split('\n').Select(
        (line, index) => lines.Contains(index + 1) ? $"# taken out by Initialize-VgpuHost: {line}" : line));

    private static WordChange? FindChange(string word, IReadOnlySet<int> kept)
    {
        var key = KernelCommandLine.Key(word);
        Func<string, bool>? isGone = KernelCommandLine.IsOff(word) ? v => v == "off"
            : s_blacklistKeys.Contains(key) ? IsModule
            : s_idKeys.Contains(key.Replace('-', '_')) ? v => IsGpu(v, kept)
            : null;
        return isGone is not null && KernelCommandLine.Values(word).Any(isGone)
            ? new WordChange(word, KernelCommandLine.Without(word, isGone)) : null;
    }

    private static bool IsModule(string name) => s_modules.Contains(name.Replace('-', '_'));

    /// <summary>Whether an id, <c>10de:20b7</c> with more parts behind it or not, is of a GPU that no VM has as a
    /// whole.</summary>
    private static bool IsGpu(string id, IReadOnlySet<int> kept)
    {
        var parts = id.Trim('"').Split(':');
        return parts[0].Equals(Vendor, StringComparison.OrdinalIgnoreCase)
            && !(parts.Length > 1
                && int.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var device)
                && kept.Contains(device));
    }

    private static bool? FindOption(string[] words, IReadOnlySet<int> kept) => words switch
    {
        ["blacklist", var module, ..] when IsModule(module) => true,
        ["install", var module, .. var command]
            when IsModule(module) && !command.Any(w => w.EndsWith("modprobe", StringComparison.Ordinal)) => true,
        ["softdep", var module, .. var others] when IsModule(module) && others.Any(IsTaker) => false,
        ["alias", var module, "off"] when IsModule(module) => true,
        ["alias", var alias, var module]
            when IsTaker(module) && alias.StartsWith("pci:v000010DE", StringComparison.OrdinalIgnoreCase) => false,
        ["options", var module, .. var values] when IsTaker(module) && HasIds(values, kept) => false,
        _ => null,
    };

    private static bool HasIds(IEnumerable<string> values, IReadOnlySet<int> kept) =>
        values.Any(v => v.StartsWith("ids=", StringComparison.Ordinal)
            && KernelCommandLine.Values(v).Any(id => IsGpu(id, kept)));

    private static bool IsTaker(string module) => s_takers.Contains(module.Replace('-', '_'));

    private static bool NamesTaker(string text) => s_takers.Any(t => text.Replace('-', '_')
        .Contains(t, StringComparison.Ordinal));

    // What else a line does is for the admin to judge.
    private static bool CanBeTakenOut(string line) => KernelCommandLine.Words(line).ToArray() switch
    {
        ["blacklist", _] => true,
        ["install", _, "/bin/false" or "/bin/true" or "/usr/bin/false" or "/usr/bin/true" or ":"] => true,
        ["options", _, .. var values] => values.All(v => !v.StartsWith("ids=", StringComparison.Ordinal)
            || KernelCommandLine.Values(v).All(id => id.StartsWith(Vendor, StringComparison.OrdinalIgnoreCase))),
        _ => false,
    };

    /// <summary>Whether a line of a udev rule, a script, a unit or a list of modules gives a GPU of this host
    /// away.</summary>
    private static bool GivesAway(
        string path, string line, string text, IReadOnlyList<PciAddress> gpus, IReadOnlySet<int> kept)
    {
        if (path.StartsWith("/etc/driverctl.d/", StringComparison.Ordinal))
        {
            return IsTaker(line) && Names(path, gpus);
        }

        if (path.StartsWith("/sys/bus/pci/devices/", StringComparison.Ordinal))
        {
            return line is not ("(null)" or "nvidia") && Names(path, gpus);
        }

        var words = KernelCommandLine.Words(line);
        if (words.Count > 0 && IsTaker(words[0]))
        {
            return HasIds(words.Skip(1), kept);
        }

        var gives = line.Contains("driver_override", StringComparison.Ordinal)
            ? NamesTaker(text)
                && !line.Contains("driver_override}==", StringComparison.Ordinal)
            : line.Split("/bus/pci/drivers/").Skip(1).Any(rest => IsTaker(rest.Split('/')[0])
                && rest.Split('/') is [_, ['b', 'i', 'n', 'd', ..] or ['n', 'e', 'w', '_', 'i', 'd', ..], ..]);
        return gives && !line.StartsWith("Description=", StringComparison.Ordinal)
            && (Concerns(line, gpus) ?? Concerns(text, gpus) ?? true);
    }

    /// <summary>Whether a text is about GPUs of this host; null where it names no device at all.</summary>
    private static bool? Concerns(string text, IReadOnlyList<PciAddress> gpus) =>
        Address().IsMatch(text) ? Names(text, gpus)
        : VendorId().Matches(text) is { Count: > 0 } vendors
            ? vendors.Any(v => v.Value.Contains(Vendor, StringComparison.OrdinalIgnoreCase))
        : null;

    private static bool Names(string text, IReadOnlyList<PciAddress> gpus) => Address().Matches(text)
        .Any(a => gpus.Any(g => a.Value.StartsWith($"{g}"[..^1], StringComparison.OrdinalIgnoreCase)
            || $"0000:{a.Value}".StartsWith($"{g}"[..^1], StringComparison.OrdinalIgnoreCase)));

    /// <summary>Logical lines with the number of their first one, and whether they are one line only.</summary>
    private static IEnumerable<(string Text, int Number, bool IsPlain)> JoinLines(string text)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var (first, joined) = (i, lines[i].TrimEnd('\r'));
            while (joined.EndsWith('\\') && i + 1 < lines.Length)
            {
                joined = joined[..^1] + ' ' + lines[++i].TrimEnd('\r');
            }

            yield return (joined, first + 1, i == first);
        }
    }

    [GeneratedRegex("(?:[0-9a-fA-F]{4}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7*]", RegexOptions.CultureInvariant)]
    private static partial Regex Address();

    [GeneratedRegex(
        "(?:0x|v0000)(?:10de|8086|1002|1022|15b3)|\\b10de\\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex VendorId();
}
