using System.Text.RegularExpressions;

namespace VgpuPS.Core.Capacity;

/// <summary>Whether a GPU is the one that a layout or a user names.</summary>
public static class GpuMatch
{
    /// <summary>Compares with an address in any form, a UUID, or a model name with <c>*</c> and <c>?</c>.</summary>
    public static bool Matches(string name, GpuState gpu) => Matches(name, gpu.Address, gpu.Uuid, gpu.Model);

    /// <summary>Compares with an address in any form, a UUID, or a model name with <c>*</c> and <c>?</c>.</summary>
    public static bool Matches(string name, PciAddress gpu, GpuUuid uuid, string model)
    {
        if (PciAddress.TryParse(name, out var address))
        {
            return address == gpu;
        }

        if (name.StartsWith("GPU-", StringComparison.OrdinalIgnoreCase))
        {
            return string.Equals(name, uuid.Value, StringComparison.OrdinalIgnoreCase);
        }

        return IsModel(name, model);
    }

    /// <summary>Compares with a model name with <c>*</c> and <c>?</c>; the maker's name may be left out.</summary>
    public static bool IsModel(string name, string model)
    {
        var pattern = "^" + Regex.Escape(name).Replace("\\*", ".*", StringComparison.Ordinal)
            .Replace("\\?", ".", StringComparison.Ordinal) + "$";
        return Regex.IsMatch(model, pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)
            || Regex.IsMatch(
                model.Replace("NVIDIA ", "", StringComparison.Ordinal), pattern,
                RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
    }
}
