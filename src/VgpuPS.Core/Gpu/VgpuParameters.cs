namespace VgpuPS.Core.Gpu;

/// <summary>Plugin parameters of one vGPU: what may be said, and how the driver's attribute has it.</summary>
/// <remarks>Source: facts/host-behaviour.md 1.6: <c>name=value</c>, separated by commas; a blank clears them.</remarks>
public static class VgpuParameters
{
    /// <summary>As the attribute has them: <c>enable_uvm=1,enable_profiling=1</c>; empty for none.</summary>
    public static string Format(IEnumerable<KeyValuePair<string, int>> parameters) => string.Join(
        ',', parameters.OrderBy(p => Order(p.Key)).ThenBy(p => p.Key, StringComparer.Ordinal)
            .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Key}={p.Value}")));

    /// <summary>What an attribute has, by name; an item without a value has the empty text.</summary>
    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var at = item.IndexOf('=', StringComparison.Ordinal);
            found[at < 0 ? item : item[..at].TrimEnd()] = at < 0 ? "" : item[(at + 1)..].TrimStart();
        }

        return found;
    }

    /// <summary>Whether two texts of an attribute mean the same, whatever their order.</summary>
    public static bool AreSame(string one, string other)
    {
        var (left, right) = (Parse(one), Parse(other));
        return left.Count == right.Count && left.All(p => right.TryGetValue(p.Key, out var value) && value == p.Value);
    }

    /// <summary>What is wrong with a name or its value, whatever the type; null for nothing.</summary>
    public static string? FindFault(string name, long value)
    {
        if (VgpuParameter.Find(name) is not { } known)
        {
            var names = VgpuParameter.All.Select(p => p.Name).ToList();
            return $"'{name}' is not a known parameter{NearestName.Suggest(name, names)} "
                + $"(known: {string.Join(", ", names)})";
        }

        return value < 0 || value > known.Largest
            ? string.Create(CultureInfo.InvariantCulture, $"{name} is {value}, and must be {known.Values}") : null;
    }

    /// <summary>What is wrong with parameters as a whole, whatever the type; null for nothing.</summary>
    /// <remarks>Source: facts/measuring.md F25: profilers need unified memory.</remarks>
    public static string? FindFault(IReadOnlyDictionary<string, int> parameters) =>
        parameters.Select(p => FindFault(p.Key, p.Value)).FirstOrDefault(f => f is not null)
        ?? (IsOn(parameters, VgpuParameter.Profiling) && !IsOn(parameters, VgpuParameter.UnifiedMemory)
            ? "enable_profiling=1 needs enable_uvm=1" : null);

    /// <summary>What a type does not allow of parameters; null for nothing, and where it is not known.</summary>
    /// <remarks>
    /// Source: facts/measuring.md F25: unified memory is for MIG-backed types, and time-sliced ones with the whole
    /// frame buffer, of which a GPU carries one. facts/host-behaviour.md 1.6 and 5: placement ids belong to mixed
    /// sizes, which are time-sliced.
    /// </remarks>
    public static string? FindFault(IReadOnlyDictionary<string, int> parameters, VgpuType type) =>
        IsOn(parameters, VgpuParameter.UnifiedMemory) && !type.IsMigBacked && type.MaxPerGpu > 1
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"enable_uvm=1 is for MIG-backed types and time-sliced ones with the whole frame buffer, and "
                    + $"{type.ShortName} is one of {type.MaxPerGpu} on a GPU")
        : parameters.ContainsKey(VgpuParameter.PlacementId) && type.IsMigBacked
            ? $"vgpu-placement-id is for time-sliced types on GPUs of mixed sizes, and {type.ShortName} is MIG-backed"
        : null;

    /// <summary>What parameters cost; null for nothing.</summary>
    /// <remarks>Source: facts/measuring.md F25, facts/cluster.md D9.</remarks>
    public static string? FindCost(IReadOnlyDictionary<string, int> parameters)
    {
        var names = new[] { VgpuParameter.UnifiedMemory, VgpuParameter.Profiling, VgpuParameter.Debugging }
            .Where(n => IsOn(parameters, n)).ToList();
        return names.Count == 0 ? null
            : $"with {string.Join(" and ", names)} it can neither be migrated live nor suspended";
    }

    /// <summary>The parameters in a text that was written by <see cref="Format"/>.</summary>
    public static IReadOnlyDictionary<string, int> Read(string text) => Parse(text).ToDictionary(
        p => p.Key, p => int.Parse(p.Value, NumberStyles.None, CultureInfo.InvariantCulture), StringComparer.Ordinal);

    private static bool IsOn(IReadOnlyDictionary<string, int> parameters, string name) =>
        parameters.GetValueOrDefault(name) == 1;

    private static int Order(string name) =>
        VgpuParameter.All.Select(p => p.Name).TakeWhile(n => n != name).Count();
}
