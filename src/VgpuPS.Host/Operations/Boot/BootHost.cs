using VgpuPS.Core.Boot;
using VgpuPS.Core.Layout;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Operations.VmStart;

namespace VgpuPS.Host.Operations.Boot;

/// <summary>
/// Restores the host's layout after a boot: waits for driver, GPUs and services, applies the layout to each GPU
/// whatever becomes of the others, and sweeps. It is idempotent, and what a VM uses is never touched.
/// </summary>
/// <remarks>Source: facts/host-behaviour.md 2 and 4: a reboot loses functions and instances, and the mode of some
/// GPUs.</remarks>
public sealed class BootHost(HostPorts host)
{
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private readonly long _since = host.Clock.GetTimestamp();
    private readonly List<BootFailure> _failures = [];
    private readonly List<BootGpuStatus> _gpus = [];
    private readonly List<string> _notes = [];

    /// <summary>Does it; failures are in the result, and in the status that stays for those who ask later.</summary>
    public async Task<BootHostResult> RunAsync(
        BootHostRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        Keep(BootStatus.Running);
        try
        {
            if (LoadLayout() is { } layout)
            {
                await TryRestoreAsync(layout, request.Timeout, progress, cancellationToken).ConfigureAwait(false);
            }

            await SweepAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Keep(BootStatus.Stopped);
            throw;
        }

        return new BootHostResult(Keep(_failures.Count == 0 ? BootStatus.Done : BootStatus.Failed), _failures);
    }

    private HostLayout? LoadLayout()
    {
        try
        {
            var layout = host.Layout.Load();
            if (layout is null)
            {
                _notes.Add("there is no layout file /etc/vgpups/layout.json: nothing to restore");
            }

            return layout;
        }
        catch (VgpuException e)
        {
            _failures.Add(new BootFailure(null, e));
            return null;
        }
    }

    /// <summary>What keeps the layout from being restored does not keep the sweep from its work.</summary>
    private async Task TryRestoreAsync(
        HostLayout layout, TimeSpan timeout, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            await RestoreAsync(layout, timeout, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _failures.Add(new BootFailure(null, ProgramFaultException.Explain(e, "layout")));
        }
    }

    private async Task RestoreAsync(
        HostLayout layout, TimeSpan timeout, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var ready = await new HostReadiness(
            host, layout.Gpus, timeout).WaitAsync(cancellationToken).ConfigureAwait(false);
        _failures.AddRange(ready.Problems.Select(p => new BootFailure(null, p)));
        _notes.AddRange(ready.Notes);
        if (!ready.DriverAnswers)
        {
            return;
        }

        var restorer = new GpuRestorer(host, timeout, progress);
        foreach (var target in FindTargets(layout))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _gpus.Add(await RestoreAsync(restorer, target, timeout, cancellationToken).ConfigureAwait(false));
            Keep(BootStatus.Running);
        }
    }

    private IReadOnlyList<BootTarget> FindTargets(HostLayout layout)
    {
        using var driver = host.Driver.Open();
        return BootTargets.Find(host, driver, layout.Gpus);
    }

    private async Task<BootGpuStatus> RestoreAsync(
        GpuRestorer restorer, BootTarget target, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            if (target.Problem is { } problem)
            {
                throw problem;
            }

            var steps = await restorer.RestoreAsync(target.Address!.Value, target.Layout!, cancellationToken)
                .ConfigureAwait(false);
            await restorer.RequireTypesAsync(
                target.Address.Value, timeout - host.Clock.GetElapsedTime(_since), cancellationToken)
                .ConfigureAwait(false);
            var outcome = steps.Count == 0 ? BootGpuStatus.Unchanged : BootGpuStatus.Restored;
            return new BootGpuStatus { Gpu = target.Name, Outcome = outcome, Steps = steps };
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var failure = ProgramFaultException.Explain(e, $"layout of GPU {target.Name}", target.Name);
            _failures.Add(new BootFailure(target.Name, failure));
            return new BootGpuStatus
            {
                Gpu = target.Name,
                Outcome = BootGpuStatus.Failed,
                Problem = BootProblem.Of(failure)
            };
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await new SweepHost(host).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A driver that does not answer has already been reported.
            var failure = ProgramFaultException.Explain(e, "sweep");
            if (!_failures.Exists(f => f.Error.ErrorId == failure.ErrorId))
            {
                _failures.Add(new BootFailure(null, failure));
            }
        }
    }

    /// <summary>Keeps the status for those who ask; one that cannot be kept stops nothing.</summary>
    private BootStatus Keep(string state)
    {
        var status = new BootStatus
        {
            State = state,
            Time = host.Clock.GetUtcNow().ToString(TimeForm, CultureInfo.InvariantCulture),
            Seconds = Math.Round(host.Clock.GetElapsedTime(_since).TotalSeconds, 1),
            Gpus = [.. _gpus],
            Notes = [.. _notes],
            Problems = [.. _failures.Where(f => f.Gpu is null).Select(f => BootProblem.Of(f.Error))],
        };
        try
        {
            host.BootStatus.Save(status);
        }
        catch (VgpuException e)
        {
            host.Warn($"{e.Message}; {e.RecommendedAction}");
        }

        return status;
    }
}

/// <summary>What could not be done at boot.</summary>
/// <param name="Gpu">The GPU; null for the host as a whole.</param>
/// <param name="Error">Why.</param>
public sealed record BootFailure(string? Gpu, VgpuException Error);

/// <summary>Requests the host's layout to be restored after a boot.</summary>
public sealed record BootHostRequest
{
    /// <summary>How long driver, GPUs and services are waited for, and for how long a busy GPU is tried
    /// again.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(120);
}

/// <summary>What was done at boot.</summary>
/// <param name="Status">As it is kept for those who ask later.</param>
/// <param name="Failures">What could not be done, in the order in which it failed.</param>
public sealed record BootHostResult(BootStatus Status, IReadOnlyList<BootFailure> Failures);

/// <summary>Applies the layout to one GPU; one that a program holds for a moment is tried again.</summary>
internal sealed class GpuRestorer(HostPorts host, TimeSpan timeout, IProgress<StepProgress> progress)
{
    /// <summary>Who is named in the log of changes and to those who wait for the host lock.</summary>
    public const string Source = "boot";

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    /// <summary>Does it; what is so already is left alone.</summary>
    /// <returns>What was done, as sentences; none where all was so.</returns>
    /// <exception cref="VgpuException">It cannot be done; nothing is left of what was begun.</exception>
    public async Task<IReadOnlyList<string>> RestoreAsync(
        PciAddress gpu, GpuLayout layout, CancellationToken cancellationToken)
    {
        var since = host.Clock.GetTimestamp();
        var request =
            new ApplyLayoutRequest { Source = Source, Gpus = [layout with { Gpu = gpu.ToString() }], Reset = true };
        while (true)
        {
            var plan = await PlanAsync(gpu, request, cancellationToken).ConfigureAwait(false);
            if (plan.Plan.Steps.Count == 0)
            {
                return [];
            }

            try
            {
                return (await ApplyAsync(request, cancellationToken).ConfigureAwait(false)).Plan.Steps;
            }
            catch (ResourceBusyException e) when (
                e.ErrorId == ErrorIds.ResourceBusy && host.Clock.GetElapsedTime(since) + s_pause < timeout)
            {
                host.Warn($"GPU {gpu} is busy, retried: {e.Message}");
                await Task.Delay(s_pause, host.Clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Plans it: what the plan refuses is no matter of time; what fails while it is executed may be.</summary>
    /// <exception cref="ResourceBusyException">It would destroy what the layout says nothing about: nobody can be asked
    /// at a boot.</exception>
    private async Task<ChangeResult> PlanAsync(
        PciAddress gpu, ApplyLayoutRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await ApplyAsync(request with { IsPlanOnly = true }, cancellationToken).ConfigureAwait(false);
        }
        catch (ResourceBusyException e) when (e.ErrorId == ErrorIds.WouldDestroy)
        {
            throw new ResourceBusyException(
                e.ErrorId, e.Message,
                "name them in /etc/vgpups/layout.json; or, if they are not needed, remove them (vgpu-hook show; "
                    + $"nvidia-smi mig -i {gpu} -dci; nvidia-smi mig -i {gpu} -dgi), then: vgpu-hook boot",
                e.Target, e);
        }
    }

    /// <summary>Waits until each virtual function of a GPU offers vGPU types.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HostNotReadyException">Some still offer none: no vGPU can be on them.</exception>
    /// <remarks>Source: facts/errors.md B3.</remarks>
    public async Task RequireTypesAsync(PciAddress gpu, TimeSpan limit, CancellationToken cancellationToken)
    {
        var since = host.Clock.GetTimestamp();
        while (host.Devices.GetGpus().Where(g => g.Address == gpu).SelectMany(host.Devices.GetFunctions)
            .Where(f => f.LacksTypes).Select(f => f.Address.ToString()).ToList() is { Count: > 0 } lacking)
        {
            if (host.Clock.GetElapsedTime(since) + s_pause > limit)
            {
                throw new HostNotReadyException(
                    ErrorIds.SriovNotReady,
                    $"GPU {gpu} has {FunctionTypes.Describe(lacking)}; {FunctionTypes.Cause}",
                    FunctionTypes.Action(gpu), gpu.ToString());
            }

            await Task.Delay(s_pause, host.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<ChangeResult> ApplyAsync(ApplyLayoutRequest request, CancellationToken cancellationToken) =>
        new ApplyLayout(host).RunAsync(request, progress, cancellationToken);
}
