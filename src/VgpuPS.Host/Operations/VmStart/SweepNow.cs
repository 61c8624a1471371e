using VgpuPS.Core.Claims;
using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>The sweep as a change that is shown before it is made.</summary>
/// <param name="host">The host.</param>
internal sealed class SweepNow(HostPorts host)
{
    /// <summary>Plans it, or executes it.</summary>
    /// <exception cref="VgpuException">The lock was not had, or the driver cannot be asked.</exception>
    public async Task<ChangeResult> RunAsync(
        SweepHostRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var texts = Foretell(host.Claims.Load()).ToList();
        var plan = new ChangePlan($"host {host.Proxmox.Node}", texts, [])
        {
            AlreadySo = $"no VM has left anything on host {host.Proxmox.Node}",
        };
        if (request.IsPlanOnly || texts.Count == 0)
        {
            return new ChangeResult(plan, []);
        }

        // One run does all of it, in the order that it finds.
        await new Executor(host, request.Source, progress)
            .RunAsync([new ChangeStep(texts, token => new SweepHost(host).RunAsync(token))], cancellationToken)
            .ConfigureAwait(false);
        return new ChangeResult(plan, [new ChangedObject()]);
    }

    private IEnumerable<string> Foretell(ClaimFile file)
    {
        var stale = file.Claims.Select(c => c.Vm).Distinct().Where(v => ClaimSweeper.IsStale(host, file, v)).Order()
            .ToList();
        foreach (var vm in stale)
        {
            var entries = file.Claims.Where(c => c.Vm == vm).OrderBy(c => c.Entry).Select(c =>
                $"hostpci{c.Entry}{(c.Function is { } function ? $" on function {function}" : "")}");
            yield return $"release what VM {vm} left behind: {string.Join(", ", entries)}";
        }

        if (file.Instances.Count == 0 || host.Settings.Load().Reclaim != ReclaimPolicy.OnStop)
        {
            yield break;
        }

        using var driver = host.Driver.Open();
        var reader = new GpuReader(host, driver, file);
        foreach (var managed in file.Instances.Where(i => i is { IsOurs: true, Instance: not null }))
        {
            var users = reader.Gpus.Where(g => g.Address == managed.Gpu).Select(reader.Read).SelectMany(g => g.Vgpus)
                .Where(v => v.Instance == managed.Instance && !(v.Vm is { } vm && stale.Contains(vm)));
            if (!users.Any())
            {
                yield return $"destroy GPU instance {managed.Instance} of GPU {managed.Gpu}, unless a start needs it";
            }
        }
    }
}

/// <summary>Requests a sweep.</summary>
public sealed record SweepHostRequest : ChangeRequest;
