using System.Text;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Performance;
using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Operations.Performance;

/// <summary>Measures what the vGPUs of running VMs deliver, one alone and all at once, by programs in their
/// guests.</summary>
internal sealed class MeasurePerformance(HostPorts host)
{
    /// <summary>Plans it, and executes it unless only the plan is requested. What becomes known is reported at
    /// once.</summary>
    /// <exception cref="VgpuException">None of the VMs can be measured; names the reason and what to do.</exception>
    public async Task<MeasurePerformanceResult> RunAsync(
        MeasurePerformanceRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var choice = MeasurementChoice.Of(request);
        var plan = await new MeasurementPlanner(host, request, choice).MakeAsync(cancellationToken)
            .ConfigureAwait(false);
        if (plan.Groups.Count == 0)
        {
            return plan.Refused is [var only] ? throw only.ToException("")
                : new MeasurePerformanceResult(new ChangePlan("", [], []), [], plan.Refused);
        }

        var program = new BenchProgram(host).Find(request);
        var changes = plan.ToChangePlan(choice, program, host.Proxmox.Node);
        var result = new MeasurePerformanceResult(
            changes, [.. plan.Vms.Select(v => v.Id.ToString())], plan.Refused)
        { Upload = program.Upload?.Name };
        if (request.IsPlanOnly)
        {
            return result;
        }

        if (program.Upload is not null)
        {
            throw DriverOffers.NotUploaded(program.Upload.Name);
        }

        await new MeasurementRunner(host, request, choice, plan, progress).RunAsync(program, cancellationToken)
            .ConfigureAwait(false);
        return result;
    }
}

/// <summary>Requests vGPUs to be measured.</summary>
public sealed record MeasurePerformanceRequest : FileChangeRequest
{
    /// <inheritdoc/>
    public override FileChangeRequest WithFile(string path) => this with { Path = path, Offers = [] };

    /// <summary>The VMs, by number or name; rows come in this order.</summary>
    public required IReadOnlyList<string> Vms { get; init; }

    /// <summary>Names of workloads; empty for the article's.</summary>
    public IReadOnlyList<string> Workloads { get; set; } = [];

    /// <summary>Idle, loaded or both; empty for those that are possible.</summary>
    public IReadOnlyList<LoadMode> Modes { get; set; } = [];

    /// <summary>What measures in a guest.</summary>
    public MeasurementTool Tool { get; set; }

    /// <summary>How long each measurement takes at least, in seconds.</summary>
    public int Seconds { get; set; } = 10;

    /// <summary>How often each is done.</summary>
    public int Repeat { get; set; } = 1;

    /// <summary>Absolute path of <c>vgpu-bench</c> on the host; empty for the installed one, or one that is
    /// offered.</summary>
    public string Path { get; set; } = "";

    /// <summary>Refusals that were reported with the plan, by <see cref="MeasurePerformanceResult.KeyOf"/>.</summary>
    public IReadOnlyList<string> Known { get; set; } = [];

    /// <summary>How guests are reached; null for whichever way there is.</summary>
    public GuestVia? Via { get; init; }

    /// <summary>Where SSH finds the guest; null for the VM's name.</summary>
    public string? GuestAddress { get; init; }

    /// <summary>Whom SSH logs in to the guests as, with a password; null for a key of the host's root. A
    /// secret.</summary>
    public GuestLogin? GuestLogin { get; init; }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Vms = ").AppendJoin(", ", Vms);
        return true;
    }
}

/// <summary>What is measured, or was.</summary>
/// <param name="Plan">The plan; no steps where no VM can be measured.</param>
/// <param name="Vms">Numbers of the VMs that are measured, in order.</param>
/// <param name="Refused">Why others are not, and why a mode is not.</param>
public sealed record MeasurePerformanceResult(
    ChangePlan Plan, IReadOnlyList<string> Vms, IReadOnlyList<HostProblem> Refused)
{
    /// <summary>Name of the offered file that must be uploaded before; null where none need be.</summary>
    public string? Upload { get; init; }

    /// <summary>What tells a refusal from others.</summary>
    public static string KeyOf(HostProblem refusal) => $"{refusal.ErrorId} {refusal.Target}";
}

/// <summary>What measures in a guest.</summary>
public enum MeasurementTool
{
    /// <summary>vgpu-bench, which needs the guest driver only.</summary>
    Builtin = 0,

    /// <summary>Programs of CUDA that the guest has.</summary>
    Cuda,
}
