using VgpuPS.Core.Layout;
using VgpuPS.Core.Steps;
using VgpuPS.Host.State;

namespace VgpuPS.Host.Operations.Layout;

/// <summary>Applies a layout to GPUs, and leaves alone what is so already.</summary>
internal sealed class ApplyLayout(HostPorts host)
{
    /// <summary>Plans it, or executes it.</summary>
    /// <exception cref="VgpuException">It cannot be done; nothing is left of what was begun.</exception>
    public Task<ChangeResult> RunAsync(
        ApplyLayoutRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var layouts = request.Gpus ?? (host.Layout.Load() ?? throw new ObjectNotFoundException(
            ErrorIds.LayoutNotFound, "this host has no layout file /etc/vgpups/layout.json",
            "create one from the current state of the GPUs: Export-VgpuLayout -Save", "/etc/vgpups/layout.json")).Gpus;
        if (request.Gpu is { } name)
        {
            return new GpuChange(host, request, progress).RunAsync(
                reader => reader.Find(name),
                (reader, gpu) => Plan(
                    reader, [(gpu, Single(layouts, name))], Options(request, reader), request.IsPlanOnly),
                (_, gpu) => [new ChangedObject { GpuAddress = gpu.Address.ToString() }], cancellationToken);
        }

        IReadOnlyList<(PhysicalFunction Gpu, GpuLayout Layout)> targets = [];
        return new ChangeExecutor(host, request, progress).RunAsync(
            reader =>
            {
                targets = LayoutTargets.Find(reader, layouts);
                return Plan(
                    reader, targets.Select(t => (reader.Read(t.Gpu), t.Layout)), Options(request, reader),
                    request.IsPlanOnly);
            },
            _ => targets.Select(t => new ChangedObject { GpuAddress = t.Gpu.Address.ToString() }),
            cancellationToken);
    }

    private LayoutOptions Options(ApplyLayoutRequest request, GpuReader reader) => new(
        request.Force, request.Reset, request.Persist, host.ModuleOptions.Read, reader.FindUsers,
        ModuleOptionFiles.DefaultPath);

    private static GpuLayout Single(IReadOnlyList<GpuLayout> layouts, string name) => layouts is [var only] ? only
        : throw new InvalidRequestException(
            ErrorIds.ConflictingParameters, $"GPU '{name}' is named beside a layout of {layouts.Count} GPUs",
            "give a layout with one entry, or name the GPUs in the layout");

    /// <summary>Plans GPU by GPU; options in files are written by one GPU after the other, each on top of the
    /// last.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="targets">Each GPU, read when its turn comes, with what is requested on it.</param>
    /// <param name="options">What the change may do beside.</param>
    /// <param name="isPlanOnly">Whether it is shown, so that what it does to VMs is looked for.</param>
    private HostChange Plan(
        GpuReader reader, IEnumerable<(ManagedGpu Gpu, GpuLayout Layout)> targets, LayoutOptions options,
        bool isPlanOnly)
    {
        var parts = new List<(ManagedGpu, GpuChangePlan)>();
        var right = new List<string>();
        var files = new Lazy<List<(string Path, string Text)>>(() => [.. options.OptionFiles()]);
        foreach (var (gpu, layout) in targets)
        {
            var plan = LayoutPlanner.Plan(reader.Placer, gpu, layout, options with { OptionFiles = () => files.Value });
            foreach (var step in plan.Steps.OfType<PersistSchedulerStep>())
            {
                files.Value.RemoveAll(f => f.Path == step.Path);
                files.Value.Add((step.Path, step.After));
            }

            parts.Add((gpu, plan));
            right.Add(DescribeRight(gpu, layout));
        }

        return new HostChange(parts)
        {
            AlreadySo = right.Count == 0 ? null : string.Join("; ", right),
            Breaks = isPlanOnly ? new BrokenStarts(host).Find(parts) : [],
        };
    }

    /// <summary>What of a layout a GPU has, once it has all of it.</summary>
    private static string DescribeRight(ManagedGpu gpu, GpuLayout want)
    {
        string?[] parts =
        [
            want.Sriov is not { } sriov ? null : sriov ? string.Create(
                CultureInfo.InvariantCulture, $"its {gpu.Gpu.TotalFunctions} functions") : "its functions disabled",
            want.Mig is not { } mig ? null : mig ? "MIG mode on" : "MIG mode off",
            want.Instances is not { } instances ? null : instances.Count > 0 ? "its GPU instances" : "no GPU instances",
            want.MixedSizes is not { } mixed ? null : mixed ? "mixed sizes on" : "mixed sizes off",
            want.Scheduler is { } scheduler ? $"the scheduler {scheduler.Describe()}" : null,
        ];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"GPU {gpu.Index} has {string.Join(", ", parts.OfType<string>().DefaultIfEmpty("all that is requested"))}");
    }
}

/// <summary>Requests a layout to be applied to GPUs; a layout with one member only changes that.</summary>
public sealed record ApplyLayoutRequest : ChangeRequest
{
    /// <summary>What should be on which GPU; null for the host's own layout file.</summary>
    public IReadOnlyList<GpuLayout>? Gpus { get; init; }

    /// <summary>
    /// The GPU that the layout's only entry is about, by index, UUID, address or model, whatever the entry says; null
    /// where the entries name GPUs.
    /// </summary>
    public string? Gpu { get; init; }

    /// <summary>Whether what the layout says nothing about may be destroyed where a change needs it, if no VM
    /// runs.</summary>
    public bool Force { get; init; }

    /// <summary>Whether a GPU may be reset where a change of its MIG mode requires it.</summary>
    public bool Reset { get; init; }

    /// <summary>Whether the scheduler is kept over reboots, through the driver's module options.</summary>
    public bool Persist { get; init; }
}
