using System.Globalization;

namespace VgpuPS.Reading;

/// <summary>Finds the VMs that a reading command selects.</summary>
internal static class VmChoice
{
    /// <summary>VMs by id or name, wildcards in either; all where none is named.</summary>
    /// <param name="report">The host.</param>
    /// <param name="names">What was given.</param>
    /// <param name="fail">Called for one that is not there.</param>
    public static List<VmReport> Find(HostReport report, IReadOnlyList<string>? names, Action<VgpuException> fail)
    {
        if (names is not { Count: > 0 })
        {
            return [.. report.Vms];
        }

        var found = new List<VmReport>();
        foreach (var name in names)
        {
            if (WildcardPattern.ContainsWildcardCharacters(name))
            {
                var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
                found.AddRange(report.Vms.Where(v => !found.Contains(v) && (pattern.IsMatch(v.Name ?? "")
                    || pattern.IsMatch(v.Id.ToString(CultureInfo.InvariantCulture)))));
                continue;
            }

            try
            {
                var id = Vms.Find(report, name);
                found.AddRange(report.Vms.Where(v => v.Id == id.Value && !found.Contains(v)));
            }
            catch (VgpuException failure)
            {
                fail(failure);
            }
        }

        return found;
    }
}
