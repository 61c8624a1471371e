using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Platform;
using VgpuPS.Core.Ports;
using VgpuPS.Host.Seams;
using VgpuPS.Host.State;

namespace VgpuPS.Host.Platform;

/// <summary>Changes how the host boots and what is installed on it, with the programs of Debian, Proxmox and NVIDIA.</summary>
/// <param name="files">The host's files.</param>
/// <param name="processes">Runs the programs: argument lists, no shell.</param>
/// <param name="services">The host's services, to read back.</param>
/// <remarks>
/// Source: facts/proxmox.md (h), facts/host-behaviour.md 8. The first original of an edited file stays beside it under
/// <see cref="BackupSuffix"/>, and no later one replaces it.
/// </remarks>
public sealed partial class HostPreparation(IHostFiles files, IProcessRunner processes, IHostServices services) : IHostPreparation
{
    /// <summary>What the name of an edited file's first original ends in.</summary>
    public const string BackupSuffix = ".vgpups.bak";

    private const int SizeLimit = 1 << 20;
    private const string BootTool = "/usr/sbin/proxmox-boot-tool";
    private const string What = "The file";

    /// <inheritdoc/>
    public async Task SetCommandLineAsync(BootFacts boot, string text, CancellationToken cancellationToken)
    {
        var path = boot.ConfiguredPath;
        var before = TryRead(path);
        if (before is not null && TryRead(path + BackupSuffix) is null)
        {
            Write(path + BackupSuffix, before, ModeOf(path));
        }

        Write(path, Encoding.UTF8.GetBytes(text), ModeOf(path));
        try
        {
            await RefreshAsync(boot, cancellationToken).ConfigureAwait(false);
        }
        catch (VgpuException)
        {
            PutBack(path, before);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task BlacklistNouveauAsync(CancellationToken cancellationToken)
    {
        Write(NouveauFile.Path, Encoding.UTF8.GetBytes(NouveauFile.Text), StatePaths.SharedMode);
        try
        {
            await RunAsync("/usr/sbin/update-initramfs", ["-u", "-k", "all"], s_long, cancellationToken).ConfigureAwait(false);
        }
        catch (VgpuException)
        {
            PutBack(NouveauFile.Path, null);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task PinKernelAsync(BootFacts boot, string kernel, CancellationToken cancellationToken)
    {
        await RunAsync(BootTool, ["kernel", "pin", kernel], s_short, cancellationToken).ConfigureAwait(false);
        await RefreshAsync(boot, cancellationToken).ConfigureAwait(false);
        if (TryRead("/etc/kernel/proxmox-boot-pin") is not { } pinned || Encoding.UTF8.GetString(pinned).Trim() != kernel)
        {
            throw HostFileErrors.NotKept("/etc/kernel/proxmox-boot-pin", "The pin");
        }
    }

    private Task RefreshAsync(BootFacts boot, CancellationToken cancellationToken) =>
        boot.IsManaged || boot.Loader == BootLoader.SystemdBoot
            ? RunAsync(BootTool, ["refresh"], s_long, cancellationToken)
            : RunAsync("/usr/sbin/update-grub", [], s_long, cancellationToken);

    private void PutBack(string path, byte[]? before)
    {
        try
        {
            if (before is null)
            {
                files.Delete(path);
            }
            else
            {
                files.WriteWhole(path, before, ModeOf(path));
            }
        }
        catch (HostFileException)
        {
            // The failure that led here is the one to tell; the original lies beside the file.
        }
    }

    private byte[]? TryRead(string path)
    {
        try
        {
            return files.GetInfo(path) is null ? null : files.Read(path, SizeLimit);
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, What);
        }
    }

    private int ModeOf(string path) => files.GetInfo(path)?.Mode ?? StatePaths.SharedMode;

    private void Write(string path, byte[] content, int mode)
    {
        try
        {
            files.CreateDirectory(path[..path.LastIndexOf('/')], StatePaths.SharedFolderMode);
            files.WriteWhole(path, content, mode);
            if (!files.Read(path, SizeLimit).AsSpan().SequenceEqual(content))
            {
                throw HostFileErrors.NotKept(path, What);
            }
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForWrite(failure, What);
        }
    }
}
