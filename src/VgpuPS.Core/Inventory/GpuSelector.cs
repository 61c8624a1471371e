using System.Globalization;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Pci;
using VgpuPS.Core.UseCases.ShowHost;
using VgpuPS.Core.Vgpu.Capacity;

namespace VgpuPS.Core.Inventory;

/// <summary>Finds the GPUs that a person names: an index, a UUID, an address in any form, or a model with wildcards.</summary>
public static class GpuSelector
{
    /// <summary>GPUs that a name means.</summary>
    /// <returns>In the host's order; none only for a name with wildcards that nothing matches.</returns>
    /// <exception cref="ObjectNotFoundException">An identity that no GPU has.</exception>
    public static IReadOnlyList<GpuReport> Find(IReadOnlyList<GpuReport> gpus, string name)
    {
        name = name.Trim();
        if (name.AsSpan().IndexOfAny('*', '?') >= 0)
        {
            return [.. gpus.Where(g => GpuMatch.IsModel(name, g.Model))];
        }

        List<GpuReport> found =
        [
            .. int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? gpus.Where(g => g.Index == index)
                : PciAddress.TryParse(name, out var address)
                ? gpus.Where(g => g.Address == address.ToString())
                : gpus.Where(g => string.Equals(g.Uuid, name, StringComparison.OrdinalIgnoreCase) || GpuMatch.IsModel(name, g.Model)),
        ];
        return found.Count > 0 ? found : throw new ObjectNotFoundException(
            ErrorIds.DeviceNotFound,
            $"no GPU '{name}' is here; there {Describe(gpus)}",
            "Name one by index, UUID, address or model, as Get-Gpu shows them", name);
    }

    /// <summary>GPUs that any of several names means, each once, in the order of the names.</summary>
    /// <param name="gpus">The host's GPUs.</param>
    /// <param name="names">The names.</param>
    /// <param name="fail">Takes an identity that no GPU has; the others go on.</param>
    public static IReadOnlyList<GpuReport> FindAll(
        IReadOnlyList<GpuReport> gpus, IEnumerable<string> names, Action<VgpuException> fail)
    {
        var found = new List<GpuReport>();
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

    private static string Describe(IReadOnlyList<GpuReport> gpus) => gpus.Count switch
    {
        0 => "is none that the driver has",
        1 => "is " + Name(gpus[0]),
        _ => "are " + string.Join(", ", gpus.Select(Name)),
    };

    private static string Name(GpuReport gpu) =>
        string.Create(CultureInfo.InvariantCulture, $"{gpu.Index} ({gpu.Model}, {gpu.Address})");
}
