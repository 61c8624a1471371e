using System.Text.Json.Serialization;
using VgpuPS.Core.Json;

namespace VgpuPS.Core.Claims;

/// <summary>VMs that were stopped to be started again elsewhere, until they run: a run that is killed in between leaves
/// them here.</summary>
/// <param name="Vms">The VMs, ascending.</param>
public sealed record RestartFile(IReadOnlyList<VmId> Vms)
{
    /// <summary>The newest version that this program reads and writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the form.</summary>
    [JsonRequired]
    [JsonPropertyOrder(-1)]
    public int Version { get; init; } = CurrentVersion;

    /// <summary>No VM is.</summary>
    public static RestartFile Empty { get; } = new([]);

    /// <summary>The same with a VM, or without it.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="isStopped">Whether it is to be started again.</param>
    public RestartFile With(VmId vm, bool isStopped) => this with
    {
        Vms = [.. Vms.Where(v => v != vm).Concat(isStopped ? [vm] : []).Order()],
    };

    /// <summary>Reads the file.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="UnreadableDataException">It is of a newer version, or not readable.</exception>
    public static RestartFile Read(ReadOnlySpan<byte> content, string path) => new JsonFileReader(
        path, "the file of VMs that are restarted",
        $"see which VMs do not run and should (qm list), start them, and remove it: rm {path}", CurrentVersion)
        .Read(JsonFileReader.WithoutMark(content), RestartJsonContext.Default.RestartFile);

    /// <summary>The file's bytes.</summary>
    public byte[] Write() => JsonOutput.WriteLine(this, RestartJsonContext.Default.RestartFile);
}

/// <summary>How the file is read and written: camelCase, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(VmIdConverter)],
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(RestartFile))]
internal sealed partial class RestartJsonContext : JsonSerializerContext;
