using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.ApplyLayout;
using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.BootHost;

/// <summary>Makes one GPU what the layout says; one that a program holds for a moment is tried again.</summary>
internal sealed class GpuRestorer(HostPorts host, TimeSpan patience, IProgress<StepProgress> progress)
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
        var request = new ApplyLayoutRequest { Source = Source, Gpus = [layout with { Gpu = gpu.ToString() }], Reset = true };
        while (true)
        {
            // What the plan refuses is no matter of time; what fails while it is carried out may be.
            var plan = await ApplyAsync(request with { IsPlanOnly = true }, cancellationToken).ConfigureAwait(false);
            if (plan.Plan.Steps.Count == 0)
            {
                return [];
            }

            try
            {
                return (await ApplyAsync(request, cancellationToken).ConfigureAwait(false)).Plan.Steps;
            }
            catch (ResourceBusyException e) when (
                e.ErrorId == ErrorIds.ResourceBusy && host.Clock.GetElapsedTime(since) + s_pause < patience)
            {
                host.Warn($"GPU {gpu} is busy, and tried again: {e.Message}");
                await Task.Delay(s_pause, host.Clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private Task<ChangeResult> ApplyAsync(ApplyLayoutRequest request, CancellationToken cancellationToken) =>
        new ApplyLayout.ApplyLayout(host).RunAsync(request, progress, cancellationToken);
}
