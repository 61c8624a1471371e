using VgpuPS.Core.Metrics;
using VgpuPS.Host;
using VgpuPS.Host.Operations.Metrics;

namespace VgpuPS.Hook;

/// <summary><c>vgpu-hook metrics</c>: measures the host, for Prometheus.</summary>
/// <param name="host">The host.</param>
/// <param name="text">What is said.</param>
public sealed class MetricsCommand(HostPorts host, HookText text)
{
    /// <summary>The command's name.</summary>
    public const string Name = "metrics";

    /// <summary>The option with which a request is answered on standard input and output.</summary>
    public const string Http = "--http";

    private const string TextFile = "--textfile";

    /// <summary>Measures, and prints or writes what was found.</summary>
    /// <param name="options"><c>--textfile PATH</c>, or nothing.</param>
    /// <param name="cancellationToken">SIGTERM.</param>
    /// <returns>The exit code; what could not be read is in the text, and no failure.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        switch (options)
        {
            case []:
                text.Relay(await MeasureAsync(cancellationToken).ConfigureAwait(false), "");
                return 0;
            case [TextFile, var path]:
                host.MetricsTextFile.Check(path);
                host.MetricsTextFile.Save(path, await MeasureAsync(cancellationToken).ConfigureAwait(false));
                return 0;
            default:
                throw new InvalidRequestException(
                    ErrorIds.InvalidRequest,
                    $"'{string.Join(' ', options)}' is neither {TextFile} with a path nor {Http}",
                    "see what there is: vgpu-hook --help");
        }
    }

    /// <summary>Answers one request on a connection.</summary>
    /// <param name="input">Where the request comes from.</param>
    /// <param name="output">Where the answer goes.</param>
    /// <param name="cancellationToken">SIGTERM.</param>
    /// <returns>The exit code.</returns>
    public Task<int> ServeAsync(Stream input, Stream output, CancellationToken cancellationToken) =>
        new MetricsHttp(input, output, TimeProvider.System).RunAsync(MeasureAsync, text, cancellationToken);

    private async Task<string> MeasureAsync(CancellationToken cancellationToken) =>
        MetricText.Write(await new ReadMetrics(host).CollectAsync(cancellationToken).ConfigureAwait(false));
}
