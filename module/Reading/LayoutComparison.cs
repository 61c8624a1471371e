using VgpuPS.Host.Operations.Layout;

namespace VgpuPS.Reading;

/// <summary>Base of commands that compare hosts with a layout and change nothing.</summary>
public abstract class LayoutComparison : SessionCommand
{
    /// <summary>The layout's file on this machine; the host's own, /etc/vgpups/layout.json, without it.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var name = CommandName;
        var path = Path is null ? null : GetUnresolvedProviderPathFromPSPath(Path);
        Run(async (sink, token) =>
        {
            var gpus = LayoutFiles.Read(path);
            foreach (var session in HostSessions.ForReading(Session))
            {
                var request = new ApplyLayoutRequest { Gpus = gpus, IsPlanOnly = true, Force = true, Source = name };
                await sink.TryAsync(async () => sink.WriteObject(
                    await CompareAsync(sink, session, request, token).ConfigureAwait(false)))
                    .ConfigureAwait(false);
            }
        });
    }

    /// <summary>What becomes of a refusal: null lets it be an error.</summary>
    private protected virtual LayoutComparisonInfo? Refused(VgpuException failure, string host) => null;

    private async Task<LayoutComparisonInfo> CompareAsync(
        ICommandSink sink, IHostSession session, ApplyLayoutRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var result = await session.RunAsync(
                HostUseCases.ApplyLayout, request, new SinkObserver(sink, session.Name), cancellationToken)
                .ConfigureAwait(false);
            return new LayoutComparisonInfo
            {
                VgpuHost = session.Name,
                Passed = result.Plan.Steps.Count == 0,
                Target = result.Plan.Subjects ?? result.Plan.Target,
                Steps = result.Plan.Steps,
                Losses = [.. result.Plan.Losses, .. result.Plan.Breaks],
                Refusal = null,
            };
        }
        catch (VgpuException failure) when (Refused(failure, session.Name) is { } refused)
        {
            return refused;
        }
    }
}
