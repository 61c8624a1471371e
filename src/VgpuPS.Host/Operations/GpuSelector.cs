using VgpuPS.Core.Capacity;
using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Operations;

/// <summary>
/// Finds the GPUs that a user names: an index, a UUID, an address in any form, or a model with wildcards.
/// </summary>
public static class GpuSelector
{
    /// <summary>GPUs that a name means.</summary>
    /// <param name="gpus">The GPUs that the host's driver has, in the host's order, which is what an index counts
    /// in.</param>
    /// <param name="name">The name.</param>
    /// <param name="address">Address of one.</param>
    /// <param name="identify">UUID and model of one; asked only where the name is neither index nor address.</param>
    /// <returns>In the host's order; none only for a name with wildcards that nothing matches.</returns>
    /// <exception cref="ObjectNotFoundException">An identity that no GPU has.</exception>
    public static IReadOnlyList<T> Find<T>(
        IReadOnlyList<T> gpus, string name, Func<T, PciAddress> address, Func<T, (string Uuid, string Model)> identify)
    {
        name = name.Trim();
        if (name.AsSpan().IndexOfAny('*', '?') >= 0)
        {
            return [.. gpus.Where(g => GpuMatch.IsModel(name, identify(g).Model))];
        }

        List<T> found =
        [
            .. int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? gpus.Where((_, i) => i == index)
                : PciAddress.TryParse(name, out var wanted)
                ? gpus.Where(g => address(g) == wanted)
                : gpus.Where(g => string.Equals(identify(g).Uuid, name, StringComparison.OrdinalIgnoreCase)
                    || GpuMatch.IsModel(name, identify(g).Model)),
        ];
        return found.Count > 0 ? found : throw new ObjectNotFoundException(
            ErrorIds.DeviceNotFound,
            $"there is no GPU '{name}'; the driver has {Describe([.. gpus.Select(Name)])}",
            "name one by index, UUID, address or model, as Get-Gpu shows them", name);

        string Name(T gpu, int index) =>
            string.Create(CultureInfo.InvariantCulture, $"{index} ({identify(gpu).Model}, {address(gpu)})");
    }

    /// <summary>GPUs of a report that a name means.</summary>
    /// <inheritdoc cref="Find{T}"/>
    public static IReadOnlyList<GpuInfo> Find(IReadOnlyList<GpuInfo> gpus, string name) =>
        Find(gpus, name, g => PciAddress.Parse(g.GpuAddress), g => (g.GpuUuid, g.Model));

    /// <summary>GPUs that any of several names means, each once, in the order of the names.</summary>
    /// <param name="gpus">The host's GPUs.</param>
    /// <param name="names">The names.</param>
    /// <param name="fail">Takes an identity that no GPU has; the others go on.</param>
    public static IReadOnlyList<GpuInfo> FindAll(
        IReadOnlyList<GpuInfo> gpus, IEnumerable<string> names, Action<VgpuException> fail)
    {
        var found = new List<GpuInfo>();
        foreach (var name in names)
        {
            try
            {
                found.AddRange(Find(gpus, name).Where(g => !found.Contains(g)));
            }
            catch (ObjectNotFoundException failure)
            {
                fail(failure);
            }
        }

        return found;
    }

    private static string Describe(IReadOnlyList<string> gpus) => gpus.Count switch
    {
        0 => "none",
        1 => gpus[0],
        _ => string.Join(", ", gpus),
    };
}
