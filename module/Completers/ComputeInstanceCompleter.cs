using System.Globalization;

namespace VgpuPS.Completers;

/// <summary>Completes how a new GPU instance is split: Full, None, or compute instances of the profiles on the
/// line.</summary>
public sealed class ComputeInstanceCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound)
    {
        var names = Texts(bound, "Profile");
        return
        [
            new("Full", "one compute instance that fills the GPU instance"),
            new("None", "no compute instance"),
            .. from report in Read(bound)
            from profile in FindGpus(report, bound).SelectMany(report.ProfilesOf)
            where names.Count == 0 || names.Contains(profile.Profile, StringComparer.OrdinalIgnoreCase)
            from name in PartsOf(profile)
            select new Completion(name, $"{name}: a part of a {profile.Profile}"),
        ];
    }

    /// <summary>Compute instances that are smaller than the GPU instance.</summary>
    /// <remarks>Source: facts/mig-profiles.json: one and two slices everywhere, three and four only within
    /// seven.</remarks>
    internal static IEnumerable<string> PartsOf(MigProfileInfo profile) =>
        from slices in Enumerable.Range(1, profile.ComputeSlices >= 7 ? 4 : 2)
        where slices < profile.ComputeSlices
        select string.Create(CultureInfo.InvariantCulture, $"{slices}c.{profile.Profile}");
}

/// <summary>Completes profiles of compute instances of the GPU instance on the line.</summary>
public sealed class ComputeProfileCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound)
    {
        var ids = Texts(bound, "GpuInstanceId");
        return
            from report in Read(bound)
            from gpu in FindGpus(report, bound)
            from instance in report.InstancesOf(gpu)
            where ids.Count == 0 || ids.Contains(
                instance.GpuInstanceId.ToString(CultureInfo.InvariantCulture), StringComparer.Ordinal)
            from profile in report.ProfilesOf(gpu)
            where profile.Profile == instance.Profile
            from name in ComputeInstanceCompleter.PartsOf(profile).Append(profile.Profile)
            select new Completion(name, string.Create(
                CultureInfo.InvariantCulture, $"{name}: in GI {instance.GpuInstanceId}, {gpu.GpuAddress}"));
    }
}

/// <summary>Completes compute instances of the GPU instance on the line, by id.</summary>
public sealed class ComputeInstanceIdCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound)
    {
        var ids = Texts(bound, "GpuInstanceId");
        return
            from report in Read(bound)
            from gpu in FindGpus(report, bound)
            from compute in report.ComputeInstancesOf(gpu)
            where ids.Count == 0 || ids.Contains(
                compute.GpuInstanceId.ToString(CultureInfo.InvariantCulture), StringComparer.Ordinal)
            select new Completion(
                compute.ComputeInstanceId.ToString(CultureInfo.InvariantCulture),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"CI {compute.ComputeInstanceId}: {compute.ComputeProfile} in GI {compute.GpuInstanceId}"));
    }
}
