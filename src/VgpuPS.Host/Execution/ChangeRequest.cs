using System.Text.Json.Serialization;
using VgpuPS.Core.Rows;
using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Execution;

/// <summary>
/// Requests a change: first for its plan, then, once the user has seen the plan, for the change itself.
/// </summary>
public abstract record ChangeRequest
{
    /// <summary>Who asks, for the log of changes and for those who wait for the host lock:
    /// <c>New-MigInstance</c>.</summary>
    public string Source { get; set; } = "";

    /// <summary>
    /// Whether only the plan is requested: everything is read and decided, refusals included, and nothing changed.
    /// </summary>
    public bool IsPlanOnly { get; init; }

    /// <summary>
    /// The plan that was shown before; null where there was no prompt. A plan made since that destroys what this one
    /// does not
    /// is refused.
    /// </summary>
    public ChangePlan? Confirmed { get; init; }

    /// <summary>What plans before this one in the same command will have done; a plan is made on top of it.</summary>
    public IReadOnlyList<ForeseenChange> Foreseen { get; set; } = [];
}

/// <summary>Requests a change that takes a file: one on the host, or one that the machine which asks can
/// upload.</summary>
public abstract record FileChangeRequest : ChangeRequest
{
    /// <summary>Files of that machine of which the host may choose one; none where the file is the host's.</summary>
    public IReadOnlyList<OfferedFile> Offers { get; set; } = [];

    /// <summary>The request once the file was uploaded.</summary>
    /// <param name="path">Its path on the host.</param>
    public abstract FileChangeRequest WithFile(string path);
}

/// <summary>A file of the machine that asks.</summary>
/// <param name="Name">Its name, without a folder.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Head">Its first kilobytes, a character a byte.</param>
public sealed record OfferedFile(string Name, long Size, string Head)
{
    /// <summary>Bytes of <see cref="Head"/> at most.</summary>
    public const int HeadLength = 16384;

    /// <summary>The step that brings it, for display.</summary>
    /// <param name="node">Name of the host.</param>
    public string Describe(string node) => string.Create(CultureInfo.InvariantCulture,
        $"upload {Name} ({Size / 1048576.0:0.#} MiB) to host {node}, and compare its SHA-256");
}

/// <summary>What a change will do.</summary>
/// <param name="Target">What it is done to, for display: <c>GPU 0 (NVIDIA A30, 0000:4b:00.0)</c>, <c>VM 101
/// (web1)</c>.</param>
/// <param name="Steps">Sentences in order, in the imperative, without a full stop; none where all is so
/// already.</param>
/// <param name="Losses">
/// Objects that are destroyed and that the request did not name, or guests that lose their GPU: <c>GPU instance 3
/// (2g.12gb)</c>; a plan with any is asked about even by a command that is not asked about otherwise.
/// </param>
public sealed record ChangePlan(string Target, IReadOnlyList<string> Steps, IReadOnlyList<string> Losses)
{
    /// <summary>
    /// VMs that do not run and could start before, and not after, with the reason: <c>the next start of VM 103 (db)
    /// fails: …</c>;
    /// a plan with any is asked about as one with losses is.
    /// </summary>
    public IReadOnlyList<string> Breaks { get; set; } = [];

    /// <summary>What is so once all steps are done, and what to do then.</summary>
    public IReadOnlyList<string> Afterwards { get; set; } = [];

    /// <summary>What is so already, where there are no steps: <c>GPU 1 has its 16 functions</c>; null where nothing
    /// better can be said than that all of the target is.</summary>
    public string? AlreadySo { get; init; }

    /// <summary>All objects that it is about, those without a step included; null where the target names
    /// them.</summary>
    public string? Subjects { get; init; }

    /// <summary>What is said where there is nothing to do.</summary>
    public string DescribeNothing() => $"nothing to do: {AlreadySo ?? $"{Target} is as requested"}";
}

/// <summary>What was done, or would be.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Objects">
/// The objects that were made, changed or removed, or that were right already; none for a plan only.
/// </param>
public sealed record ChangeResult(ChangePlan Plan, IReadOnlyList<ChangedObject> Objects)
{
    /// <summary>
    /// Addresses of the GPUs that the request's name means, ascending; null where it names none so. Where they are not
    /// exactly one, nothing was planned: each is requested by its address.
    /// </summary>
    public IReadOnlyList<string>? Gpus { get; init; }

    /// <summary>What a plan will have done, for the next one of the same command; null where that decides nothing for
    /// it.</summary>
    public ForeseenChange? Foreseen { get; init; }

    /// <summary>Name of the offered file that must be uploaded before the change; null where none need be.</summary>
    public string? Upload { get; init; }
}

/// <summary>Names an object that a change made or changed; members that do not apply are null.</summary>
public sealed record ChangedObject
{
    /// <summary>Address of the GPU, sysfs form.</summary>
    public string? GpuAddress { get; init; }

    /// <summary>Id of the GPU instance.</summary>
    public uint? GpuInstanceId { get; init; }

    /// <summary>Id of the compute instance within the GPU instance.</summary>
    public uint? ComputeInstanceId { get; init; }

    /// <summary>Address of the virtual function.</summary>
    public string? FunctionAddress { get; init; }

    /// <summary>UUID of the mediated device.</summary>
    public string? MdevUuid { get; init; }

    /// <summary>The VM.</summary>
    public int? VmId { get; init; }

    /// <summary>Its entry, <c>hostpciN</c>.</summary>
    public string? Entry { get; init; }

    /// <summary>Name of the cluster mapping.</summary>
    public string? Mapping { get; init; }

    /// <summary>How a vGPU of the VM was moved; null where it was not.</summary>
    public VgpuMoveInfo? Move { get; init; }
}

/// <summary>How far a change has come.</summary>
/// <param name="Step">Number of the step that begins, from 1.</param>
/// <param name="Count">How many steps there are, as far as is known.</param>
/// <param name="Text">What it does, for display.</param>
public sealed record StepProgress(int Step, int Count, string Text)
{
    /// <summary>What became known, to be written at once; null for a step that begins.</summary>
    [JsonIgnore]
    public PerformanceOutcome? Outcome { get; init; }
}
