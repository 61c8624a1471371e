using System.Globalization;
using System.Text.RegularExpressions;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Pci;
using VgpuPS.Core.UseCases.ShowHost;

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
            return [.. gpus.Where(g => IsModel(g, name))];
        }

        List<GpuReport> found =
        [
            .. int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? gpus.Where(g => g.Index == index)
                : PciAddress.TryParse(name, out var address)
                ? gpus.Where(g => g.Address == address.ToString())
                : gpus.Where(g => string.Equals(g.Uuid, name, StringComparison.OrdinalIgnoreCase) || IsModel(g, name)),
        ];
        return found.Count > 0 ? found : throw new ObjectNotFoundException(
            ErrorIds.DeviceNotFound,
            $"no GPU '{name}' is here; there {Describe(gpus)}",
            "Name one by index, UUID, address or model, as Get-Gpu shows them", name);
    }

    private static string Describe(IReadOnlyList<GpuReport> gpus) => gpus.Count switch
    {
        0 => "is none that the driver has",
        1 => "is " + Name(gpus[0]),
        _ => "are " + string.Join(", ", gpus.Select(Name)),
    };

    private static string Name(GpuReport gpu) =>
        string.Create(CultureInfo.InvariantCulture, $"{gpu.Index} ({gpu.Model}, {gpu.Address})");

    private static bool IsModel(GpuReport gpu, string pattern)
    {
        var regex = new Regex(
            "^(NVIDIA )?" + Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)
                .Replace("\\?", ".", StringComparison.Ordinal) + "$",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        return regex.IsMatch(gpu.Model);
    }
}
