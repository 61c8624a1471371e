using VgpuPS.Core.Metrics;

namespace VgpuPS.Host.State;

/// <summary>What the doctor found when its timer last ran it, in <c>/run/vgpups/doctor.json</c>.</summary>
/// <param name="files">The host's files.</param>
public sealed class DoctorRecordFile(IHostFiles files)
{
    private const int SizeLimit = 1024 * 1024;

    private readonly CheckedFiles _files = new(files, "the doctor's last result");

    /// <summary>Reads it; null where the timer has not run since the boot.</summary>
    /// <exception cref="UnreadableDataException">It is not readable.</exception>
    public DoctorRecord? Load() => _files.Find(StatePaths.Doctor, SizeLimit) is { } content
        ? DoctorRecordFormat.Read(content, StatePaths.Doctor) : null;

    /// <summary>Writes it whole, and reads it back.</summary>
    /// <exception cref="HostNotReadyException">The storage is full or read-only.</exception>
    public void Save(DoctorRecord record) => _files.Write(
        StatePaths.Doctor, DoctorRecordFormat.Write(record), StatePaths.PrivateMode, StatePaths.RunFolderMode);
}
