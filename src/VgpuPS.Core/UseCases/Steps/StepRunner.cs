using VgpuPS.Core.Errors;
using VgpuPS.Core.Mig.Plans;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Claims;
using VgpuPS.Core.Vgpu.Assignment;

namespace VgpuPS.Core.UseCases.Steps;

/// <summary>
/// Carries a plan out: each step is done, read back and remembered, and when one fails all of them are taken back, newest
/// first. Stops between steps, never inside one.
/// </summary>
internal sealed partial class StepRunner : IDisposable
{
    private static readonly TimeSpan s_leastUndoTime = TimeSpan.FromSeconds(30);

    private readonly HostPorts _host;
    private readonly ClaimBook _book;
    private readonly string _source;
    private readonly int? _vm;
    private readonly Stack<(PlanStep Step, Func<CancellationToken, Task> Undo)> _done = new();
    private readonly List<string> _texts = [];
    private readonly long _started;
    private readonly TimeSpan _limit;
    private IGpuDriverSession? _driver;

    public StepRunner(HostPorts host, ClaimBook book, string source, int? vm, TimeSpan limit)
    {
        _host = host;
        _book = book;
        _source = source;
        _vm = vm;
        _limit = limit;
        _started = host.Clock.GetTimestamp();
    }

    /// <summary>The driver's session: opened when first needed, closed while functions are switched.</summary>
    public IGpuDriverSession Driver => _driver ??= _host.Driver.Open();

    /// <summary>What has been done, in order.</summary>
    public IReadOnlyList<string> Texts => _texts;

    private TimeSpan TimeLeft
    {
        get
        {
            var left = _limit - _host.Clock.GetElapsedTime(_started);
            return left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1);
        }
    }

    private TimeSpan UndoTime => s_leastUndoTime > _limit / 2 ? s_leastUndoTime : _limit / 2;

    /// <summary>Carries out one step.</summary>
    /// <exception cref="VgpuException">It failed or did nothing; what was done before is still there.</exception>
    /// <exception cref="HostTimeoutException">The time for the whole work is over.</exception>
    public async Task RunAsync(PlanStep step, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_host.Clock.GetElapsedTime(_started) > _limit)
        {
            throw new HostTimeoutException(
                ErrorIds.Timeout,
                $"the work was not done after {_limit.TotalSeconds:0} s; next would have been: {step.Text}",
                "Raise timeoutSeconds in /etc/vgpups/config.json, and see what is slow: journalctl -b -u nvidia-vgpu-mgr",
                step.Gpu.ToString());
        }

        var done = step;
        await (step switch
        {
            EnableMigModeStep s => SwitchMigModeAsync(s, enable: true, s.MayReset, cancellationToken),
            DisableMigModeStep s => SwitchMigModeAsync(s, enable: false, s.MayReset, cancellationToken),
            EnableFunctionsStep s => EnableFunctionsAsync(s, cancellationToken),
            DisableFunctionsStep s => DisableFunctionsAsync(s, cancellationToken),
            RemoveLeftoverStep s => RemoveLeftoverAsync(s, cancellationToken),
            CreateInstanceStep s => CreateInstanceAsync(s),
            DestroyInstanceStep s => DestroyInstanceAsync(s),
            CreateComputeInstanceStep s => CreateComputeInstanceAsync(s),
            DestroyComputeInstanceStep s => DestroyComputeInstanceAsync(s),
            SetMixedSizesStep s => SetMixedSizesAsync(s),
            SetSchedulerStep s => SetSchedulerAsync(s),
            PersistSchedulerStep s => PersistSchedulerAsync(s),
            CreateVgpuStep s => CreateVgpuAsync(s),
            RemoveVgpuStep s => RemoveVgpuAsync(s, cancellationToken),
            AttachDeviceStep s => AttachAsync(s),
            _ => throw new InvalidOperationException($"No way to carry out {step.GetType().Name}."),
        }).ConfigureAwait(false);
        _texts.Add(done.Text);

        async Task AttachAsync(AttachDeviceStep s) => done = await AttachDeviceAsync(s, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes back what was done, newest first; what cannot be taken back is said and left to the next sweep.</summary>
    public async Task UndoAsync()
    {
        using var limit = new CancellationTokenSource(UndoTime, _host.Clock);
        while (_done.TryPop(out var step))
        {
            try
            {
                await step.Undo(limit.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is VgpuException or OperationCanceledException)
            {
                _host.Warn($"could not take back \"{step.Step.Text}\": {e.Message}");
            }
        }
    }

    /// <summary>Closes the driver's session: an open one is a client that keeps functions from being switched.</summary>
    public void CloseDriver()
    {
        _driver?.Dispose();
        _driver = null;
    }

    /// <inheritdoc/>
    public void Dispose() => CloseDriver();

    private void Done(PlanStep step, Func<CancellationToken, Task> undo) => _done.Push((step, undo));

    /// <summary>What was done on a GPU stays: a program that must not be disturbed is at work on it.</summary>
    private void Keep(PciAddress gpu)
    {
        var others = _done.Where(d => d.Step.Gpu != gpu).Reverse().ToList();
        _done.Clear();
        others.ForEach(_done.Push);
    }

    private void Log(string action, string target, string before, string after) =>
        _host.Events.Write(new HostEvent(_source, _vm, action, target, before, after));

    private static NativeCallException NotDone(string what, string call, string look, string target) => new(
        ErrorIds.ReadBackMismatch, $"{call} reported success, and {what}", look, call, 0, target);
}
