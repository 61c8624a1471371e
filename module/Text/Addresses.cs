using VgpuPS.Core.Gpu;

namespace VgpuPS.Text;

/// <summary>Function addresses as users write them.</summary>
internal static class Addresses
{
    /// <summary>Whether an address, in any form, is the one of an object.</summary>
    public static bool AreSame(string written, string address) => PciAddress.TryParse(written.Trim(), out var parsed)
        ? parsed.ToString() == address
        : string.Equals(written.Trim(), address, StringComparison.OrdinalIgnoreCase);

    /// <summary>A failure for each address that is none of those there.</summary>
    public static IEnumerable<VgpuException> FindMissing(IReadOnlyList<string>? written, IEnumerable<string> there)
    {
        var known = there.ToList();
        return (written ?? []).Where(w => !known.Exists(k => AreSame(w, k))).Select(w => new ObjectNotFoundException(
            ErrorIds.DeviceNotFound, $"there is no function '{w}' that can carry a vGPU",
            "see the functions, or enable them: Get-SriovFunction; Enable-Sriov", w));
    }
}
