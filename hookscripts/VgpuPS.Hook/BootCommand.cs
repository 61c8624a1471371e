using VgpuPS.Core.Boot;
using VgpuPS.Host;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Boot;

namespace VgpuPS.Hook;

/// <summary><c>vgpu-hook boot</c>: what the boot service runs.</summary>
/// <param name="host">The host.</param>
/// <param name="text">What is said.</param>
internal sealed class BootCommand(HostPorts host, HookText text)
{
    private const int MaxTimeoutSeconds = 3600;

    /// <summary>Puts the host's layout back.</summary>
    /// <param name="options"><c>--timeout SECONDS</c>, or nothing.</param>
    /// <param name="cancellationToken">SIGTERM.</param>
    /// <returns>0 when everything matches the layout; otherwise the exit code of the first failure.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var request = ReadRequest(options);
        var result = await new BootHost(host).RunAsync(
            request, new BootProgress(text), cancellationToken).ConfigureAwait(false);
        foreach (var note in result.Status.Notes)
        {
            text.Say($"vgpu-hook: boot: {note}");
        }

        foreach (var gpu in result.Status.Gpus)
        {
            text.Say($"vgpu-hook: boot: GPU {gpu.Gpu}: {Describe(gpu)}");
        }

        var codes = result.Failures
            .Select(f => text.Fail(f.Gpu is null ? "boot" : $"boot, GPU {f.Gpu}", f.Error, "")).ToList();
        return codes.FirstOrDefault();
    }

    private static BootHostRequest ReadRequest(IReadOnlyList<string> options) => options switch
    {
        [] => new BootHostRequest(),
        ["--timeout", var seconds]
            when int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            && time <= MaxTimeoutSeconds => new BootHostRequest { Timeout = TimeSpan.FromSeconds(time) },
        _ => throw new InvalidRequestException(
            ErrorIds.InvalidRequest,
            $"'boot {string.Join(' ', options)}' is not boot with --timeout and 0 to {MaxTimeoutSeconds} seconds",
            "see what there is: vgpu-hook --help"),
    };

    private static string Describe(BootGpuStatus gpu) => gpu.Outcome switch
    {
        BootGpuStatus.Unchanged => "matches the layout",
        BootGpuStatus.Restored => string.Create(
            CultureInfo.InvariantCulture, $"matches the layout, after {gpu.Steps.Count} "
                + $"{(gpu.Steps.Count == 1 ? "step" : "steps")}"),
        _ => "failed",
    };

    private sealed class BootProgress(HookText text) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => text.Report($"vgpu-hook: boot: {value.Text}");
    }
}
