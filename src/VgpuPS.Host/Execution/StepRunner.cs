using VgpuPS.Core.Steps;
using VgpuPS.Host.Nvml;

namespace VgpuPS.Host.Execution;

/// <summary>How each step of a GPU's plan is executed, read back and undone.</summary>
internal sealed partial class StepRunner(HostPorts host, ClaimBook book, Executor executor) : IDisposable
{
    private readonly HostPorts _host = host;
    private readonly ClaimBook _book = book;
    private readonly Executor _executor = executor;
    private IGpuDriverSession? _driver;

    /// <summary>
    /// The driver's session: opened when first needed, closed while functions are enabled or disabled.
    /// </summary>
    public IGpuDriverSession Driver => _driver ??= _host.Driver.Open();

    /// <summary>Steps of plans as steps that can be executed.</summary>
    public IReadOnlyList<ChangeStep> Bind(IEnumerable<PlanStep> steps) =>
        [.. steps.Select(s => new ChangeStep(s.Text, token => RunAsync(s, token)) { Gpu = s.Gpu })];

    /// <summary>Closes the driver's session: an open one is a client that keeps functions from being changed.</summary>
    public void CloseDriver()
    {
        _driver?.Dispose();
        _driver = null;
    }

    public void Dispose() => CloseDriver();

    private Task RunAsync(PlanStep step, CancellationToken cancellationToken) => step switch
    {
        EnableMigModeStep s => SwitchMigModeAsync(s, enable: true, s.MayReset, cancellationToken),
        DisableMigModeStep s => SwitchMigModeAsync(s, enable: false, s.MayReset, cancellationToken),
        EnableFunctionsStep s => EnableFunctionsAsync(s, cancellationToken),
        DisableFunctionsStep s => DisableFunctionsAsync(s, cancellationToken),
        RemoveOrphanStep s => RemoveOrphanAsync(s, cancellationToken),
        CreateInstanceStep s => CreateInstanceAsync(s),
        DestroyInstanceStep s => DestroyInstanceAsync(s),
        CreateComputeInstanceStep s => CreateComputeInstanceAsync(s),
        DestroyComputeInstanceStep s => DestroyComputeInstanceAsync(s),
        SetMixedSizesStep s => SetMixedSizesAsync(s),
        SetSchedulerStep s => SetSchedulerAsync(s),
        PersistSchedulerStep s => PersistSchedulerAsync(s),
        CreateVgpuStep s => CreateVgpuAsync(s),
        RemoveVgpuStep s => RemoveVgpuAsync(s, cancellationToken),
        AttachDeviceStep s => AttachDeviceAsync(s, cancellationToken),
        SetParametersStep s => SetParametersAsync(s),
        _ => throw new InvalidOperationException($"no executor for {step.GetType().Name}"),
    };

    private static NativeCallException NotDone(string what, string call, string look, string target) => new(
        ErrorIds.ReadBackMismatch, $"{call} reported success, and {what}", look, call, 0, target);
}
