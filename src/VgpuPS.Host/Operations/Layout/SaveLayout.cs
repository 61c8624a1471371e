using VgpuPS.Core.Layout;

namespace VgpuPS.Host.Operations.Layout;

/// <summary>Writes the host's layout file.</summary>
internal sealed class SaveLayout(HostPorts host)
{
    private const string Path = "/etc/vgpups/layout.json";

    /// <summary>Plans it, or executes it.</summary>
    /// <exception cref="VgpuException">The layout is not right, or the file cannot be written.</exception>
    public async Task<ChangeResult> RunAsync(
        SaveLayoutRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var content = LayoutFormat.Write(request.Layout);
        _ = LayoutFormat.Read(content, Path);
        var old = Load();
        if (old is not null && LayoutFormat.Write(old).AsSpan().SequenceEqual(content))
        {
            return new ChangeResult(new ChangePlan(Path, [], []), []);
        }

        var step = new ChangeStep($"write the layout of {request.Layout.Gpus.Count} GPUs to {Path}", _ =>
        {
            host.Layout.Save(request.Layout);
            return Task.CompletedTask;
        })
        {
            Event = new StepEvent("saveLayout", Path, Describe(old), Describe(request.Layout)),
        };
        if (request.IsPlanOnly)
        {
            return await Executor.RunAsync(
                host, request, Path, [step], progress, cancellationToken).ConfigureAwait(false);
        }

        var wait = TimeSpan.FromSeconds(host.Settings.Load().LockTimeoutSeconds);
        var held = await host.Lock.AcquireAsync(request.Source, wait, cancellationToken).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            return await Executor.RunAsync(
                host, request, Path, [step], progress, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string Describe(HostLayout? layout) =>
        layout is null ? "" : string.Join("; ", layout.Gpus.Select(g => g.Gpu + Describe(g)));

    private static string Describe(GpuLayout gpu) => string.Concat(
        Switch("functions", gpu.Sriov), Switch("MIG", gpu.Mig), Switch("mixed sizes", gpu.MixedSizes),
        gpu.Instances is { Count: > 0 } instances
            ? " " + string.Join(
                ",", instances.Select(i => i.Placement is null ? i.Profile : $"{i.Profile}@{i.Placement}")) : "",
        gpu.Scheduler is { } scheduler ? $" {scheduler.Describe()}" : "");

    private static string Switch(string name, bool? value) => value is { } on ? $" {name} {(on ? "on" : "off")}" : "";

    /// <summary>An unreadable file is one to be replaced.</summary>
    private HostLayout? Load()
    {
        try
        {
            return host.Layout.Load();
        }
        catch (UnreadableDataException)
        {
            return null;
        }
    }
}

/// <summary>Requests a layout to become the host's own, which it is given at each boot.</summary>
public sealed record SaveLayoutRequest : ChangeRequest
{
    /// <summary>The layout.</summary>
    public required HostLayout Layout { get; init; }
}
