using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.VmVgpus;

/// <summary>
/// Writes a vGPU into a VM's configuration. Proxmox compares a VM's own configuration with what was read, and knows
/// nothing of functions: so commands of ours decide and write one after the other, and what another user or program
/// wrote meanwhile is found
/// by reading all VMs afterwards.
/// </summary>
internal sealed class VgpuWriter(HostPorts host, HookSettings settings, string source)
{
    private const int MaxRounds = 3;

    /// <summary>
    /// Decides and writes; where another VM turns out to have the function, rolls it back and decides again.
    /// </summary>
    /// <param name="decide">Reads and decides.</param>
    /// <param name="progress">Notified of each step.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="ResourceBusyException">Another VM has the function that was named, or each one that was
    /// chosen.</exception>
    public async Task<VgpuDecision> RunAsync(
        Func<VgpuDecision> decide, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var wait = TimeSpan.FromSeconds(settings.LockTimeoutSeconds);
        var held = await host.AssignmentLock.AcquireAsync(source, wait, cancellationToken).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            for (var round = 1; ; round++)
            {
                var decision = decide();
                await WriteAsync(decision, progress, cancellationToken).ConfigureAwait(false);
                if (FindOther(decision) is not { } other)
                {
                    return decision;
                }

                await RollBackAsync(decision).ConfigureAwait(false);
                if (decision.IsNamed || round == MaxRounds)
                {
                    throw new ResourceBusyException(
                        ErrorIds.FunctionHeld,
                        $"function {decision.Function} was assigned to {other.Label} (hostpci{other.Entry}) at the "
                            + $"same time; {decision.Key} of {decision.Vm.Label} is unchanged",
                        "use another function: Get-SriovFunction -Free", decision.Function.ToString());
                }
            }
        }
    }

    private Task WriteAsync(
        VgpuDecision decision, IProgress<StepProgress> progress, CancellationToken cancellationToken) =>
        decision.ToChange().RunAsync(host, source, progress, cancellationToken);

    private FunctionUser? FindOther(VgpuDecision decision) => decision is { Value: not null, Function: { } function }
        ? FunctionUsers.Read(host).Of(function, decision.Vm.Id, HostPciGrammar.IndexOf(decision.Key)).FirstOrDefault()
        : null;

    /// <summary>Not to be stopped: a VM must not keep what another one has.</summary>
    private Task RollBackAsync(VgpuDecision decision)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (decision.Vm.Config.NextValue(decision.Key) is { } before)
        {
            values[decision.Key] = before;
        }

        var back = decision.Parameters is { } p ? p with { Before = p.After, After = p.Before, Texts = [] } : null;
        return new VmChange(
            VmFinder.Read(host, decision.Vm.Id), values, values.Count == 0 ? [decision.Key] : [], HookPlan.Nothing, [])
        {
            Parameters = back,
        }
            .RunAsync(host, source, progress: null, CancellationToken.None);
    }
}

/// <summary>What shall be written into a VM's configuration, decided on from what was read.</summary>
/// <param name="Vm">The VM as it was read.</param>
/// <param name="Key">The entry, <c>hostpciN</c>.</param>
/// <param name="Value">Its new line; null where it stays.</param>
/// <param name="Hook">What is missing of the hook.</param>
/// <param name="Plan">The plan for display.</param>
internal sealed record VgpuDecision(VmSubject Vm, string Key, string? Value, HookPlan Hook, ChangePlan Plan)
{
    /// <summary>The function that the VM shall have for itself; null for none.</summary>
    public PciAddress? Function { get; init; }

    /// <summary>New plugin parameters of the entry; null where they stay.</summary>
    public ParameterChange? Parameters { get; init; }

    /// <summary>Whether a user named the function, so that no other will do.</summary>
    public bool IsNamed { get; init; }

    /// <summary>The change that writes it.</summary>
    public VmChange ToChange()
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Value is not null)
        {
            values[Key] = Value;
        }

        return new VmChange(Vm, values, [], Hook, Plan.Steps) { Parameters = Parameters };
    }

    /// <summary>The result where only the plan is requested.</summary>
    public ChangeResult ToPlanned() => new(Plan, []) { Foreseen = ToChange().Foresee() };
}
