namespace VgpuPS.Host.Operations.Affinity;

/// <summary>Puts a VM's lines back as they were before ours, while ours still stand.</summary>
internal sealed class RemoveVmVgpuAffinity(HostPorts host)
{
    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="InvalidRequestException">The lines are not ours, or were changed since.</exception>
    public async Task<ChangeResult> RunAsync(
        RemoveVmVgpuAffinityRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var vm = VmFinder.Find(host, request.Vm);
        vm.RequireUnlocked();
        var kept = host.Affinity.Load().Vms.GetValueOrDefault(vm.Id.ToString());
        var now = vm.Config.NextValue("affinity");
        if (kept is null && now is null)
        {
            return new ChangeResult(new ChangePlan(vm.Label, [], []), []);
        }

        if (kept is not null && kept.Written.Keys.All(k => vm.Config.NextValue(k) is null))
        {
            // Somebody has taken the lines out by hand: nothing of ours is left but the memory of it.
            if (!request.IsPlanOnly)
            {
                host.Affinity.Save(host.Affinity.Load().With(vm.Id, null));
            }

            return new ChangeResult(new ChangePlan(vm.Label, [], []), []);
        }

        var changed = kept?.ChangedIn(vm.Config);
        if (kept is null || changed!.Count > 0)
        {
            throw new InvalidRequestException(
                ErrorIds.AffinityNotOurs,
                kept is null ? $"affinity {now} of {vm.Label} was not set by Set-VmVgpuAffinity"
                    : $"{string.Join(", ", changed!)} of {vm.Label} was changed since Set-VmVgpuAffinity set it",
                $"look at it (qm config {vm.Id}), and delete it by hand: qm set {vm.Id} --delete "
                    + string.Join(
                        ',', (kept?.Written.Keys ?? ["affinity"]).Where(k => vm.Config.NextValue(k) is not null)),
                vm.Id.ToString());
        }

        List<string> deletions = [.. kept.Written.Keys.Where(k => !kept.Before.ContainsKey(k))];
        List<string> texts =
        [
            .. kept.Before.Select(b => $"set {b.Key} of {vm.Label} to {b.Value} again, before: {kept.Written[b.Key]}"),
            .. deletions.Select(k => $"delete {k} of {vm.Label}, before: {kept.Written[k]}"),
        ];
        if (vm.IsRunning)
        {
            texts.Add(VmNotes.ColdStart(vm, "affinity"));
        }

        if (!request.IsPlanOnly)
        {
            // The file is one for all VMs: Set-VmVgpuAffinity may be at it.
            var wait = TimeSpan.FromSeconds(host.Settings.Load().LockTimeoutSeconds);
            var held = await host.AssignmentLock.AcquireAsync(request.Source, wait, cancellationToken)
                .ConfigureAwait(false);
            await using (held.ConfigureAwait(false))
            {
                await new VmChange(vm, kept.Before, deletions, HookPlan.Nothing, texts)
                    .RunAsync(host, request.Source, progress, cancellationToken).ConfigureAwait(false);
                host.Affinity.Save(host.Affinity.Load().With(vm.Id, null));
            }
        }

        return new ChangeResult(
            new ChangePlan(vm.Label, texts, []), request.IsPlanOnly ? [] : [new ChangedObject { VmId = vm.Id.Value }]);
    }
}

/// <summary>Asks that a VM's pins be taken off.</summary>
public sealed record RemoveVmVgpuAffinityRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }
}
