using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using VgpuPS.Core.Errors;

namespace VgpuPS.Lab.Models;

/// <summary>What a GPU model is and offers; one file beside this one a model.</summary>
/// <remarks>
/// Source: facts/mig-profiles.json, facts/vgpu-types.json, facts/host-behaviour.md 1.1, 1.2 and 4. The number of
/// functions is assumed but for A10 and RTX PRO 6000, the functions' offset but for A10, A30 and RTX PRO 6000, sizes
/// of the memory but for A30. Of GH200 144G, H100 64GB, H20, H20-3e, B200, GB200 and B300 instance sizes are taken from
/// the profile's name, but never more than its part of the memory, and SMs from its compute slices (assumed; B200,
/// GB200 and B300 by two public listings of a B200: 18 a slice, 30 for one slice with two of memory); of these only
/// types whose number is sourced are listed. H200: SMs by a public listing. A800: MIG-backed types by NVIDIA's open
/// kernel modules (g_vgpu_resman_specific.h), profiles as the A100's (assumed). A2 and A16: subsystem ids by the list
/// of supported GPUs of NVIDIA's open kernel modules; that of other boards is assumed where no fact has it.
/// </remarks>
public sealed record GpuModel
{
    private static readonly ConcurrentDictionary<string, GpuModel> s_loaded = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The name as NVML prints it.</summary>
    public required string Name { get; init; }

    /// <summary>Other names that <see cref="Load"/> takes.</summary>
    public required IReadOnlyList<string> Aliases { get; init; }

    /// <summary>PCI device id in hexadecimal, as in <c>device</c>.</summary>
    public required string DeviceId { get; init; }

    /// <summary>PCI subsystem device id in hexadecimal.</summary>
    public required string SubsystemId { get; init; }

    /// <summary>All memory in MiB.</summary>
    public required int MemoryMiB { get; init; }

    /// <summary>Memory slices that placements count in; 0 without MIG.</summary>
    public required int MemorySlices { get; init; }

    /// <summary>Compute slices that GPU instances share; 0 without MIG.</summary>
    public required int ComputeSlices { get; init; }

    /// <summary>Virtual functions; 0 where types lie on the GPU itself.</summary>
    public required int TotalFunctions { get; init; }

    /// <summary>Routing ids from the GPU to its first function.</summary>
    public required int FunctionOffset { get; init; }

    /// <summary>Routing ids between functions.</summary>
    public required int FunctionStride { get; init; }

    /// <summary>Whether a change of the MIG mode resets the GPU.</summary>
    public required bool MigNeedsReset { get; init; }

    /// <summary>Whether the MIG mode outlives a reboot.</summary>
    public required bool MigPersists { get; init; }

    /// <summary>Whether time-sliced vGPUs of several sizes may run side by side.</summary>
    public required bool MixedSizes { get; init; }

    /// <summary>GPUs on one board, each of them a PCI device of its own; null for one.</summary>
    /// <remarks>Source: facts/vgpu-types.json: an A16 is four GPUs on a board.</remarks>
    public int? GpusPerBoard { get; init; }

    /// <summary>Whether the board has a display mode, in which it offers neither functions nor MIG.</summary>
    /// <remarks>Source: facts/errors.md A9 and C1; which boards have one is assumed.</remarks>
    public bool HasDisplayMode { get; init; }

    /// <summary>Whether it has performance counters that NVML reads (GPM).</summary>
    /// <remarks>Source: facts/metrics.md A4 and A5: Hopper and newer.</remarks>
    public bool HasGpm { get; init; }

    /// <summary>How fast it is at most; null where its file does not say, and guests are as fast as on an A30
    /// (assumed).</summary>
    public GpuModelSpeed? Speed { get; init; }

    /// <summary>GPU instance profiles; empty without MIG.</summary>
    public required IReadOnlyList<GpuModelProfile> Profiles { get; init; }

    /// <summary>vGPU types by number.</summary>
    public required IReadOnlyList<GpuModelType> Types { get; init; }

    /// <summary>Whether the model has a MIG mode.</summary>
    [JsonIgnore]
    public bool HasMig => Profiles.Count > 0;

    /// <summary>Names of all models, ordinal order.</summary>
    public static IReadOnlyList<string> Names =>
        [.. ReadAll().Select(file => file.Model.Name).Order(StringComparer.Ordinal)];

    /// <summary>A model by its name or an alias, in any case.</summary>
    /// <param name="name">Such as <c>A30</c>.</param>
    /// <exception cref="ArgumentException">No such model.</exception>
    public static GpuModel Load(string name)
    {
        if (s_loaded.TryGetValue(name, out var known))
        {
            return known;
        }

        return s_loaded.GetOrAdd(
            name, ReadAll(name).FirstOrDefault(file => file.Model.IsNamed(name)).Model ?? throw NoModel(name));
    }

    /// <summary>Whether that is its name or an alias, in any case.</summary>
    /// <param name="name">Such as <c>A30</c>.</param>
    public bool IsNamed(string name) => Aliases.Append(Name).Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>A type of this model; null when it has none of that number.</summary>
    /// <param name="id">Number of the type.</param>
    public GpuModelType? FindType(uint id) => Types.FirstOrDefault(type => type.Id == id);

    /// <summary>A profile of this model by the id that instances are created with; null when it has none.</summary>
    /// <param name="id">The profile's id.</param>
    public GpuModelProfile? FindProfile(uint id) => Profiles.FirstOrDefault(profile => profile.Id == id);

    /// <summary>A model that is described in a file of the user's, in the form of the models here.</summary>
    /// <param name="json">The file's text.</param>
    /// <param name="file">Its name, for what is wrong with it.</param>
    /// <exception cref="UnreadableDataException">It is no model, and why.</exception>
    public static GpuModel Parse(string json, string file)
    {
        try
        {
            var model = JsonSerializer.Deserialize(json, GpuModelJsonContext.Default.GpuModel);
            return model is null ? throw Wrong("it is empty")
                : GpuModelCheck.FindProblem(model) is { } problem ? throw Wrong(problem)
                : model;
        }
        catch (JsonException e)
        {
            throw Wrong(e.LineNumber is { } line ? $"line {line + 1}: {Reason(e)}" : Reason(e));
        }

        UnreadableDataException Wrong(string reason) => new(
            ErrorIds.UnreadableData, $"{file} does not describe a GPU model: {reason}",
            "begin with one that is known: vgpu-lab model A30 > my-board.json", file);

        static string Reason(JsonException e) => e.Message.Split(" Path: ")[0].Split(" LineNumber: ")[0].TrimEnd('.');
    }

    /// <summary>The file of a model here, to begin another one with; <see cref="Parse"/> reads it.</summary>
    /// <param name="name">Its name or an alias, in any case.</param>
    /// <exception cref="ArgumentException">No such model.</exception>
    public static string ReadFile(string name) =>
        ReadAll(name).FirstOrDefault(file => file.Model.IsNamed(name)).Json ?? throw NoModel(name);

    /// <summary>
    /// The models, or only those whose file has a text in it, and first those whose file's name is in the text: reading
    /// all of them takes a process longest.
    /// </summary>
    private static IEnumerable<(string Json, GpuModel Model)> ReadAll(string? text = null)
    {
        var assembly = typeof(GpuModel).Assembly;
        var dashed = text?.Replace(' ', '-');
        foreach (var resource in assembly.GetManifestResourceNames()
            .OrderBy(name => dashed?.Contains(name.Split('.')[^2], StringComparison.OrdinalIgnoreCase) != true)
            .ThenBy(name => name, StringComparer.Ordinal))
        {
            if (resource.Contains(".Models.", StringComparison.Ordinal)
                && resource.EndsWith(".json", StringComparison.Ordinal))
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
                var json = reader.ReadToEnd();
                if (text is null || json.Contains(text, StringComparison.OrdinalIgnoreCase))
                {
                    yield return (json, JsonSerializer.Deserialize(json, GpuModelJsonContext.Default.GpuModel)!);
                }
            }
        }
    }

    private static ArgumentException NoModel(string name) =>
        new($"The lab has no GPU model '{name}'; it has {string.Join(", ", Names)}.", nameof(name));
}

/// <summary>A GPU instance profile of a model.</summary>
/// <remarks>Source: facts/mig-profiles.json.</remarks>
public sealed record GpuModelProfile
{
    /// <summary>What instances are created with.</summary>
    public required uint Id { get; init; }

    /// <summary>The number that NVML is asked with.</summary>
    public required uint Slot { get; init; }

    /// <summary>The driver's name, such as <c>MIG 1g.6gb</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Compute slices.</summary>
    public required int ComputeSlices { get; init; }

    /// <summary>Memory in MiB.</summary>
    public required int MemoryMiB { get; init; }

    /// <summary>SMs.</summary>
    public required int Multiprocessors { get; init; }

    /// <summary>Copy engines.</summary>
    public required int CopyEngines { get; init; }

    /// <summary>Video decoders.</summary>
    public required int Decoders { get; init; }

    /// <summary>Video encoders.</summary>
    public required int Encoders { get; init; }

    /// <summary>JPEG decoders.</summary>
    public required int Jpegs { get; init; }

    /// <summary>Optical flow engines.</summary>
    public required int Ofas { get; init; }

    /// <summary>How many fit on an empty GPU.</summary>
    public required int MaxInstances { get; init; }

    /// <summary>Memory slices that an instance covers.</summary>
    public required int PlacementSize { get; init; }

    /// <summary>First memory slices that an instance may start at, ascending.</summary>
    public required IReadOnlyList<int> PlacementStarts { get; init; }

    /// <summary>Whether it takes the media engines that only one instance can have.</summary>
    public required bool Media { get; init; }

    /// <summary>Compute instance profiles within such an instance.</summary>
    public required IReadOnlyList<GpuModelComputeProfile> ComputeProfiles { get; init; }
}

/// <summary>A compute instance profile of a GPU instance profile.</summary>
/// <remarks>Source: facts/mig-profiles.json.</remarks>
public sealed record GpuModelComputeProfile
{
    /// <summary>What instances are created with.</summary>
    public required uint Id { get; init; }

    /// <summary>The number that NVML is asked with.</summary>
    public required uint Slot { get; init; }

    /// <summary>The driver's name.</summary>
    public required string Name { get; init; }

    /// <summary>Compute slices.</summary>
    public required int ComputeSlices { get; init; }

    /// <summary>SMs.</summary>
    public required int Multiprocessors { get; init; }

    /// <summary>How many fit into an empty GPU instance.</summary>
    public required int MaxInstances { get; init; }
}

/// <summary>A vGPU type of a model.</summary>
/// <remarks>Source: facts/vgpu-types.json.</remarks>
public sealed record GpuModelType
{
    /// <summary>Its number.</summary>
    public required uint Id { get; init; }

    /// <summary>Its name, such as <c>NVIDIA A30-1-6C</c>.</summary>
    public required string Name { get; init; }

    /// <summary>NVML's class: <c>Compute</c>, <c>Quadro</c>, <c>NVS</c>.</summary>
    public required string Class { get; init; }

    /// <summary>Frame buffer in MiB.</summary>
    public required int FramebufferMiB { get; init; }

    /// <summary>Most vGPUs of it on one GPU.</summary>
    public required int MaxInstances { get; init; }

    /// <summary>Most of them in mixed-size mode; null where that is not known.</summary>
    public int? MaxInstancesMixed { get; init; }

    /// <summary>Most of them in one GPU instance; null where that is one.</summary>
    public int? MaxInstancesPerGpuInstance { get; init; }

    /// <summary>Profile of the GPU instance that it needs; null for a time-sliced type.</summary>
    public uint? GpuInstanceProfile { get; init; }

    /// <summary>Licence text, may be empty.</summary>
    public required string License { get; init; }

    /// <summary>Whether its number is inferred.</summary>
    public bool Assumed { get; init; }
}

/// <summary>How the models' files are read: camelCase, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(GpuModel))]
internal sealed partial class GpuModelJsonContext : JsonSerializerContext;
