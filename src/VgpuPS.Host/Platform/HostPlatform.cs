using VgpuPS.Core.Platform;
using VgpuPS.Host.State;
using VgpuPS.Host.Systemd;

namespace VgpuPS.Host.Platform;

/// <summary>Reads what lies below the GPUs: files of kernel and boot loader, packages, services, logs.</summary>
/// <param name="files">The host's files.</param>
/// <param name="processes">Runs <c>journalctl</c> and <c>dmesg</c>.</param>
/// <param name="options">Files of module options.</param>
/// <param name="services">The host's services.</param>
/// <remarks>Source: facts/proxmox.md (h), facts/host-behaviour.md 7 and 8; proc(5), efivarfs and sysfs of the
/// kernel.</remarks>
public sealed partial class HostPlatform(
    IHostFiles files, IProcessRunner processes, ModuleOptionFiles options, IHostServices services)
{
    private const string PciDevices = "/sys/bus/pci/devices";

    private readonly PlatformReader _reader = new(files);

    /// <summary>Reads all of it; what cannot be read says so when it is requested.</summary>
    public async Task<HostFacts> ReadAsync(CancellationToken cancellationToken)
    {
        var kernel = Facts.Read<string>(() => _reader.Text("/proc/sys/kernel/osrelease").Trim());
        var commandLine = Facts.Read<string>(() => _reader.Text("/proc/cmdline").Trim());
        var boot = await ReadBootAsync(commandLine, cancellationToken).ConfigureAwait(false);
        var units = await services.ReadAsync(s_units, cancellationToken).ConfigureAwait(false);
        return new HostFacts
        {
            Kernel = kernel,
            CommandLine = commandLine,
            Cpu = Facts.Read<CpuMaker>(ReadCpu),
            Modules = Facts.Read<IReadOnlyList<string>>(() =>
                [.. PlatformReader.Lines(_reader.Text("/proc/modules")).Select(l => l.Split(' ')[0])]),
            Boot = boot,
            Packages = Facts.Read<IReadOnlySet<string>>(ReadPackages),
            ModuleOptions = Facts.Read<IReadOnlyList<(string Path, string Text)>>(options.Read),
            BindingFiles = Facts.Read<IReadOnlyList<(string Path, string Text)>>(ReadBindingFiles),
            Driver = Facts.Read<DriverFacts>(ReadDriver),
            UnorderedSriovUnits = Facts.Read<IReadOnlyList<string>>(FindUnorderedUnits),
            KernelLog = await ReadKernelLogAsync(boot, cancellationToken).ConfigureAwait(false),
            Journals = await ReadJournalsAsync(units, cancellationToken).ConfigureAwait(false),
            Units = units,
        };
    }

    // Beside /etc/modprobe.d: where else a line may stand that gives a GPU to another driver or keeps the module out.
    private static readonly (string Folder, string End)[] s_bindingFolders =
    [
        ("/usr/lib/modprobe.d", ".conf"), ("/usr/local/lib/modprobe.d", ".conf"), ("/run/modprobe.d", ".conf"),
        ("/etc/udev/rules.d", ".rules"), ("/run/udev/rules.d", ".rules"), ("/usr/local/lib/udev/rules.d", ".rules"),
        ("/etc/driverctl.d", ""), ("/etc/modules-load.d", ".conf"), ("/etc/initramfs-tools/scripts/init-top", ""),
        ("/etc/initramfs-tools/scripts/init-premount", ""), ("/etc/systemd/system", ".service"), ("/usr/local/bin", ""),
        ("/usr/local/sbin", ""), ("/usr/local/lib/systemd/system", ".service"), ("/etc/cron.d", ""),
    ];

    private static readonly string[] s_bindingFiles = ["/etc/modules", "/etc/initramfs-tools/modules", "/etc/rc.local",
        "/etc/crontab"];

    private List<(string Path, string Text)> ReadBindingFiles()
    {
        const int Largest = 256 * 1024;
        return
        [
            .. s_bindingFolders.SelectMany(f => _reader.List(f.Folder)
                .Where(n => n.EndsWith(f.End, StringComparison.Ordinal)).Select(n => $"{f.Folder}/{n}"))
                .Concat(s_bindingFiles).Concat(ListOverrides())
                .Where(p => _reader.Info(p) is { Kind: HostFileKind.File, Size: <= Largest })
                .Select(p => (p, ReadOpen(p))),
        ];
    }

    // A script that only root may read is left out for others.
    private string ReadOpen(string path)
    {
        try
        {
            return _reader.FindText(path) ?? "";
        }
        catch (AccessDeniedException)
        {
            return "";
        }
    }

    /// <summary>What overrides the choice of a driver now, for NVIDIA's display devices.</summary>
    private IEnumerable<string> ListOverrides() => _reader.List(PciDevices).Select(n => $"{PciDevices}/{n}")
        .Where(d => _reader.FindText($"{d}/vendor")?.Trim() == "0x10de"
            && (_reader.FindText($"{d}/class") ?? "").StartsWith("0x03", StringComparison.Ordinal)
            && !_reader.Exists($"{d}/physfn"))
        .Select(d => $"{d}/driver_override");

    private CpuMaker ReadCpu()
    {
        var line = PlatformReader.Lines(_reader.Text("/proc/cpuinfo"))
            .FirstOrDefault(l => l.StartsWith("vendor_id", StringComparison.Ordinal));
        return line?.Split(':')[^1].Trim() switch
        {
            "GenuineIntel" => CpuMaker.Intel,
            "AuthenticAMD" => CpuMaker.Amd,
            _ => CpuMaker.Other,
        };
    }

    /// <summary>All packages that are fully installed, with their versions.</summary>
    /// <exception cref="UnreadableDataException">Their list cannot be read.</exception>
    public IReadOnlyList<InstalledPackage> ReadInstalled() => DpkgStatus.ReadInstalled(_reader.Bytes(DpkgStatus.Path));

    private HashSet<string> ReadPackages() => ReadInstalled()
        .Select(p => p.Name).ToHashSet(StringComparer.Ordinal);

    /// <remarks>Source: dkms(8), updates/dkms on Debian. Assumed: where the installer puts it without DKMS.</remarks>
    private static readonly string[] s_moduleFolders = ["updates/dkms", "updates", "kernel/drivers/video", "extra"];

    private DriverFacts ReadDriver()
    {
        var kernels = _reader.List("/lib/modules");
        return new DriverFacts(
            _reader.FindText("/sys/module/nvidia/version")?.Trim(),
            _reader.List("/usr/src").Where(
                n => n.StartsWith("nvidia-", StringComparison.Ordinal) && n.Length > 7 && char.IsAsciiDigit(n[7]))
                .Select(n => n["nvidia-".Length..]).Order(StringComparer.Ordinal).LastOrDefault(),
            _reader.Exists("/usr/bin/nvidia-vgpu-mgr") || _reader.Exists("/usr/bin/nvidia-vgpud"),
            _reader.Exists(VgpuPS.Host.Sysfs.SriovManage.Tool),
            [
                .. kernels.Where(k => s_moduleFolders.Any(f => _reader.List($"/lib/modules/{k}/{f}")
                    .Any(n => n.StartsWith("nvidia.ko", StringComparison.Ordinal)))).Order(StringComparer.Ordinal),
            ]);
    }
}
