using VgpuPS.Lab.Files;

namespace VgpuPS.Lab.Platform;

/// <summary>What lies on the disk and decides how the machine boots: kernels, packages, the driver's files.</summary>
internal static class LabDisk
{
    public const string Grub = "/etc/default/grub";
    public const string KernelCommandLine = "/etc/kernel/cmdline";
    public const string BootIds = "/etc/kernel/proxmox-boot-uuids";
    public const string Pin = "/etc/kernel/proxmox-boot-pin";
    public const string GrubConfig = "/boot/grub/grub.cfg";

    private const string Status = "/var/lib/dpkg/status";
    private const string Modprobe = "/etc/modprobe.d";

    public static string? Read(LabState state, string path) =>
        LabTree.Find(state, path)?.Content is { } content ? Encoding.UTF8.GetString(content) : null;

    public static void Write(LabState state, string path, string text, int mode = LabEntry.FileMode) =>
        LabTree.PutFile(state, path, Encoding.UTF8.GetBytes(text), mode);

    public static IReadOnlyList<string> List(LabState state, string path) =>
        [.. LabTree.Find(state, path)?.Entries?.Keys ?? Enumerable.Empty<string>()];

    /// <summary>Installed kernels, newest last.</summary>
    public static IReadOnlyList<string> Kernels(LabState state) =>
    [
        .. List(state, "/boot").Where(n => n.StartsWith("vmlinuz-", StringComparison.Ordinal))
            .Select(n => n["vmlinuz-".Length..]).Order(LabKernelOrder.Instance),
    ];

    public static void AddKernel(LabState state, string release)
    {
        Write(state, $"/boot/vmlinuz-{release}", "kernel\n");
        LabTree.PutFolder(state, $"/lib/modules/{release}", LabEntry.FolderMode);
        AddPackage(state, $"proxmox-kernel-{release}-signed", "1");
        MakeInitramfs(state, release);
    }

    /// <summary>An initramfs holds what <c>/etc/modprobe.d</c> held when it was made.</summary>
    public static void MakeInitramfs(LabState state, string release)
    {
        var options = List(state, Modprobe).Where(n => n.EndsWith(".conf", StringComparison.Ordinal))
            .Select(n => Read(state, $"{Modprobe}/{n}"));
        Write(state, $"/boot/initrd.img-{release}", string.Join('\n', options) + "\n");
    }

    public static bool BlacklistsNouveau(string? text) => (text ?? "").Split('\n')
        .Any(line => line.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["blacklist", "nouveau"]);

    public static bool HasPackage(LabState state, string name) =>
        (Read(state, Status) ?? "").Contains(
            $"Package: {name}\nStatus: install ok installed\n", StringComparison.Ordinal);

    /// <summary>Installed packages: name, version, paragraph.</summary>
    public static IReadOnlyList<(string Name, string Version, string Text)> Packages(LabState state) =>
    [
        .. (Read(state, Status) ?? "").Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(text => (Field(text, "Package: "), Field(text, "Version: "), text)),
    ];

    private static string Field(string paragraph, string name) => paragraph.Split('\n')
        .FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?[name.Length..] ?? "";

    public static void AddPackage(LabState state, string name, string version)
    {
        if (!HasPackage(state, name))
        {
            Write(state, Status, Read(state, Status)
                + $"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n");
        }
    }

    public static void RemovePackage(LabState state, string name)
    {
        var paragraphs = (Read(state, Status) ?? "").Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Where(p => !p.StartsWith($"Package: {name}\n", StringComparison.Ordinal));
        Write(state, Status, string.Concat(paragraphs.Select(p => p + "\n\n")));
    }

    public static string Module(string kernel) => $"/lib/modules/{kernel}/updates/dkms/nvidia.ko";

    /// <summary>Whether the headers of a kernel are installed, by its own package or its series'.</summary>
    public static bool HasHeaders(LabState state, string kernel) => HasPackage(state, $"proxmox-headers-{kernel}");
}
