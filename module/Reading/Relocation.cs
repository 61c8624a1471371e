using VgpuPS.Host.Operations.Capacity;

namespace VgpuPS.Reading;

/// <summary>Says where the VMs of a host would start if it were gone.</summary>
/// <param name="sink">Where to write.</param>
/// <param name="names">Sessions that were named; null for all.</param>
internal sealed class Relocation(ICommandSink sink, IReadOnlyList<string>? names)
{
    // Hosts are tried in each order up to this many: a VM may take what another one alone could use.
    private const int MostOrdered = 4;

    /// <summary>Plays it, and writes a row for each VM.</summary>
    /// <param name="lost">The host, by session or node.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="VgpuException">There is no such host, or no other one.</exception>
    public async Task RunAsync(string lost, CancellationToken cancellationToken)
    {
        var others = HostSessions.ForReading(names)
            .Where(s => !string.Equals(s.Name, lost, StringComparison.OrdinalIgnoreCase)).ToList();
        if (others.Count == 0)
        {
            throw new InvalidRequestException(
                ErrorIds.MissingParameter, $"no host session but {lost} is open, so there is nowhere to go",
                "open sessions with the other hosts: Connect-VgpuHost", lost);
        }

        var vms = await ReadAsync(lost, others, cancellationToken).ConfigureAwait(false);
        var order = vms.OrderByDescending(v => v.IsRunning ?? true).ThenByDescending(v => v.MemoryMiB)
            .ThenBy(v => v.VmId).ToList();
        Dictionary<int, VmRelocationInfo>? best = null;
        foreach (var hosts in Orders(others))
        {
            var found = await PlaceAsync(lost, order, hosts, cancellationToken).ConfigureAwait(false);
            best = best is null || Count(found).CompareTo(Count(best)) > 0 ? found : best;
            if (best.Values.All(r => r.Fits))
            {
                break;
            }
        }

        foreach (var vm in order)
        {
            sink.WriteObject(best![vm.VmId]);
        }
    }

    private static (int Running, int All) Count(Dictionary<int, VmRelocationInfo> rows) => (
        rows.Values.Count(r => r is { Fits: true, IsRunning: not false }), rows.Values.Count(r => r.Fits));

    private static IEnumerable<IReadOnlyList<IHostSession>> Orders(List<IHostSession> hosts) =>
        hosts.Count > MostOrdered ? [hosts] : Permute(hosts);

    private static IEnumerable<IReadOnlyList<IHostSession>> Permute(IReadOnlyList<IHostSession> hosts) =>
        hosts.Count < 2 ? [hosts]
        : hosts.SelectMany(first => Permute([.. hosts.Where(h => h != first)])
            .Select(rest => (IReadOnlyList<IHostSession>)[first, .. rest]));

    /// <summary>VMs of the host itself, or of that node as the first other host of its cluster knows them.</summary>
    private async Task<IReadOnlyList<MovableVm>> ReadAsync(
        string lost, List<IHostSession> others, CancellationToken cancellationToken)
    {
        if (HostSessions.Connected.FirstOrDefault(
            s => string.Equals(s.Name, lost, StringComparison.OrdinalIgnoreCase)) is { } session)
        {
            return await AskAsync(session, new ReadMovableVmsRequest(), cancellationToken).ConfigureAwait(false);
        }

        foreach (var other in others)
        {
            var found = await AskAsync(other, new ReadMovableVmsRequest(lost), cancellationToken).ConfigureAwait(false);
            if (found.Count > 0)
            {
                return found;
            }
        }

        throw new ObjectNotFoundException(
            ErrorIds.SessionNotFound,
            $"no host session '{lost}' is open, and no cluster of {string.Join(", ", others.Select(s => s.Name))} "
                + "has a node of that name with VMs that have a vGPU",
            "see the sessions: Get-VgpuHost", lost);
    }

    private Task<IReadOnlyList<MovableVm>> AskAsync(
        IHostSession session, ReadMovableVmsRequest request, CancellationToken cancellationToken) => session.RunAsync(
            HostUseCases.ReadMovableVms, request, new SinkObserver(sink, session.Name), cancellationToken);

    private async Task<Dictionary<int, VmRelocationInfo>> PlaceAsync(
        string lost, List<MovableVm> vms, IReadOnlyList<IHostSession> hosts, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<int, VmRelocationInfo>();
        var reasons = vms.ToDictionary(v => v.VmId, _ => new List<string>());
        var left = vms;
        foreach (var host in hosts.TakeWhile(_ => left.Count > 0))
        {
            var fits = await host.RunAsync(
                HostUseCases.FitVms, new FitVmsRequest(left), new SinkObserver(sink, host.Name), cancellationToken)
                .ConfigureAwait(false);
            foreach (var (vm, fit) in left.Zip(fits))
            {
                reasons[vm.VmId].AddRange(fit.Reason is { } why ? [$"{host.Name}: {why}"] : []);
                rows[vm.VmId] = Row(lost, vm, fit, host.Name, reasons[vm.VmId]);
            }

            left = [.. left.Where(v => !rows[v.VmId].Fits)];
        }

        return rows;
    }

    private static VmRelocationInfo Row(
        string lost, MovableVm vm, VmFit fit, string host, IReadOnlyList<string> reasons) => new()
        {
            VgpuHost = lost,
            VmId = vm.VmId,
            VmName = vm.VmName,
            IsRunning = vm.IsRunning,
            VgpuTypes = fit.Types.Count > 0 ? fit.Types : vm.Types,
            MemoryMiB = vm.MemoryMiB,
            Fits = fit.Fits,
            Target = fit.Fits ? host : null,
            TargetGpu = fit.Gpus,
            Reason = fit.Fits ? null : string.Join("; ", reasons),
        };
}
