using System.Text;
using VgpuPS.Core.Platform;
using VgpuPS.Host.Linux;

namespace VgpuPS.Host.Platform;

public sealed partial class HostPreparation
{
    private const string Apt = "/usr/bin/apt-get";
    private const string Dkms = "/usr/sbin/dkms";
    private const string SigningKey = "/var/lib/dkms/mok.pub";
    private const string ModuleVersion = "/sys/module/nvidia/version";
    private const string HeadBytes = "16384";

    private static readonly TimeSpan s_short = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(10);

    // It compiles modules for every installed kernel.
    private static readonly TimeSpan s_install = TimeSpan.FromMinutes(30);

    // Source: proxmox-kernel-helper 8.1, 000_proxmox_boot_header: where system partitions are managed, a plain
    // generation refreshes them, unless this says that it is part of a refresh already.
    private static readonly Dictionary<string, string?> s_trial = new(
        StringComparer.Ordinal)
    { ["PVE_EFIBOOT_UNSHARED"] = "1" };

    /// <inheritdoc/>
    public async Task<DriverPackage> ReadPackageAsync(string path, CancellationToken cancellationToken)
    {
        if (!path.StartsWith('/') || DriverPackage.FromName(path) is not { } named)
        {
            throw Wrong(path, $"{path} is not a file here, nor an absolute path on the host, to a package of NVIDIA's: "
                + "its name must be NVIDIA-Linux-x86_64-<version>-vgpu-kvm.run");
        }

        var info = files.GetInfo(path) ?? throw new ObjectNotFoundException(
            ErrorIds.DriverPackageNotFound, $"there is no {path} on the host, and none here",
            $"name the file here, which is uploaded then: Initialize-VgpuHost ./{path[(path.LastIndexOf('/') + 1)..]}",
            path);
        if (info.Kind != HostFileKind.File)
        {
            throw new InvalidRequestException(ErrorIds.DriverPackageWrong, $"{path} is not a file",
                $"look at it: ls -l {path}", path);
        }

        if (FileTrustReader.Find(files, path) is { IsTrusted: false, IsOnNetwork: false } trust)
        {
            throw new InvalidRequestException(
                ErrorIds.DriverPackageWrong, $"{path} can be changed by users other than root, and root is to run it: "
                    + $"{trust.Description}",
                $"compare its checksum with NVIDIA's, and restrict it: {trust.Fix}", path);
        }

        // The package is hundreds of megabytes; its header shows what it is.
        var head = await processes.RequireAsync(
            "/usr/bin/head", ["-c", HeadBytes, "--", path], s_short, cancellationToken).ConfigureAwait(false);
        return Compare(named, head.Output);
    }

    /// <summary>A package as its name and head show it.</summary>
    /// <exception cref="InvalidRequestException">They differ, or it is none of NVIDIA's.</exception>
    public static DriverPackage Compare(string name, string head) => DriverPackage.FromName(name) is { } named
        ? Compare(named, head) : throw Wrong(name, $"{name} is not NVIDIA's vGPU host driver: its name must be "
            + "NVIDIA-Linux-x86_64-<version>-vgpu-kvm.run");

    private static DriverPackage Compare(DriverPackage named, string head)
    {
        var path = named.Path;
        if (DriverPackage.FromHead(path, head) is not { } inside)
        {
            throw Wrong(path, $"{path} does not begin like a package of NVIDIA's");
        }

        return inside == named ? named : throw Wrong(path,
            $"{path} is, according to its header, "
                + $"NVIDIA-Linux-x86_64-{inside.Version}{(inside.Flavour.Length > 0 ? "-" + inside.Flavour : "")}");
    }

    /// <inheritdoc/>
    /// <remarks>Source: assumed: mokutil(1), --test-key says <c>is already enrolled</c>; DKMS keeps its key in
    /// /var/lib/dkms.</remarks>
    public async Task<bool> SigningKeyIsEnrolledAsync(CancellationToken cancellationToken)
    {
        if (files.GetInfo(SigningKey) is null)
        {
            return false;
        }

        var result = await processes.RunAsync(
            new ProcessRequest("/usr/bin/mokutil", ["--test-key", SigningKey], s_short),
            cancellationToken).ConfigureAwait(false);
        return (result.Output + result.Error).Contains("already enrolled", StringComparison.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    public async Task InstallPackagesAsync(IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        string[] arguments = ["install", "-y", "--no-install-recommends", .. packages];
        var result = await processes.TryAsync(Apt, arguments, s_install, cancellationToken).ConfigureAwait(false);
        if (result.Error.Contains("Unable to locate package", StringComparison.OrdinalIgnoreCase))
        {
            await processes.RequireAsync(Apt, ["update"], s_long, cancellationToken).ConfigureAwait(false);
            result = await processes.TryAsync(Apt, arguments, s_install, cancellationToken).ConfigureAwait(false);
        }

        HostPrograms.Require(Apt, arguments, result, s_install);
        // A package may be provided by another one of the same series: proxmox-headers-* where it was pve-headers-*
        // before.
        var installed = DpkgStatus.ReadInstalled(_files.Find(DpkgStatus.Path) ?? []);
        if (packages.FirstOrDefault(p => !installed.Any(i => i.Name == p || i.Provides.Contains(p))) is { } missing)
        {
            throw new HostCommandException(
                ErrorIds.HostCommandFailed, $"{Apt} reported success, and package {missing} is not installed",
                $"see why: apt-cache policy {missing}",
                $"{Apt} {string.Join(' ', arguments)}", 0, result.Output, missing);
        }
    }

    /// <inheritdoc/>
    public async Task InstallDriverAsync(DriverPackage package, CancellationToken cancellationToken)
    {
        string[] arguments = [package.Path, "--silent", "--dkms"];
        var result = await processes.TryAsync("/bin/sh", arguments, s_install, cancellationToken).ConfigureAwait(false);
        HostPrograms.Require("/bin/sh", arguments, result, s_install,
            "see what it reports: tail -n 40 /var/log/nvidia-installer.log");
        var loaded = _files.Find(ModuleVersion) is { } version ? Encoding.UTF8.GetString(version).Trim() : null;
        if (loaded != package.Version)
        {
            throw new HostNotReadyException(
                ErrorIds.DriverNotReady,
                $"the installer of driver {package.Version} reported success, and "
                    + $"{(loaded is null
                        ? "the module nvidia is not loaded" : $"the module of {loaded} is still loaded")}",
                "see why: modprobe nvidia; journalctl -k -b -g NVRM; tail -n 40 /var/log/nvidia-installer.log",
                "nvidia");
        }
    }

    /// <summary>Builds the driver's module for a kernel that does not run yet, and sees that it is there.</summary>
    /// <param name="version">Version of the driver, whose source is installed.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <remarks>Source: dkms(8): autoinstall -k builds and installs what is registered for that kernel.</remarks>
    public async Task BuildModuleAsync(string version, string kernel, CancellationToken cancellationToken)
    {
        string[] arguments = ["autoinstall", "-k", kernel];
        var result = await processes.TryAsync(Dkms, arguments, s_install, cancellationToken).ConfigureAwait(false);
        var log = $"see why: dkms status; tail -n 40 /var/lib/dkms/nvidia/{version}/build/make.log";
        HostPrograms.Require(Dkms, arguments, result, s_install, log);
        if (!(files.List($"/lib/modules/{kernel}/updates/dkms") ?? [])
            .Any(n => n.StartsWith("nvidia.ko", StringComparison.Ordinal)))
        {
            throw new HostCommandException(
                ErrorIds.HostCommandFailed, $"dkms reported success, and kernel {kernel} has no module of driver "
                    + $"{version}: after a restart no vGPU would work", log, $"dkms autoinstall -k {kernel}", 0,
                    result.Output, kernel);
        }
    }

    private static InvalidRequestException Wrong(string path, string message) => new(
        ErrorIds.DriverPackageWrong, message, "name NVIDIA's vGPU host package as it was downloaded: "
            + "Initialize-VgpuHost -DriverPath /root/NVIDIA-Linux-x86_64-<version>-vgpu-kvm.run", path);
}
