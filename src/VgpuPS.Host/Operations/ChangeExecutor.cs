using VgpuPS.Core.Claims;
using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations;

/// <summary>
/// Runs every change of GPUs alike: reads and plans; where something is to be done, takes the host lock, reads and
/// plans again, executes, reads back; rolls everything back when a step fails.
/// </summary>
internal sealed class ChangeExecutor(HostPorts host, ChangeRequest request, IProgress<StepProgress> progress)
{
    private const int MaxRounds = 4;

    // Instances take a second each, functions and resets some: far more than any change needs.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    /// <summary>Runs it.</summary>
    /// <param name="plan">Reads and plans.</param>
    /// <param name="find">The objects that the change was about, read once all is done.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    /// <exception cref="VgpuException">It cannot be done; what was done is rolled back.</exception>
    public async Task<ChangeResult> RunAsync(
        Func<GpuReader, HostChange> plan, Func<GpuReader, IEnumerable<ChangedObject>> find,
        CancellationToken cancellationToken)
    {
        var settings = host.Settings.Load();
        if (request.IsPlanOnly)
        {
            var look = Look(settings, plan);
            return new ChangeResult(look.ToPlan(), []) { Foreseen = look.Foreseen };
        }

        // Whoever has seen a plan with steps needs no further look before the lock.
        if (request.Confirmed is not { Steps.Count: > 0 } && TryLook(settings, plan, find) is { } nothing)
        {
            return nothing;
        }

        var wait = TimeSpan.FromSeconds(settings.LockTimeoutSeconds);
        var held = await host.Lock.AcquireAsync(request.Source, wait, cancellationToken).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            return await CarryOutAsync(settings, plan, find, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The result where nothing is to be done. A refusal waits for the lock, since whoever holds it may be half way;
    /// one that no state of the host can heal does not.
    /// </summary>
    private ChangeResult? TryLook(
        HookSettings settings, Func<GpuReader, HostChange> plan, Func<GpuReader, IEnumerable<ChangedObject>> find)
    {
        try
        {
            using var driver = host.Driver.Open();
            var reader = new GpuReader(host, driver, LoadClaims(), settings);
            var change = plan(reader);
            return change.HasSteps ? null : new ChangeResult(change.ToPlan(), [.. find(reader)]);
        }
        catch (VgpuException e) when (e is not InvalidRequestException)
        {
            return null;
        }
    }

    private HostChange Look(HookSettings settings, Func<GpuReader, HostChange> plan)
    {
        using var driver = host.Driver.Open();
        return plan(new GpuReader(host, driver, LoadClaims(), settings));
    }

    /// <summary>Whoever takes the lock sets a corrupt file aside; a look changes nothing.</summary>
    private ClaimFile LoadClaims()
    {
        try
        {
            return host.Claims.Load();
        }
        catch (UnreadableDataException e) when (e.ErrorId == ErrorIds.UnreadableData)
        {
            return ClaimFile.Empty;
        }
    }

    /// <summary>Does it under the lock, in rounds; all of it is undone when a step fails.</summary>
    private async Task<ChangeResult> CarryOutAsync(
        HookSettings settings, Func<GpuReader, HostChange> plan, Func<GpuReader, IEnumerable<ChangedObject>> find,
        CancellationToken cancellationToken)
    {
        var book = ClaimBook.Open(host);
        var executor = new Executor(host, request.Source, progress) { Limit = s_limit };
        using var runner = new StepRunner(host, book, executor);
        return await executor.RunOrUndoAsync(async () =>
        {
            HostChange? first = null;
            await executor.ConvergeAsync(
                () => Task.FromResult(Plan(new GpuReader(host, runner.Driver, book.File, settings))),
                MaxRounds, cancellationToken).ConfigureAwait(false);
            return new ChangeResult(
                first!.ToPlan(), [.. find(new GpuReader(host, runner.Driver, book.File, settings))]);

            Round Plan(GpuReader reader)
            {
                var change = plan(reader);
                CheckDestroyed(change, first?.Destroyed ?? request.Confirmed?.Losses);
                first ??= change;
                executor.Expected = first.StepCount;
                var executable = change.Executable;
                return new Round(change.Target, runner.Bind(executable), !executable.Any(s => s.ChangesFunctions));
            }
        }).ConfigureAwait(false);
    }

    private static void CheckDestroyed(HostChange change, IReadOnlyList<string>? agreed)
    {
        if (agreed is not null
            && change.Destroyed.Except(agreed, StringComparer.Ordinal).ToList() is { Count: > 0 } more)
        {
            throw new ResourceBusyException(
                ErrorIds.PlanChanged,
                $"{change.Target} has changed since the plan was computed: this would also be destroyed now: "
                    + $"{string.Join(", ", more)}",
                "see the new plan with -WhatIf, and run the command again", change.Target);
        }
    }
}
