namespace VgpuPS.Lab.Models;

/// <summary>Whether a model that a user describes can be.</summary>
internal static class GpuModelCheck
{
    // Source: facts/host-behaviour.md 1.2: the driver keeps a mask of 64 functions.
    private const int MaxFunctions = 64;
    private const int MaxGpusPerBoard = 8;

    /// <summary>The first thing that is wrong with it, by the name in the file; null when all is right.</summary>
    public static string? FindProblem(GpuModel model) =>
        (HasHoles(model) ? "a list has null in it" : null)
        ?? Problems(model).FirstOrDefault(p => p.IsSo).Text
        ?? model.Profiles.Select(p => FindProblem(model, p)).FirstOrDefault(text => text is not null)
        ?? model.Types.Select(t => FindProblem(model, t)).FirstOrDefault(text => text is not null);

    private static (bool IsSo, string Text)[] Problems(GpuModel model) =>
    [
        (!IsName(model.Name), "name is empty, or has control characters"),
        (model.Aliases.Any(a => !IsName(a)), "one of aliases is empty, or has control characters"),
        (!IsId(model.DeviceId), $"deviceId '{model.DeviceId}' is not of the form 0x20b7"),
        (!IsId(model.SubsystemId), $"subsystemId '{model.SubsystemId}' is not of the form 0x1532"),
        (model.MemoryMiB <= 0, $"memoryMiB must be at least 1, and is {model.MemoryMiB}"),
        (model.TotalFunctions is < 0 or > MaxFunctions,
            $"totalFunctions must be 0 to {MaxFunctions}, and is {model.TotalFunctions}"),
        (model.TotalFunctions > 0 && (model.FunctionOffset < 1 || model.FunctionStride < 1),
            "functionOffset and functionStride must be at least 1 where totalFunctions is not 0"),
        (model.GpusPerBoard is < 1 or > MaxGpusPerBoard,
            $"gpusPerBoard must be 1 to {MaxGpusPerBoard}, and is {model.GpusPerBoard}"),
        (model.HasMig && (model.MemorySlices < 1 || model.ComputeSlices < 1),
            "memorySlices and computeSlices must be at least 1 where profiles is not empty"),
        (Twice(model.Profiles.Select(p => p.Id)) is not null,
            $"id {Twice(model.Profiles.Select(p => p.Id))} of profiles is there twice"),
        (Twice(model.Profiles.Select(p => p.Slot)) is not null,
            $"slot {Twice(model.Profiles.Select(p => p.Slot))} of profiles is there twice"),
        (model.Speed is { } speed && !CanBe(speed),
            "speed has a number that is too small, or a computeCapability that is not of the form 8.0"),
        (model.Types.Count == 0, "types is empty"),
        (Twice(model.Types.Select(t => t.Id)) is not null,
            $"id {Twice(model.Types.Select(t => t.Id))} of types is there twice"),
    ];

    private static string? FindProblem(GpuModel model, GpuModelProfile profile)
    {
        (bool IsSo, string Text)[] problems =
        [
            (!IsName(profile.Name), "its name is empty, or has control characters"),
            (profile.PlacementSize < 1 || profile.PlacementStarts.Count == 0,
                "placementSize must be at least 1, and placementStarts not empty"),
            (profile.PlacementStarts.Any(s => s < 0 || s + profile.PlacementSize > model.MemorySlices),
                $"a placement is outside of the {model.MemorySlices} memorySlices"),
            (profile.MaxInstances < 1 || profile.MaxInstances > profile.PlacementStarts.Count,
                "maxInstances must be at least 1, and at most the number of placementStarts"),
            (profile.ComputeSlices < 1 || profile.ComputeSlices > model.ComputeSlices,
                $"computeSlices must be 1 to {model.ComputeSlices}"),
            (profile.MemoryMiB < 1 || profile.Multiprocessors < 1,
                "memoryMiB and multiprocessors must be at least 1"),
            (!profile.ComputeProfiles.Any(c => c.ComputeSlices == profile.ComputeSlices),
                "none of computeProfiles has all of its computeSlices"),
        ];
        return problems.FirstOrDefault(p => p.IsSo).Text is { } text ? $"profile {profile.Id}: {text}" : null;
    }

    private static string? FindProblem(GpuModel model, GpuModelType type)
    {
        (bool IsSo, string Text)[] problems =
        [
            (!IsName(type.Name), "its name is empty, or has control characters"),
            (type.Id == 0, "its id must be at least 1"),
            (type.Class is not ("Compute" or "Quadro" or "NVS"), "class is none of Compute, Quadro, NVS"),
            (type.FramebufferMiB < 1 || type.MaxInstances < 1, "framebufferMiB and maxInstances must be at least 1"),
            (type.GpuInstanceProfile is { } profile && model.FindProfile(profile) is null,
                $"profiles has no gpuInstanceProfile {type.GpuInstanceProfile}"),
        ];
        return problems.FirstOrDefault(p => p.IsSo).Text is { } text ? $"type {type.Id}: {text}" : null;
    }

    private static bool HasHoles(GpuModel model) =>
        model.Aliases.Contains(null!) || model.Profiles.Contains(null!) || model.Types.Contains(null!)
        || model.Profiles.Any(p => p.ComputeProfiles.Contains(null!));

    private static bool CanBe(GpuModelSpeed speed) =>
        speed.Multiprocessors > 0 && speed.BoostMHz > 0 && speed.TensorOperations >= 0 && speed.MemoryMHz > 0
        && speed.MemoryBits > 0 && speed.PowerWatts > 0 && speed.PcieGBps > 0 && double.IsFinite(speed.PcieGBps)
        && speed.ComputeCapability.Split('.') is [{ Length: > 0 } major, { Length: 1 } minor]
        && major.All(char.IsAsciiDigit) && minor.All(char.IsAsciiDigit);

    private static bool IsName(string text) => text.Length > 0 && !text.Any(char.IsControl);

    private static bool IsId(string text) =>
        text.Length == 6 && text.StartsWith("0x", StringComparison.Ordinal) && text[2..].All(char.IsAsciiHexDigit);

    private static uint? Twice(IEnumerable<uint> numbers) =>
        numbers.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1)?.Key;
}
