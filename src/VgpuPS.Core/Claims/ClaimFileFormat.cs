using System.Text.Json.Serialization;
using VgpuPS.Core.Json;

namespace VgpuPS.Core.Claims;

/// <summary>Turns the claims file's bytes into claims and back.</summary>
public static class ClaimFileFormat
{
    private const int LargestEntry = 15;

    // Placements are masks of 32 bits; no GPU has more than 8 memory slices.
    private const int MemorySliceLimit = 32;

    /// <summary>Reads the file.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="UnreadableDataException">
    /// It is of a newer version (<see cref="ErrorIds.NewerVersion"/>), or not readable; the message names line and
    /// column.
    /// </exception>
    public static ClaimFile Read(ReadOnlySpan<byte> content, string path)
    {
        var reader = new JsonFileReader(
            path, "the claims file", $"set it aside, then sweep: mv {path} {path}.bad; vgpu-hook sweep",
            ClaimFile.CurrentVersion);
        var json = JsonFileReader.WithoutMark(content);
        var file = reader.Read(json, ClaimJsonContext.Default.ClaimFile);
        var claim = file.Claims.ToList().FindIndex(c => c.Entry is < 0 or > LargestEntry);
        var instance = file.Instances.ToList().FindIndex(i => i.Start is < 0 or > MemorySliceLimit
            || i.Size < 1 || i.Size > MemorySliceLimit - i.Start);
        if (claim >= 0 || instance >= 0)
        {
            var (list, index) = claim >= 0 ? ("claims", claim) : ("instances", instance);
            throw reader.Unreadable(
                JsonPosition.Find(json, list, $"{index}"),
                $"a value of {list}[{index}] is not a value that the hook writes");
        }

        foreach (var (model, weights) in file.Demand)
        {
            if (weights is null || weights.Values.Any(weight => weight < 0))
            {
                throw reader.Unreadable(
                    JsonPosition.Find(json, "demand", model),
                    $"the demand of {model} is not an object of numbers from 0");
            }
        }

        return file;
    }

    /// <summary>The file's bytes: sorted, so that equal claims give equal bytes.</summary>
    /// <param name="file">The claims.</param>
    public static byte[] Write(ClaimFile file)
    {
        var sorted = file with
        {
            Claims = [.. file.Claims.OrderBy(claim => claim.Vm).ThenBy(claim => claim.Entry)],
            Instances = [.. file.Instances.OrderBy(instance => instance.Gpu).ThenBy(instance => instance.Placement)],
            Demand = Sort(file.Demand.Select(model => KeyValuePair.Create(
                model.Key, (IReadOnlyDictionary<string, double>)Sort(model.Value)))),
        };
        return JsonOutput.WriteLine(sorted, ClaimJsonContext.Default.ClaimFile);
    }

    private static SortedDictionary<string, T> Sort<T>(IEnumerable<KeyValuePair<string, T>> source) =>
        new(source.ToDictionary(), StringComparer.Ordinal);
}

/// <summary>How the file of claims is read and written: camelCase, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters =
    [
        typeof(VmIdConverter), typeof(VgpuTypeIdConverter), typeof(ProfileIdConverter),
        typeof(GpuInstanceIdConverter), typeof(ComputeInstanceIdConverter), typeof(PciAddressConverter),
        typeof(MdevUuidConverter), typeof(ChoiceConverter<ClaimState>),
    ],
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ClaimFile))]
internal sealed partial class ClaimJsonContext : JsonSerializerContext;
