using System.Text.Json;
using System.Text.Json.Serialization;
using VgpuPS.Core.Json;
using VgpuPS.Core.Proxmox;

namespace VgpuPS.Core.Cpu;

/// <summary>What VMs' configurations said about CPUs and memory before this product changed them.</summary>
/// <param name="Vms">By VM id.</param>
public sealed record AffinityFile(IReadOnlyDictionary<string, AffinityRecord> Vms)
{
    /// <summary>The newest version that this program reads and writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the form.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Nothing was changed.</summary>
    public static AffinityFile Empty { get; } = new(new Dictionary<string, AffinityRecord>(StringComparer.Ordinal));

    /// <summary>The same with what is kept of a VM; null to forget it.</summary>
    public AffinityFile With(VmId vm, AffinityRecord? record)
    {
        var vms = new SortedDictionary<string, AffinityRecord>(StringComparer.Ordinal);
        foreach (var (id, kept) in Vms.Where(v => v.Key != vm.ToString()))
        {
            vms[id] = kept;
        }

        if (record is not null)
        {
            vms[vm.ToString()] = record;
        }

        return this with { Vms = vms };
    }

    /// <summary>Reads the file.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="UnreadableDataException">It is of a newer version, or not readable.</exception>
    public static AffinityFile Read(ReadOnlySpan<byte> content, string path) =>
        new JsonFileReader(
            path, "the file of VMs' affinity before ours", $"set it aside: mv {path} {path}.bad", CurrentVersion)
            .Read(JsonFileReader.WithoutMark(content), AffinityJsonContext.Default.AffinityFile);

    /// <summary>The file's bytes.</summary>
    public byte[] Write() => [.. JsonSerializer.SerializeToUtf8Bytes(this, AffinityJsonContext.Default.AffinityFile),
        (byte)'\n'];
}

/// <summary>What is kept of a VM.</summary>
/// <param name="Written">Our lines: restored is only while they stand.</param>
/// <param name="Before">The lines that stood there before; a key that had none is missing.</param>
public sealed record AffinityRecord(
    IReadOnlyDictionary<string, string> Written, IReadOnlyDictionary<string, string> Before)
{
    /// <summary>Keys of our lines that somebody changed since; none while all stand.</summary>
    public IReadOnlyList<string> ChangedIn(VmConfig config) =>
        [.. Written.Where(w => config.NextValue(w.Key) != w.Value).Select(w => w.Key)];
}

/// <summary>How the file is read and written: camelCase, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true)]
[JsonSerializable(typeof(AffinityFile))]
internal sealed partial class AffinityJsonContext : JsonSerializerContext;
