using System.IO.Compression;
using System.Text;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Platform;

namespace VgpuPS.Text;

/// <summary>Where a driver's file lies.</summary>
public enum FilePlace
{
    /// <summary>On the Proxmox host.</summary>
    Host,

    /// <summary>On the machine that PowerShell runs on; it is uploaded.</summary>
    Workstation,
}

/// <summary>A driver's file as a command names it: a path on the host, files of this machine, or both.</summary>
/// <param name="HostPath">Path on the host; empty where a file of this machine is meant.</param>
/// <param name="Files">Files of this machine; empty where the host's is meant.</param>
internal sealed record DriverChoice(string HostPath, IReadOnlyList<DriverFile> Files)
{
    /// <summary>What the host is told of the files.</summary>
    public IReadOnlyList<OfferedFile> Offers => [.. Files.Select(f => f.Offer)];
}

/// <summary>A driver's file on the machine that PowerShell runs on, by itself or within a zip, which is read where it
/// is and never unpacked to a folder.</summary>
/// <param name="Offer">What the host is told of it.</param>
/// <param name="Open">Opens it from its beginning.</param>
/// <param name="IsInZip">Whether it lies in a zip.</param>
internal sealed record DriverFile(OfferedFile Offer, Func<Stream> Open, bool IsInZip);

/// <summary>Driver files of the machine that PowerShell runs on.</summary>
internal static class DriverFiles
{
    private const string Zip = ".zip";
    private const int MaxEntries = 10_000;

    /// <summary>Decides which file is meant: one of this machine, where there is one, is offered to the host, which
    /// takes its own where the path is there too.</summary>
    /// <param name="path">As it was typed.</param>
    /// <param name="full">The same as a path of this machine; null where it cannot be one.</param>
    /// <param name="place">Which machine's file is meant; null for the one that has it.</param>
    /// <param name="entry">Name of the file in a zip, with wildcards; null for the one that fits.</param>
    /// <param name="isHost">Whether the host's driver is wanted, and not a guest's.</param>
    /// <exception cref="VgpuException">There is no such file, or none in the zip that fits.</exception>
    public static DriverChoice Choose(string path, string? full, FilePlace? place, string? entry, bool isHost)
    {
        var isZip = path.EndsWith(Zip, StringComparison.OrdinalIgnoreCase);
        if (place == FilePlace.Host && isZip)
        {
            throw new InvalidRequestException(
                ErrorIds.ConflictingParameters, $"{path} is a zip, which is read on this machine only",
                $"copy it here, or unpack it on the host (unzip {path}) and name the file in it", path);
        }

        if (entry is not null && !isZip)
        {
            throw new InvalidRequestException(
                ErrorIds.ConflictingParameters, $"-ZipEntry names a file in a zip, and {path} is none",
                "leave -ZipEntry out, or name NVIDIA's zip", path);
        }

        var isHere = place != FilePlace.Host && full is not null && File.Exists(full);
        if (!isHere && (isZip || place == FilePlace.Workstation))
        {
            throw new ObjectNotFoundException(
                isHost ? ErrorIds.DriverPackageNotFound : ErrorIds.ReadFailed, $"there is no file {full ?? path} here",
                isZip ? "name NVIDIA's zip as it was downloaded to this machine"
                    : "name a file of this machine, or leave -PathOn out for one on the host", path);
        }

        return !isHere ? new DriverChoice(path, [])
            : isZip ? new DriverChoice("", ReadZip(full!, entry, isHost))
            : new DriverChoice(place == FilePlace.Workstation ? "" : path, [ReadFile(full!)]);
    }

    private static DriverFile ReadFile(string full) => Guard(full, () =>
    {
        using var stream = File.OpenRead(full);
        return new DriverFile(
            new OfferedFile(Path.GetFileName(full), stream.Length, ReadHead(stream)), () => File.OpenRead(full), false);
    });

    private static IReadOnlyList<DriverFile> ReadZip(string full, string? entry, bool isHost) => Guard(full, () =>
    {
        using var zip = ZipFile.OpenRead(full);
        var folder = isHost ? "Host_Drivers" : "Guest_Drivers";
        var pattern = new WildcardPattern(entry ?? "*", WildcardOptions.IgnoreCase);
        var there = zip.Entries.Take(MaxEntries).Where(e => IsIn(e.FullName, folder)).ToList();
        var fitting = there.Where(e => pattern.IsMatch(e.Name))
            .Where(e => isHost ? IsHostDriver(e.Name) : IsGuestDriver(e.Name)).ToList();
        return fitting.Count > 0 ? (IReadOnlyList<DriverFile>)[.. fitting.Select(e => ReadEntry(full, e))]
            : throw new InvalidRequestException(
                isHost ? ErrorIds.DriverPackageWrong : ErrorIds.GuestDriverMismatch,
                $"{full} has no {(isHost ? "vGPU host" : "guest")} driver"
                    + $"{(entry is null ? "" : $" named {entry}")} in {folder}; it has "
                    + (there.Count == 0 ? "nothing there" : string.Join(", ", there.Select(e => e.Name))),
                isHost ? "download NVIDIA's vGPU package for Linux KVM, which has "
                        + "NVIDIA-Linux-x86_64-<version>-vgpu-kvm.run"
                    : "download NVIDIA's vGPU package that has the guest drivers", full);
    });

    private static DriverFile ReadEntry(string full, ZipArchiveEntry entry)
    {
        var place = entry.FullName;
        using var stream = entry.Open();
        return new DriverFile(
            new OfferedFile(entry.Name, entry.Length, ReadHead(stream)), () => new EntryStream(full, place), true);
    }

    // A folder of NVIDIA's zip, at its top or one below; what lies deeper, or has no name, is none of its drivers.
    private static bool IsIn(string name, string folder) => name.Split('/') is { Length: 2 or 3 } parts
        && parts[^1].Length > 0 && parts[^2].Equals(folder, StringComparison.OrdinalIgnoreCase);

    private static bool IsHostDriver(string name) => DriverPackage.FromName(name) is { IsHostDriver: true };

    private static bool IsGuestDriver(string name)
    {
        try
        {
            // The package of other distributions and the plain drivers are none.
            return GuestDriverFile.Parse(name).Version is not null
                && name.Contains("grid", StringComparison.OrdinalIgnoreCase);
        }
        catch (InvalidRequestException)
        {
            return false;
        }
    }

    private static string ReadHead(Stream stream)
    {
        var head = new byte[OfferedFile.HeadLength];
        return Encoding.Latin1.GetString(head, 0, stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false));
    }

    private static T Guard<T>(string full, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException
            or NotSupportedException)
        {
            throw new UnreadableDataException(
                ErrorIds.ReadFailed, $"{full} cannot be read: {e.Message}",
                "download it again and compare its checksum with NVIDIA's: Get-FileHash", full, e);
        }
    }

    /// <summary>A file in a zip; closing it closes the zip.</summary>
    private sealed class EntryStream : Stream
    {
        private readonly ZipArchive _zip;
        private readonly Stream _inner;

        public EntryStream(string full, string entry)
        {
            _zip = ZipFile.OpenRead(full);
            _inner = _zip.GetEntry(entry)?.Open() ?? throw new InvalidDataException($"{entry} is no longer in {full}");
        }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => _inner.Read(buffer, offset, count);

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _inner.Dispose();
                _zip.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
