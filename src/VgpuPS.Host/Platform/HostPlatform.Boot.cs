using System.Text;
using VgpuPS.Core.Platform;

namespace VgpuPS.Host.Platform;

public sealed partial class HostPlatform
{
    private const string Variables = "/sys/firmware/efi/efivars";
    private const string SecureBoot = Variables + "/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
    private const string LoaderInfo = Variables + "/LoaderInfo-4a67b082-0a4c-47f2-8ff9-8e6ba7ad6a73";
    private const int AttributeBytes = 4;
    private const string KernelFile = "vmlinuz-";

    private BootFacts ReadBoot(string commandLine) => new()
    {
        Loader = FindLoader(commandLine),
        IsManaged = !string.IsNullOrWhiteSpace(_reader.FindText("/etc/kernel/proxmox-boot-uuids")),
        IsSecureBoot = _reader.FindBytes(SecureBoot) is { Length: > AttributeBytes } value && value[AttributeBytes] == 1,
        GrubText = _reader.FindText(BootFacts.GrubPath),
        KernelText = _reader.FindText(BootFacts.KernelPath),
        PinnedKernel = _reader.FindText("/etc/kernel/proxmox-boot-pin")?.Trim() is { Length: > 0 } pinned ? pinned : null,
        Kernels =
        [
            .. _reader.List("/boot").Where(n => n.StartsWith(KernelFile, StringComparison.Ordinal))
                .Select(n => n[KernelFile.Length..]).Order(Comparer<string>.Create(KernelRelease.CompareReleases)),
        ],
    };

    private BootLoader FindLoader(string commandLine)
    {
        var words = KernelCommandLine.Words(commandLine);
        if (words.Any(w => w.StartsWith("BOOT_IMAGE=", StringComparison.Ordinal)))
        {
            return BootLoader.Grub;
        }

        var info = _reader.FindBytes(LoaderInfo) is { Length: > AttributeBytes } value
            ? Encoding.Unicode.GetString(value.AsSpan(AttributeBytes)) : "";
        return info.StartsWith("systemd-boot", StringComparison.Ordinal)
            || words.Any(w => w.StartsWith(@"initrd=\EFI\", StringComparison.OrdinalIgnoreCase))
            ? BootLoader.SystemdBoot
            : BootLoader.Unknown;
    }
}
