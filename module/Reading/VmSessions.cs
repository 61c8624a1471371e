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
                "see the VMs (Get-VgpuHook), or connect the host: Connect-VgpuHost", string.Join(", ", vms)),
            _ => throw new InvalidRequestException(
                ErrorIds.AmbiguousVm,
                $"VM {string.Join(", ", vms)} is on several connected hosts: "
                    + $"{string.Join(", ", having.Select(s => s.Name))}",
                $"name the host: -Session {having[0].Name}", string.Join(", ", vms)),
        };
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
