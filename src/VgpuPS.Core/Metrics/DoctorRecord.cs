using System.Text.Json.Serialization;
using VgpuPS.Core.Json;

namespace VgpuPS.Core.Metrics;

/// <summary>
/// Contents of <c>/run/vgpups/doctor.json</c>: what the doctor found when the timer last ran it, for whoever cannot
/// wait for a run of it.
/// </summary>
public sealed record DoctorRecord
{
    /// <summary>The version that this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the file's form.</summary>
    public int Version { get; set; } = CurrentVersion;

    /// <summary>When the run ended, UTC, ISO 8601 to the second.</summary>
    public required string Time { get; init; }

    /// <summary>How long it took, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>How many checks were made, skipped ones included.</summary>
    public required int Checks { get; init; }

    /// <summary>Names of the checks that failed, in the doctor's order.</summary>
    public IReadOnlyList<string> Failed { get; set; } = [];

    /// <summary>Names of the checks that warn, in the doctor's order.</summary>
    public IReadOnlyList<string> Warnings { get; set; } = [];

    /// <summary>GPUs that the layout names; null without a layout, and where it could not be compared.</summary>
    public IReadOnlyList<LayoutDrift>? Layout { get; init; }

    /// <summary>Xids of this boot; null where the log could not be read.</summary>
    public IReadOnlyList<XidCount>? Xids { get; init; }
}

/// <summary>How a GPU stands to the layout.</summary>
/// <param name="Gpu">Its address; of an entry that no GPU has, the name in the layout.</param>
/// <param name="Drifted">Whether it differs.</param>
public sealed record LayoutDrift(string Gpu, bool Drifted);

/// <summary>An Xid that the driver reported.</summary>
/// <param name="Gpu">The GPU, sysfs form.</param>
/// <param name="Xid">Its number.</param>
/// <param name="Count">How many lines of it are kept, of those since the boot.</param>
/// <param name="Last">When the newest was written, UTC, ISO 8601 to the second; null where the log does not
/// say.</param>
public sealed record XidCount(string Gpu, int Xid, int Count, string? Last);

/// <summary>Turns the doctor's record into bytes and back.</summary>
public static class DoctorRecordFormat
{
    private const int MaxItems = 512;
    private const int MaxName = 256;

    /// <summary>Reads and checks it.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="UnreadableDataException">Not JSON, an unknown member, a value that the doctor does not write,
    /// or a newer version.</exception>
    public static DoctorRecord Read(ReadOnlySpan<byte> content, string path)
    {
        var reader = new JsonFileReader(
            path, "the doctor's last result", "write it again: systemctl start vgpups-doctor.service",
            DoctorRecord.CurrentVersion);
        var json = JsonFileReader.WithoutMark(content);
        var record = reader.Read(json, DoctorRecordJsonContext.Default.DoctorRecord);
        var wrong = !UtcText.TryParse(record.Time, out _) ? "time"
            : record.Seconds < 0 ? "seconds"
            : record.Checks < 0 ? "checks"
            : !AreNames(record.Failed) ? "failed"
            : !AreNames(record.Warnings) ? "warnings"
            : record.Layout is { } layout && (!AreNames([.. layout.Select(l => l.Gpu)])) ? "layout"
            : record.Xids is { } xids && !AreXids(xids) ? "xids"
            : null;
        return wrong is null ? record : throw reader.Unreadable(
            JsonPosition.Find(json, wrong), $"the value of {wrong} is not a value that the doctor writes");
    }

    /// <summary>The file's bytes.</summary>
    public static byte[] Write(DoctorRecord record) =>
        JsonOutput.WriteLine(record, DoctorRecordJsonContext.Default.DoctorRecord);

    private static bool AreNames(IReadOnlyList<string> names) => names.Count <= MaxItems
        && names.All(n => n.Length is > 0 and <= MaxName)
        && names.Distinct(StringComparer.Ordinal).Count() == names.Count;

    private static bool AreXids(IReadOnlyList<XidCount> xids) => xids.Count <= MaxItems
        && xids.All(x => PciAddress.TryParse(x.Gpu, out _) && x.Xid >= 0 && x.Count > 0
            && (x.Last is null || UtcText.TryParse(x.Last, out _)))
        && xids.DistinctBy(x => (x.Gpu, x.Xid)).Count() == xids.Count;
}

/// <summary>A moment as our files write it: <c>2026-01-05T08:00:00Z</c>.</summary>
public static class UtcText
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>The text of a moment.</summary>
    public static string Of(DateTimeOffset moment) => moment.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture);

    /// <summary>The moment of a text.</summary>
    public static bool TryParse(string text, out DateTimeOffset moment) => DateTimeOffset.TryParseExact(
        text, Form, CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out moment);
}

/// <summary>How the doctor's last result is read and written: camelCase, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(DoctorRecord))]
internal sealed partial class DoctorRecordJsonContext : JsonSerializerContext;
