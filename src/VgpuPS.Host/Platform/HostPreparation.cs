using System.Text;
using VgpuPS.Core.Platform;
using VgpuPS.Host.Linux;
using VgpuPS.Host.State;

namespace VgpuPS.Host.Platform;

/// <summary>Changes how the host boots and what is installed on it, with the programs of Debian, Proxmox and
/// NVIDIA.</summary>
/// <param name="files">The host's files.</param>
/// <param name="processes">Runs the programs: argument lists, no shell.</param>
/// <remarks>
/// Source: facts/proxmox.md (h), facts/host-behaviour.md 8. The first original of an edited file stays beside it under
/// <see cref="BackupSuffix"/>, and no later one replaces it.
/// </remarks>
public sealed partial class HostPreparation(IHostFiles files, IProcessRunner processes)
{
    /// <summary>What the name of an edited file's first original ends in.</summary>
    public const string BackupSuffix = ".vgpups.bak";

    private const string BootTool = "/usr/sbin/proxmox-boot-tool";

    private readonly CheckedFiles _files = new(files, "the file");

    /// <summary>
    /// Writes systemd-boot's file, whose first original stays beside it, brings it to the loader and reads its entries;
    /// a file that cannot be brought there is restored.
    /// </summary>
    public async Task SetCommandLineAsync(
        BootFacts boot, string text, LoaderExpectation expected, CancellationToken cancellationToken)
    {
        const string Path = BootFacts.KernelPath;
        var before = _files.Find(Path);
        KeepOriginal(Path, before);
        _files.Write(Path, Encoding.UTF8.GetBytes(text), ModeOf(Path));
        try
        {
            await RefreshAsync(boot, cancellationToken).ConfigureAwait(false);
        }
        catch (VgpuException)
        {
            Restore(Path, before);
            throw;
        }

        await ReadBackAsync(boot, expected, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes files of module options, regenerates every initramfs and looks whether that of a kernel is another one;
    /// files that
    /// cannot be brought there are restored. The first original of a file that is not ours stays beside it.
    /// </summary>
    /// <param name="texts">Text by path.</param>
    /// <param name="kernel">The kernel that will boot; null where none is installed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task WriteModuleOptionsAsync(
        IReadOnlyDictionary<string, string> texts, string? kernel, CancellationToken cancellationToken)
    {
        var before = texts.Keys.ToDictionary(p => p, p => _files.Find(p), StringComparer.Ordinal);
        try
        {
            foreach (var (path, text) in texts)
            {
                if (path != NouveauFile.Path)
                {
                    KeepOriginal(path, before[path]);
                }

                _files.Write(path, Encoding.UTF8.GetBytes(text), ModeOf(path));
            }

            await UpdateInitramfsAsync(kernel, cancellationToken).ConfigureAwait(false);
        }
        catch (VgpuException)
        {
            foreach (var (path, content) in before)
            {
                Restore(path, content);
            }

            throw;
        }
    }

    private async Task UpdateInitramfsAsync(string? kernel, CancellationToken cancellationToken)
    {
        var image = $"/boot/initrd.img-{kernel}";
        var old = files.GetInfo(image);
        await processes.RequireAsync(
            "/usr/sbin/update-initramfs", ["-u", "-k", "all"], s_long, cancellationToken).ConfigureAwait(false);

        // A new image is made beside the old one and takes its name.
        if (kernel is not null && files.GetInfo(image) is var created && (created is null || created == old))
        {
            throw new HostCommandException(
                ErrorIds.HostCommandFailed,
                "update-initramfs reported success, "
                    + $"and {image} is {(created is null ? "not there" : "still the old one")}: "
                    + "the next boot would not have the change",
                $"create it by hand and see what is reported: update-initramfs -u -k {kernel} || update-initramfs -c "
                    + $"-k {kernel}", "update-initramfs -u -k all", 0, "", image);
        }
    }

    private void KeepOriginal(string path, byte[]? content)
    {
        if (content is not null && _files.Find(path + BackupSuffix) is null)
        {
            _files.Write(path + BackupSuffix, content, ModeOf(path));
        }
    }

    private void Restore(string path, byte[]? before)
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
            // The failure that led here is the one to report; the original lies beside the file.
        }
    }

    private int ModeOf(string path) => files.GetInfo(path)?.Mode ?? StatePaths.SharedMode;
}
