using System.Text;
using System.Text.RegularExpressions;
using VgpuPS.Core.Diagnostics;
using VgpuPS.Core.Platform;
using VgpuPS.Core.Text;
using VgpuPS.Host.Platform;
using VgpuPS.Host.State;

namespace VgpuPS.Host.Operations.Diagnostics;

/// <summary>Files and programs of a host that a support bundle is made from, each bounded.</summary>
/// <param name="host">The host.</param>
internal sealed partial class DiagnosticSources(HostPorts host)
{
    private const string Lines = "2000";
    private const int MaxVms = 500;

    private readonly DiagnosticReader _reader = host.Diagnostics;

    private static readonly string[] s_unitFolders =
        ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    /// <summary>All of them.</summary>
    public IEnumerable<DiagnosticSource> All() =>
    [
        new("versions.txt", "package list, /proc, /sys", _ => Text(Versions())),
        .. Files("etc", StatePaths.SettingsFolder, "", ".json"),
        .. Files("run", StatePaths.RunFolder, "", ".json"),
        File("events.jsonl", StatePaths.Events),
        File("events.jsonl.1", StatePaths.Events + ".1"),
        File("cmdline.txt", "/proc/cmdline"),
        File("modules.txt", "/proc/modules"),
        .. Files("modprobe.d", "/etc/modprobe.d", "", ".conf"),
        File("mapping-pci.cfg", "/etc/pve/mapping/pci.cfg"),
        File("pci-id-reservations.txt", "/run/qemu-server/pci-id-reservations"),
        .. Vms(),
        new("units.txt", "systemctl show", UnitsAsync),
        .. Units().Select(u => Program(
            $"journal/{u}.log", "/usr/bin/journalctl",
            ["-b", "-u", u, "--no-pager", "-o", "short-unix", "-n", Lines])),
        new("kernel.log", "dmesg, lines about GPUs, PCI and IOMMU", KernelAsync),
        Program("lspci.txt", "/usr/bin/lspci", ["-nnkvv", "-d", "10de:"]),
        Program("nvidia-smi.txt", "/usr/bin/nvidia-smi", ["-q"]),
        Program("nvidia-smi-vgpu.txt", "/usr/bin/nvidia-smi", ["vgpu", "-q"]),
        Program("nvidia-smi-mig.txt", "/usr/bin/nvidia-smi", ["mig", "-lgi"]),
    ];

    /// <summary>Names of the cluster's VMs, those of snapshots too; a configuration that cannot be read has
    /// none.</summary>
    public IEnumerable<(VmId Vm, string Name)> VmNames() => host.Proxmox.GetVms().Select(vm => Named(vm, null))
        .Concat(host.Proxmox.GetVmsElsewhere().Select(v => Named(v.Vm, v.Node))).SelectMany(n => n);

    /// <summary>Names of the node's containers; none where they cannot be read.</summary>
    public IEnumerable<(VmId Container, string? Name)> ContainerNames() =>
        Try(host.Proxmox.ReadContainers)?.Select(c => (c.Id, c.Name)) ?? [];

    /// <summary>Names of this host, of the cluster's nodes, of all that its own files name.</summary>
    public IEnumerable<string> HostNames()
    {
        IEnumerable<string> own =
        [
            .. host.Proxmox.GetNodes(), .. Words("/etc/hostname").SelectMany(w => w),
            .. Words("/etc/hosts").SelectMany(w => w.Skip(1)),
            .. Words("/etc/resolv.conf").Where(w => w is ["search" or "domain", ..]).SelectMany(w => w.Skip(1)),
        ];
        return own.Where(n => n.Length > 1 && !n.StartsWith("ip6-", StringComparison.Ordinal)
            && !n.StartsWith("localhost", StringComparison.Ordinal)).Distinct(StringComparer.OrdinalIgnoreCase);
    }

    private IEnumerable<string[]> Words(string path) => (Try(() => _reader.FindText(path)) ?? "").Split('\n')
        .Select(l => l.Split('#')[0].Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries));

    private IEnumerable<(VmId Vm, string Name)> Named(VmId vm, string? node) => (FindConfig(vm, node) ?? "").Split('\n')
        .Where(l => l.StartsWith("name:", StringComparison.Ordinal)).Select(l => (vm, l[5..].Trim())).Distinct();

    private string? FindConfig(VmId vm, string? node = null) => Try(() => ReadConfig(vm, node));

    private string ReadConfig(VmId vm, string? node = null) =>
        Encoding.UTF8.GetString(host.Proxmox.ReadConfig(vm, node));

    /// <summary>VMs with a passed-through device.</summary>
    private IEnumerable<DiagnosticSource> Vms() => host.Proxmox.GetVms()
        .Select(vm => (Vm: vm, Text: FindConfig(vm)))
        .Where(v => v.Text is null || v.Text.Contains("\nhostpci", StringComparison.Ordinal)
            || v.Text.StartsWith("hostpci", StringComparison.Ordinal)).Take(MaxVms)
        .Select(v => new DiagnosticSource(
            $"vms/{v.Vm}.conf", $"configuration of VM {v.Vm}, lines about its devices and CPUs",
            _ => Text(VmConfigExcerpt.Of(VisibleText.Of(v.Text ?? ReadConfig(v.Vm), keepLines: true)))));

    private IEnumerable<string> Units() => s_unitFolders.SelectMany(f => _reader.List(f, "vgpups", ".service"))
        .Select(p => p[(p.LastIndexOf('/') + 1)..]).Where(u => !u.Contains('@', StringComparison.Ordinal))
        .Concat([HostUnits.Vgpud, HostUnits.VgpuManager, HostUnits.Boot, HostUnits.Sweep]).Distinct()
        .Order(StringComparer.Ordinal);

    private async Task<string?> UnitsAsync(CancellationToken cancellationToken)
    {
        var states = await host.Services.ReadAsync(
            [.. Units(), HostUnits.SweepTimer, HostUnits.SriovPattern], cancellationToken).ConfigureAwait(false);
        return string.Concat(states.Select(
            s => $"{s.Unit}: {(s.IsInstalled ? s.Text : "not installed")}\n"));
    }

    private async Task<string?> KernelAsync(CancellationToken cancellationToken)
    {
        var text = await _reader.RunAsync("/usr/bin/dmesg", [], cancellationToken).ConfigureAwait(false);
        return string.Concat(text.Split('\n').Where(l => AboutDevices().IsMatch(l)).Select(l => l + "\n"));
    }

    private string Versions()
    {
        var lines = new List<string>
        {
            $"node {host.Proxmox.Node}",
            $"kernel {host.Proxmox.KernelRelease ?? "unknown"}",
            $"qemu-server {host.Proxmox.QemuServerVersion ?? "unknown"}",
            $"driver {Try(() => _reader.FindText("/sys/module/nvidia/version"))?.Trim() ?? "not loaded"}",
        };
        lines.AddRange(Try(() => host.Platform.ReadInstalled())?.Where(p => AboutPackages().IsMatch(p.Name))
            .OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"package {p.Name} {p.Version}")
            ?? ["packages: the list cannot be read"]);
        return string.Concat(lines.Select(l => l + "\n"));
    }

    private IEnumerable<DiagnosticSource> Files(string under, string folder, string start, string end) =>
        _reader.List(folder, start, end).Select(p => File($"{under}/{p[(p.LastIndexOf('/') + 1)..]}", p));

    private DiagnosticSource File(string name, string path) => new(name, path, _ => Text(_reader.FindText(path)));

    private DiagnosticSource Program(string name, string program, IReadOnlyList<string> arguments) => new(
        name, string.Join(' ', arguments.Prepend(program[(program.LastIndexOf('/') + 1)..])),
        async token => await _reader.RunAsync(program, arguments, token).ConfigureAwait(false));

    private static T? Try<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (VgpuException)
        {
            return null;
        }
    }

    private static Task<string?> Text(string? text) => Task.FromResult(text);

    [GeneratedRegex(
        "nvrm|nvidia|vgpu|xid|nouveau|vfio|mdev|iommu|dmar|amd-vi|sr-?iov|virtfn|aer:|pcieport|command line"
            + "|linux version",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AboutDevices();

    [GeneratedRegex(
        "^(?:proxmox-ve|pve-.*|proxmox-(?:kernel|default|headers|boot).*|qemu-server|libpve-.*|nvidia.*|vgpups.*"
            + "|dkms|systemd|grub-.*)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex AboutPackages();
}
