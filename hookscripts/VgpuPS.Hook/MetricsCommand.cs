using VgpuPS.Core.Metrics;
using VgpuPS.Host;
using VgpuPS.Host.Operations.Metrics;

namespace VgpuPS.Hook;

/// <summary><c>vgpu-hook metrics</c>: measures the host, and prints it as Prometheus reads it.</summary>
/// <param name="host">The host.</param>
/// <param name="text">What is said.</param>
internal sealed class MetricsCommand(HostPorts host, HookText text)
{
    /// <summary>Measures and prints.</summary>
    /// <param name="options">None yet.</param>
    /// <param name="cancellationToken">SIGTERM.</param>
    /// <returns>The exit code; what could not be read is in the text, and no failure.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        if (options.Count > 0)
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidRequest, $"'{options[0]}' is not an option of metrics",
                "see what there is: vgpu-hook --help");
        }

        var samples = await new ReadMetrics(host).CollectAsync(cancellationToken).ConfigureAwait(false);
        text.Relay(MetricText.Write(samples), "");
        return 0;
    }
}
