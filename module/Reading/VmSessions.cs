using System.Globalization;

namespace VgpuPS.Reading;

/// <summary>Finds the hosts that have the VMs that a user names.</summary>
internal static class VmSessions
{
    /// <summary>The host that has all of them, by name or, where no host is named, by the VMs; all hosts for no
    /// VM.</summary>
    /// <exception cref="InvalidRequestException">Several hosts have them.</exception>
    public static async Task<IReadOnlyList<IHostSession>> FindAsync(
        ICommandSink sink, IReadOnlyList<string>? names, IReadOnlyList<string> vms, CancellationToken cancellationToken)
    {
        var sessions = HostSessions.ForReading(names);
        if (names is { Count: > 0 } || sessions.Count == 1 || vms.Count == 0)
        {
            return sessions;
        }

        var answers = await Task.WhenAll(
            sessions.Select(s => HasAsync(sink, s, vms, cancellationToken))).ConfigureAwait(false);
        var having = sessions.Where((_, index) => answers[index]).ToList();
        return having switch
        {
            [_] => having,
            [] => throw new ObjectNotFoundException(
                ErrorIds.VmNotFound, $"no connected host has VM {string.Join(", ", vms)}",
                "see the VMs (Get-VgpuVm), or connect the host: Connect-VgpuHost", string.Join(", ", vms)),
            _ => throw new InvalidRequestException(
                ErrorIds.AmbiguousVm,
                $"VM {string.Join(", ", vms)} is on several connected hosts: "
                    + $"{string.Join(", ", having.Select(s => s.Name))}",
                $"name the host: -Session {having[0].Name}", string.Join(", ", vms)),
        };
    }

    /// <summary>Names of VMs as they are, with the ids of those that a wildcard means in its place.</summary>
    /// <param name="sink">Where a host that cannot be asked is reported.</param>
    /// <param name="names">Sessions that were named; null for all.</param>
    /// <param name="vms">What was given; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<string[]> ExpandAsync(
        ICommandSink sink, IReadOnlyList<string>? names, IReadOnlyList<string>? vms,
        CancellationToken cancellationToken)
    {
        if (vms is null || !vms.Any(WildcardPattern.ContainsWildcardCharacters))
        {
            return [.. (vms ?? []).Select(v => v.Trim())];
        }

        var reports = new List<HostReport>();
        foreach (var session in HostSessions.ForReading(names))
        {
            await sink.TryAsync(async () => reports.Add(await ReadingRunner.ReadAsync(
                sink, session, new ReadHostRequest(DriverMayBeMissing: true), cancellationToken)
                .ConfigureAwait(false))).ConfigureAwait(false);
        }

        return [.. vms.SelectMany(v => WildcardPattern.ContainsWildcardCharacters(v)
            ? reports.SelectMany(r => VmChoice.Find(r, [v], _ => { }))
                .Select(vm => vm.Id.ToString(CultureInfo.InvariantCulture))
            : [v.Trim()]).Distinct()];
    }

    /// <summary>Whether a host has all of them; one that cannot be asked is reported, and the others go on.</summary>
    private static async Task<bool> HasAsync(
        ICommandSink sink, IHostSession session, IReadOnlyList<string> vms, CancellationToken cancellationToken)
    {
        try
        {
            var report = await ReadingRunner.ReadAsync(
                sink, session, new ReadHostRequest(DriverMayBeMissing: true), cancellationToken).ConfigureAwait(false);
            return vms.All(v => Vms.Exists(report, v));
        }
        catch (VgpuException failure)
        {
            sink.WriteFailure(failure);
            return false;
        }
    }
}
