using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Platform;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Platform;

public sealed partial class HostPreparation
{
    private const string Apt = "/usr/bin/apt-get";
    private const string Systemctl = "/usr/bin/systemctl";
    private const string SigningKey = "/var/lib/dkms/mok.pub";
    private const string ModuleVersion = "/sys/module/nvidia/version";
    private const string HeadBytes = "16384";
    private const int StatusLimit = 64 << 20;

    private static readonly TimeSpan s_short = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(10);

    // It compiles modules for every installed kernel.
    private static readonly TimeSpan s_install = TimeSpan.FromMinutes(30);

    private static readonly Dictionary<string, string?> s_quiet = new(StringComparer.Ordinal)
    {
        ["DEBIAN_FRONTEND"] = "noninteractive",
        ["LC_ALL"] = "C",
    };

    // Source: proxmox-kernel-helper 8.1, 000_proxmox_boot_header: where system partitions are managed, a plain generation refreshes
    // them, unless this says that it is part of a refresh already.
    private static readonly Dictionary<string, string?> s_trial = new(s_quiet, StringComparer.Ordinal) { ["PVE_EFIBOOT_UNSHARED"] = "1" };

    /// <inheritdoc/>
    public async Task<DriverPackage> ReadPackageAsync(string path, CancellationToken cancellationToken)
    {
        if (!path.StartsWith('/') || DriverPackage.FromName(path) is not { } named)
        {
            throw Wrong(path, $"{path} is no absolute path on the host to a package of NVIDIA's: its name must be NVIDIA-Linux-x86_64-<version>-vgpu-kvm.run");
        }

        var info = files.GetInfo(path) ?? throw new ObjectNotFoundException(
            ErrorIds.DriverPackageNotFound, $"there is no {path} on the host", $"Copy it there: scp {named.Path[(path.LastIndexOf('/') + 1)..]} root@<host>:{path}", path);
        if (info.Kind != HostFileKind.File)
        {
            throw new InvalidRequestException(ErrorIds.DriverPackageWrong, $"{path} is no file", $"Look at it: ls -l {path}", path);
        }

        if (FileTrustReader.Find(files, path) is { IsTrusted: false, IsOnNetwork: false } trust)
        {
            throw new InvalidRequestException(
                ErrorIds.DriverPackageWrong, $"{path} can be changed by others than root, and root is to run it: {trust.Description}",
                $"Compare its checksum with NVIDIA's, and close it: {trust.Fix}", path);
        }

        // The package is hundreds of megabytes; its head tells what it is.
        var head = await RunAsync("/usr/bin/head", ["-c", HeadBytes, "--", path], s_short, cancellationToken).ConfigureAwait(false);
        if (DriverPackage.FromHead(path, head.Output) is not { } inside)
        {
            throw Wrong(path, $"{path} does not begin as a package of NVIDIA's does");
        }

        return inside == named ? named : throw Wrong(path, $"{path} is, by its own head, NVIDIA-Linux-x86_64-{inside.Version}{(inside.Flavour.Length > 0 ? "-" + inside.Flavour : "")}");
    }

    /// <inheritdoc/>
    /// <remarks>Source: assumed: mokutil(1), --test-key says <c>is already enrolled</c>; DKMS keeps its key in /var/lib/dkms.</remarks>
    public async Task<bool> SigningKeyIsEnrolledAsync(CancellationToken cancellationToken)
    {
        if (files.GetInfo(SigningKey) is null)
        {
            return false;
        }

        var result = await processes.RunAsync(
            new ProcessRequest("/usr/bin/mokutil", ["--test-key", SigningKey], s_short), cancellationToken).ConfigureAwait(false);
        return (result.Output + result.Error).Contains("already enrolled", StringComparison.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    public async Task InstallPackagesAsync(IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        string[] arguments = ["install", "-y", "--no-install-recommends", .. packages];
        var result = await TryAsync(Apt, arguments, s_install, cancellationToken).ConfigureAwait(false);
        if (result.Error.Contains("Unable to locate package", StringComparison.OrdinalIgnoreCase))
        {
            await RunAsync(Apt, ["update"], s_long, cancellationToken).ConfigureAwait(false);
            result = await TryAsync(Apt, arguments, s_install, cancellationToken).ConfigureAwait(false);
        }

        Require(Apt, arguments, result, s_install);
        var status = Encoding.UTF8.GetString(TryRead("/var/lib/dpkg/status", StatusLimit) ?? []);
        if (packages.FirstOrDefault(p => !IsInstalled(status, p)) is { } missing)
        {
            throw new HostCommandException(
                ErrorIds.HostCommandFailed, $"{Apt} reported success, and package {missing} is not installed", $"See why: apt-cache policy {missing}",
                $"{Apt} {string.Join(' ', arguments)}", 0, result.Output, missing);
        }
    }

    // A package may be provided by another one of the same series: proxmox-headers-* where it was pve-headers-* before.
    private static bool IsInstalled(string status, string package) => status.Split("\n\n").Any(p =>
        (p.TrimStart('\n').StartsWith($"Package: {package}\n", StringComparison.Ordinal)
            || (p.Contains("\nProvides: ", StringComparison.Ordinal) && p.Contains(package, StringComparison.Ordinal)))
        && p.Contains(" installed\n", StringComparison.Ordinal));

    /// <inheritdoc/>
    public async Task InstallDriverAsync(DriverPackage package, CancellationToken cancellationToken)
    {
        string[] arguments = [package.Path, "--silent", "--dkms"];
        var result = await TryAsync("/bin/sh", arguments, s_install, cancellationToken).ConfigureAwait(false);
        Require("/bin/sh", arguments, result, s_install, "Read what it says: tail -n 40 /var/log/nvidia-installer.log");
        var loaded = TryRead(ModuleVersion) is { } version ? Encoding.UTF8.GetString(version).Trim() : null;
        if (loaded != package.Version)
        {
            throw new HostNotReadyException(
                ErrorIds.DriverNotReady,
                $"the installer of driver {package.Version} reported success, and {(loaded is null ? "the module nvidia is not loaded" : $"the module of {loaded} is still loaded")}",
                "See why: modprobe nvidia; journalctl -k -b -g NVRM; tail -n 40 /var/log/nvidia-installer.log", "nvidia");
        }
    }

    /// <inheritdoc/>
    public async Task StartUnitsAsync(IReadOnlyList<string> units, CancellationToken cancellationToken)
    {
        await RunAsync(Systemctl, ["start", .. units], s_short, cancellationToken).ConfigureAwait(false);
        // nvidia-vgpud does its work and ends; the manager stays.
        if ((await services.ReadAsync(units, cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(s => s.HasFailed || (s.Unit == HostUnits.VgpuManager && s is { IsActive: false, IsStarting: false })) is { } failed)
        {
            throw new HostNotReadyException(
                ErrorIds.ServiceFailed, $"{failed.Unit} was started and is {failed.Text}", $"See why: journalctl -b -u {failed.Unit}", failed.Unit);
        }
    }

    /// <inheritdoc/>
    public async Task RestartAsync(CancellationToken cancellationToken) =>
        await RunAsync(Systemctl, ["reboot"], s_short, cancellationToken).ConfigureAwait(false);

    private static InvalidRequestException Wrong(string path, string message) => new(
        ErrorIds.DriverPackageWrong, message, "Name NVIDIA's vGPU host package as it was downloaded: Initialize-VgpuHost -DriverPath /root/NVIDIA-Linux-x86_64-<version>-vgpu-kvm.run", path);

    private async Task<ProcessResult> RunAsync(string program, IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellationToken)
    {
        var result = await TryAsync(program, arguments, limit, cancellationToken).ConfigureAwait(false);
        Require(program, arguments, result, limit);
        return result;
    }

    // Half an installation or half an initramfs would be worse than waiting for the whole.
    private async Task<ProcessResult> TryAsync(
        string program, IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellationToken,
        Dictionary<string, string?>? environment = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await processes.RunAsync(
            new ProcessRequest(program, arguments, limit) { LeaveRunningAtDeadline = true, Environment = environment ?? s_quiet }, CancellationToken.None)
            .ConfigureAwait(false);
    }

    private static void Require(string program, IReadOnlyList<string> arguments, ProcessResult result, TimeSpan limit, string? action = null)
    {
        var command = string.Join(' ', arguments.Prepend(program));
        if (result.TimedOut)
        {
            throw new HostTimeoutException(
                ErrorIds.Timeout, $"{command} had not ended after {limit.TotalMinutes:0} min; it goes on by itself",
                "Wait until it has ended, then run this again", program);
        }

        if (result.ExitCode == 0)
        {
            return;
        }

        var output = (result.Error + result.Output).Trim();
        var line = PlatformReader.Lines(output).FirstOrDefault(l => l.StartsWith("E:", StringComparison.Ordinal) || l.StartsWith("ERROR", StringComparison.Ordinal))
            ?? PlatformReader.Lines(output).LastOrDefault() ?? "it printed nothing";
        var how = result.StartErrno != 0 ? $"was not started: {Errno.Describe(result.StartErrno)}"
            : result.ExitCode is { } code ? $"ended with exit code {code}: {line.Trim()}"
            : $"was ended by signal {result.Signal}";
        throw new HostCommandException(
            ErrorIds.HostCommandFailed, $"{command} {how}", action ?? $"See what it says: {command}", command, result.ExitCode, output, program);
    }
}
