using VgpuPS.Core.Settings;
using VgpuPS.Host;
using VgpuPS.Host.Seams;

namespace VgpuPS.Hook;

/// <summary>Proxmox's four phases, with the chained script of the VM before or after the own part.</summary>
/// <remarks>
/// Source: facts/proxmox.md (a): only pre-start stops a start; every other phase leaves a state that can be repaired.
/// </remarks>
internal sealed class VmPhases(
    HostPorts host, IProcessRunner processes, HookText text, IPhaseWork own, ChainGuard guard)
{
    /// <summary>Whether the own part is over, and counted: what fails then is the chained script.</summary>
    public bool IsOwnPartOver { get; private set; }

    /// <summary>Runs a phase; an unknown one is a note.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(VmId vm, string phase, CancellationToken cancellationToken)
    {
        guard.Check(vm);
        var chained = host.Settings.Load().Chain.GetValueOrDefault(vm.ToString());
        if (chained is { Order: ChainOrder.Before })
        {
            await ChainAsync(chained, vm, phase, cancellationToken).ConfigureAwait(false);
        }

        var code = await own.RunAsync(vm, phase, cancellationToken).ConfigureAwait(false);
        IsOwnPartOver = true;

        // Only a failed pre-start ends the start: the other script's part of every other phase is still due.
        if (chained is { Order: ChainOrder.After } && (code == 0 || phase != Phases.PreStart))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await ChainAfterAsync(chained, vm, phase, cancellationToken).ConfigureAwait(false);
        }

        return code;
    }

    private async Task ChainAfterAsync(ChainedScript script, VmId vm, string phase, CancellationToken cancellationToken)
    {
        try
        {
            await ChainAsync(script, vm, phase, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (phase == Phases.PreStart && (e is VgpuException or OperationCanceledException))
        {
            await own.UndoAsync(vm).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs the VM's other hookscript as Proxmox would: same arguments, no time limit, its output passed
    /// on.</summary>
    private async Task ChainAsync(ChainedScript script, VmId vm, string phase, CancellationToken cancellationToken)
    {
        if (host.HookFiles.FindTrust(script.Path) is { IsTrusted: false, IsOnNetwork: false } trust)
        {
            var untrusted = trust.ToException("chained script");
            if (phase == Phases.PreStart)
            {
                throw untrusted;
            }

            text.Warn($"VM {vm} {phase}: {untrusted.Message}; {untrusted.RecommendedAction}");
            return;
        }

        var request = new ProcessRequest(script.Path, [vm.ToString(), phase], Timeout.InfiniteTimeSpan)
        {
            Environment = guard.EnvironmentFor(vm),
        };
        ProcessResult result;
        var only = await guard.EnterAsync(vm, phase, script.Path, cancellationToken).ConfigureAwait(false);
        await using (only.ConfigureAwait(false))
        {
            result = await processes.RunAsync(request, cancellationToken).ConfigureAwait(false);
        }

        text.Relay(result.Output, result.Error);
        if (result.ExitCode == 0)
        {
            return;
        }

        var how = result switch
        {
            { StartErrno: > 0 } => $"could not be started: {Errno.Describe(result.StartErrno)}",
            { Signal: { } signal } => $"was ended by signal {signal}",
            _ => $"ended with exit code {result.ExitCode}",
        };
        if (phase != Phases.PreStart)
        {
            text.Warn($"chained script {script.Path} of VM {vm} {how} on {phase}");
            return;
        }

        throw new HostCommandException(
            ErrorIds.HostCommandFailed, $"chained script {script.Path} {how}",
            $"run it by hand: {script.Path} {vm} {phase}; or remove it from \"chain\" in /etc/vgpups/config.json",
            $"{script.Path} {vm} {phase}", result.ExitCode, result.Error, script.Path);
    }
}
