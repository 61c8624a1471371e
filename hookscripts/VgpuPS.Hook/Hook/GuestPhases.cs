using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.ConfirmGuest;
using VgpuPS.Core.UseCases.PrepareGuest;
using VgpuPS.Core.UseCases.ReleaseGuest;
using VgpuPS.Host.Seams;

namespace VgpuPS.Hook.Hook;

/// <summary>Proxmox's four phases, with the chained script of the VM before or after the own part.</summary>
/// <remarks>
/// Source: facts/proxmox.md (a): only pre-start stops a start; every other phase leaves a state that can be repaired.
/// </remarks>
internal sealed class GuestPhases(
    HostPorts host, IProcessRunner processes, HookText text, string? migratedFrom, ChainGuard guard)
{
    private const string PreStart = "pre-start";

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

        try
        {
            await RunOwnAsync(vm, phase, cancellationToken).ConfigureAwait(false);
        }
        catch (VgpuException) when (chained is { Order: ChainOrder.After } && phase != PreStart)
        {
            // Only a failed pre-start ends the start: the other script's part of every other phase is still due.
            await ChainAsync(chained, vm, phase, cancellationToken).ConfigureAwait(false);
            throw;
        }

        if (chained is { Order: ChainOrder.After })
        {
            await ChainAfterAsync(chained, vm, phase, cancellationToken).ConfigureAwait(false);
        }

        return 0;
    }

    private async Task ChainAfterAsync(ChainedScript script, VmId vm, string phase, CancellationToken cancellationToken)
    {
        try
        {
            await ChainAsync(script, vm, phase, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (phase == PreStart && (e is VgpuException or OperationCanceledException))
        {
            await new ReleaseGuest(host).RunAsync(new ReleaseGuestRequest(vm, IsUndo: true), CancellationToken.None)
                .ConfigureAwait(false);
            throw;
        }
    }

    private async Task RunOwnAsync(VmId vm, string phase, CancellationToken cancellationToken)
    {
        switch (phase)
        {
            case PreStart:
                await new PrepareGuest(host, steps => Tell(vm, steps))
                    .RunAsync(new PrepareGuestRequest(vm, migratedFrom), cancellationToken).ConfigureAwait(false);
                break;
            case "post-start":
                await new ConfirmGuest(host).RunAsync(new ConfirmGuestRequest(vm), cancellationToken)
                    .ConfigureAwait(false);
                break;
            case "post-stop":
                var telling = host with { Events = new ToldEvents(host.Events, t => text.Tell($"vgpu-hook: VM {vm}: {t}")) };
                var result = await new ReleaseGuest(telling).RunAsync(new ReleaseGuestRequest(vm), cancellationToken)
                    .ConfigureAwait(false);
                if (result is ReleaseGuestResult.StillRunning)
                {
                    text.Say($"vgpu-hook: VM {vm}: runs again; nothing is given back");
                }

                break;
            case "pre-stop":
                // Removing a function here would break Proxmox's own clean-up (facts/proxmox.md (a)).
                break;
            default:
                text.Say($"vgpu-hook: VM {vm}: nothing to do in phase {phase}");
                break;
        }
    }

    private void Tell(VmId vm, IReadOnlyList<string> steps)
    {
        foreach (var step in steps)
        {
            text.Say($"vgpu-hook: VM {vm}: {step}");
        }

        text.RequireWritten();
    }

    /// <summary>Runs the VM's other hookscript as Proxmox would: same arguments, no time limit, its output passed on.</summary>
    private async Task ChainAsync(ChainedScript script, VmId vm, string phase, CancellationToken cancellationToken)
    {
        if (host.HookFiles.FindTrust(script.Path) is { IsTrusted: false, IsOnNetwork: false } trust)
        {
            var untrusted = trust.ToException("chained script");
            if (phase == PreStart)
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
        if (phase != PreStart)
        {
            text.Warn($"chained script {script.Path} of VM {vm} {how} on {phase}");
            return;
        }

        throw new HostCommandException(
            ErrorIds.HostCommandFailed, $"chained script {script.Path} {how}",
            $"Run it by hand: {script.Path} {vm} {phase}; or take it out of \"chain\" in /etc/vgpups/config.json",
            $"{script.Path} {vm} {phase}", result.ExitCode, result.Error, script.Path);
    }
}
