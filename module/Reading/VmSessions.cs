using System.Globalization;

namespace VgpuPS.Reading;

/// <summary>Finds the hosts that have the VMs that a user names.</summary>
internal static class VmSessions
{
    /// <summary>The hosts that have a VM, or all that are meant for no VM.</summary>
    /// <inheritdoc cref="GroupAsync"/>
    public static async Task<IReadOnlyList<IHostSession>> FindAsync(
        ICommandSink sink, IReadOnlyList<string>? names, IReadOnlyList<string> vms,
        CancellationToken cancellationToken) =>
        [.. (await GroupAsync(sink, names, vms, cancellationToken).ConfigureAwait(false)).Select(g => g.Session)];

    /// <summary>Each host that is meant with the VMs that are meant on it: those of several hosts can be named at
    /// once. What no host has is reported, and the others go on.</summary>
    /// <param name="sink">Where a VM that is not found, and a host that cannot be asked, is reported.</param>
    /// <param name="names">Sessions that were named: a VM is meant on each of them that has it; null for all, of which
    /// one may have it.</param>
    /// <param name="vms">VMs by id or name; none for every host with none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="VgpuException">None of the VMs is on exactly one host.</exception>
    public static async Task<IReadOnlyList<(IHostSession Session, IReadOnlyList<string> Vms)>> GroupAsync(
        ICommandSink sink, IReadOnlyList<string>? names, IReadOnlyList<string> vms, CancellationToken cancellationToken)
    {
        var sessions = HostSessions.ForReading(names);
        if (sessions.Count == 1 || vms.Count == 0)
        {
            return [.. sessions.Select(s => (s, vms))];
        }

        var reports = await Task.WhenAll(
            sessions.Select(s => TryReadAsync(sink, s, cancellationToken))).ConfigureAwait(false);
        var having = vms.Distinct(StringComparer.OrdinalIgnoreCase).ToDictionary(
            vm => vm, vm => sessions.Where((_, index) => reports[index] is { } r && Vms.Exists(r, vm)).ToList(),
            StringComparer.OrdinalIgnoreCase);
        var failures = Refuse(
            having, names is { Count: > 0 }, reports.Contains(null) ? "host that answers" : "host").ToList();
        var groups = sessions.Select(s => (Session: s, Vms: (IReadOnlyList<string>)[
            .. having.Where(h => h.Value.Contains(s) && (names is { Count: > 0 } || h.Value.Count == 1))
                .Select(h => h.Key)])).Where(g => g.Vms.Count > 0).ToList();
        foreach (var failure in failures.Skip(groups.Count > 0 ? 0 : 1))
        {
            sink.WriteFailure(failure);
        }

        return groups.Count > 0 ? groups : throw failures[0];
    }

    private static IEnumerable<VgpuException> Refuse(
        IReadOnlyDictionary<string, List<IHostSession>> having, bool isNamed, string host)
    {
        var missing = string.Join(", ", having.Where(h => h.Value.Count == 0).Select(h => h.Key));
        if (missing.Length > 0)
        {
            yield return new ObjectNotFoundException(
                ErrorIds.VmNotFound, $"no {(isNamed ? "named" : "connected")} {host} has VM {missing}",
                "see the VMs (Get-VgpuVm), or connect the host: Connect-VgpuHost", missing);
        }

        foreach (var (names, vms) in having.Where(h => !isNamed && h.Value.Count > 1)
            .GroupBy(h => string.Join(", ", h.Value.Select(s => s.Name)))
            .Select(g => (g.Key, Vms: string.Join(", ", g.Select(h => h.Key)))))
        {
            yield return new InvalidRequestException(
                ErrorIds.AmbiguousVm, $"VM {vms} is on several connected hosts: {names}",
                $"name the host: -Session {names.Split(',')[0]}", vms);
        }
    }

    /// <summary>Names of VMs as they are, with the ids of those that a wildcard means in its place. A template that no
    /// name but a wildcard means is left out where the command has none.</summary>
    /// <param name="sink">Where a host that cannot be asked is reported.</param>
    /// <param name="names">Sessions that were named; null for all.</param>
    /// <param name="vms">What was given; null for none.</param>
    /// <param name="withTemplates">Whether wildcards mean templates too.</param>
    /// <param name="withoutVgpus">Whether they mean VMs too that have no vGPU.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<string[]> ExpandAsync(
        ICommandSink sink, IReadOnlyList<string>? names, IReadOnlyList<string>? vms, bool withTemplates,
        bool withoutVgpus, CancellationToken cancellationToken)
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
                .Where(vm => (withTemplates || !vm.IsTemplate) && (withoutVgpus || vm.Vgpus.Count > 0))
                .Select(vm => vm.Id.ToString(CultureInfo.InvariantCulture))
            : [v.Trim()]).Distinct()];
    }

    /// <summary>What a host has; null, and reported, for one that cannot be asked.</summary>
    private static async Task<HostReport?> TryReadAsync(
        ICommandSink sink, IHostSession session, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadingRunner.ReadAsync(
                sink, session, new ReadHostRequest(DriverMayBeMissing: true), cancellationToken).ConfigureAwait(false);
        }
        catch (VgpuException failure)
        {
            sink.WriteFailure(failure);
            return null;
        }
    }
}
