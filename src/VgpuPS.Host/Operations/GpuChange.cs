namespace VgpuPS.Host.Operations;

/// <summary>A change of one GPU, found and read by the change itself.</summary>
internal sealed class GpuChange(HostPorts host, ChangeRequest request, IProgress<StepProgress> progress)
{
    /// <summary>
    /// Plans it, or executes it; where not exactly one GPU is meant, a plan is answered with those that are.
    /// </summary>
    /// <param name="target">Finds the GPUs that are meant.</param>
    /// <param name="plan">Plans the change of the GPU.</param>
    /// <param name="find">The objects that the change was about, read once all is done.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    /// <exception cref="InvalidRequestException">It is to be executed, and several are meant.</exception>
    /// <exception cref="VgpuException">It cannot be done; what was done is rolled back.</exception>
    public async Task<ChangeResult> RunAsync(
        Func<GpuReader, IReadOnlyList<PhysicalFunction>> target, Func<GpuReader, ManagedGpu, HostChange> plan,
        Func<GpuReader, PhysicalFunction, IEnumerable<ChangedObject>> find, CancellationToken cancellationToken)
    {
        IReadOnlyList<PhysicalFunction> gpus = [];
        var result = await new ChangeExecutor(host, request, progress).RunAsync(
            reader =>
            {
                gpus = target(reader);
                return gpus is [var only] ? plan(reader, reader.Read(only))
                    : gpus.Count == 0 || request.IsPlanOnly ? new HostChange([])
                    : throw Ambiguous(gpus);
            },
            reader => gpus is [var only] ? find(reader, only) : [],
            cancellationToken).ConfigureAwait(false);
        return result with { Gpus = [.. gpus.Select(g => g.Address.ToString())] };
    }

    private static InvalidRequestException Ambiguous(IReadOnlyList<PhysicalFunction> gpus) => new(
        ErrorIds.AmbiguousGpu,
        $"{gpus.Count} GPUs are meant, and each is changed on its own: "
            + $"{string.Join(", ", gpus.Select(g => g.Address))}",
        "name one by its address");
}
