using VgpuPS.Host.Operations.Doctor.Checks;

namespace VgpuPS.Host.Operations.Doctor;

/// <summary>All checks of the doctor, in the order in which they build on each other.</summary>
public static class CheckCatalogue
{
    internal static IReadOnlyList<HostCheck> All { get; } =
    [
        .. PlatformChecks.All, .. DriverChecks.All, .. ServiceChecks.All, .. GpuChecks.All, .. VgpuChecks.All,
        .. VmStartChecks.All, .. PlacingChecks.All, .. ClusterChecks.All, .. FilesChecks.All,
    ];

    /// <summary>Their names with what they look at, in the same order.</summary>
    public static IReadOnlyList<(string Id, string Title)> Names { get; } = [.. All.Select(c => (c.Id, c.Title))];

    /// <summary>Whether a name with <c>*</c> and <c>?</c>, or the name of an area, means a check.</summary>
    internal static bool Matches(string pattern, HostCheck check) =>
        System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, check.Id)
        || System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, check.Area);
}
