using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Layout;
using VgpuPS.Core.Steps;
using VgpuPS.Host.Execution;

namespace VgpuPS.Host.Operations.Layout;

/// <summary>Makes GPUs what a layout says, and leaves alone what is so already.</summary>
internal sealed class ApplyLayout(HostPorts host)
{
    /// <summary>Plans it, or carries it out.</summary>
    /// <exception cref="VgpuException">It cannot be done; nothing is left of what was begun.</exception>
    public Task<ChangeResult> RunAsync(
        ApplyLayoutRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var layouts = request.Gpus ?? (host.Layout.Load() ?? throw new ObjectNotFoundException(
            ErrorIds.LayoutNotFound, "this host has no layout file /etc/vgpups/layout.json",
            "Make one from what is on the GPUs now: Export-VgpuLayout -Save", "/etc/vgpups/layout.json")).Gpus;
        IReadOnlyList<(PhysicalFunction Gpu, GpuLayout Layout)> targets = [];
        return new ChangeExecutor(host, request, progress).RunAsync(
            reader =>
            {
                targets = LayoutTargets.Find(reader, layouts);
                return Plan(reader, targets, Options(request, reader));
            },
            _ => targets.Select(t => new ChangedObject { GpuAddress = t.Gpu.Address.ToString() }),
            cancellationToken);
    }

    private LayoutOptions Options(ApplyLayoutRequest request, GpuReader reader) => new(
        request.Force, request.Reset, request.Persist, host.ModuleOptions.Read, reader.FindUsers, host.ModuleOptions.DefaultPath);

    /// <summary>Plans GPU by GPU; options in files are written by one GPU after the other, each on top of the last.</summary>
    private static HostChange Plan(
        GpuReader reader, IReadOnlyList<(PhysicalFunction Gpu, GpuLayout Layout)> targets, LayoutOptions options)
    {
        var parts = new List<(ManagedGpu, GpuChangePlan)>();
        var files = new Lazy<List<(string Path, string Text)>>(() => [.. options.OptionFiles()]);
        foreach (var (target, layout) in targets)
        {
            var gpu = reader.Read(target);
            var plan = LayoutPlanner.Plan(reader.Placer, gpu, layout, options with { OptionFiles = () => files.Value });
            foreach (var step in plan.Steps.OfType<PersistSchedulerStep>())
            {
                files.Value.RemoveAll(f => f.Path == step.Path);
                files.Value.Add((step.Path, step.After));
            }

            parts.Add((gpu, plan));
        }

        return new HostChange(parts);
    }
}

/// <summary>Asks for GPUs to become what a layout says; a layout with one member only changes that.</summary>
public sealed record ApplyLayoutRequest : ChangeRequest
{
    /// <summary>What should be on which GPU; null for the host's own layout file.</summary>
    public IReadOnlyList<GpuLayout>? Gpus { get; init; }

    /// <summary>Whether what the layout says nothing about may be destroyed where a change needs it, if no VM runs.</summary>
    public bool Force { get; init; }

    /// <summary>Whether a GPU may be reset where a change of its MIG mode asks for it.</summary>
    public bool Reset { get; init; }

    /// <summary>Whether the scheduler is kept over reboots, through the driver's module options.</summary>
    public bool Persist { get; init; }
}
