using System.Globalization;

namespace VgpuPS.Completers;

/// <summary>Completes free placements of the profile on the line.</summary>
public sealed class MigPlacementCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound)
    {
        var profiles = Texts(bound, "Profile");
        return
            from report in Read(bound)
            from gpu in FindGpus(report, bound)
            from place in report.PlacementsOf(gpu)
            where place.IsFree
                && (profiles.Count == 0 || profiles.Contains(place.Profile, StringComparer.OrdinalIgnoreCase))
            select new Completion(
                place.Placement,
                string.Create(CultureInfo.InvariantCulture, $"{place.Profile} at {place.Placement}, {gpu.GpuAddress}"));
    }
}
