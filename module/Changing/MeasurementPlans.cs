using VgpuPS.Host.Operations.Performance;

namespace VgpuPS.Changing;

/// <summary>What is to be measured on several hosts.</summary>
/// <param name="hosts">The hosts.</param>
internal sealed class MeasurementPlans(IReadOnlyList<MeasurementOfHost> hosts)
{
    private static readonly (string ErrorId, string One, string Several)[] s_passed =
    [
        (ErrorIds.VmNotRunning, "does not run", "do not run"),
        (ErrorIds.VgpuNotFound, "has no vGPU", "have no vGPU"),
        (ErrorIds.VmIsTemplate, "is a template", "are templates"),
    ];

    /// <summary>Hosts that have VMs which can be measured.</summary>
    public IReadOnlyList<MeasurementOfHost> Measurable => [.. hosts.Where(h => h.Result is { Vms.Count: > 0 })];

    /// <summary>Writes why VMs are not measured. Those that were not named one by one, and have nothing to be measured,
    /// are passed over where others can be.</summary>
    /// <param name="sink">Where to write.</param>
    /// <param name="isChoice">Whether a VM was meant among others, and not by name.</param>
    public void WriteRefused(ICommandSink sink, Func<string, bool> isChoice)
    {
        var passed = new List<(MeasurementOfHost Host, VgpuException Why)>();
        foreach (var (host, why) in hosts.SelectMany(h => h.Refused.Select(r => (Host: h, Why: r))))
        {
            if (why.Target is { } vm && isChoice(vm) && s_passed.Any(p => p.ErrorId == why.ErrorId))
            {
                passed.Add((host, why));
            }
            else
            {
                sink.WriteFailure(why);
            }
        }

        if (passed.Count == 0)
        {
            return;
        }

        if (Measurable.Count > 0)
        {
            sink.WriteWarning($"VMs that cannot be measured are passed over: {Describe(passed)}");
            return;
        }

        var stopped = passed.Where(p => p.Why.ErrorId == ErrorIds.VmNotRunning).Select(p => p.Why.Target).ToList();
        sink.WriteFailure(passed is [var only] ? only.Why : new HostNotReadyException(
            passed[0].Why.ErrorId, $"none of these VMs can be measured: {Describe(passed)}",
            stopped.Count > 0 ? $"start those that have a vGPU, and measure again: Start-VgpuVm {stopped[0]}"
                : "give them vGPUs (Add-VmVgpu <id> <type>), then stop and start them; see the VMs: Get-VgpuVm",
            passed[0].Why.Target));
    }

    private string Describe(List<(MeasurementOfHost Host, VgpuException Why)> passed) => string.Join(
        "; ", s_passed.Select(p => (p.One, p.Several, Vms: passed.Where(v => v.Why.ErrorId == p.ErrorId)
            .Select(v => v.Why.Target + (hosts.Count > 1 ? $" on {v.Host.Session.Name}" : "")).ToList()))
            .Where(p => p.Vms.Count > 0)
            .Select(p => p.Vms.Count == 1 ? $"VM {p.Vms[0]} {p.One}" : $"VMs {string.Join(", ", p.Vms)} {p.Several}"));
}

/// <summary>What is to be measured on a host.</summary>
/// <param name="Session">The host.</param>
/// <param name="Request">What was asked of it.</param>
/// <param name="Program">The program of this machine; null where it has none.</param>
/// <param name="Result">What it answers; null where it refuses.</param>
/// <param name="Failure">Why it refuses; null where it does not.</param>
internal sealed record MeasurementOfHost(
    IHostSession Session, MeasurePerformanceRequest Request, BenchFile? Program, MeasurePerformanceResult? Result,
    VgpuException? Failure)
{
    /// <summary>Why VMs or modes are not measured.</summary>
    public IEnumerable<VgpuException> Refused => Failure is not null
        ? [Failure] : Result!.Refused.Select(r => r.ToException(MeasurementSink.NameOf(Session)));
}

/// <summary>The <c>vgpu-bench</c> that the module brings.</summary>
/// <param name="Path">Where it lies here.</param>
/// <param name="Offer">What a host learns of it.</param>
internal sealed record BenchFile(string Path, OfferedFile Offer)
{
    private const string Name = "vgpu-bench";

    /// <summary>Finds it beside the module's assembly; null where a build has none.</summary>
    public static BenchFile? Find()
    {
        var file = new FileInfo(System.IO.Path.Combine(
            System.IO.Path.GetDirectoryName(typeof(BenchFile).Assembly.Location)!, Name));
        return file.Exists ? new BenchFile(file.FullName, new OfferedFile(Name, file.Length, "")) : null;
    }

    /// <summary>The file, to be uploaded.</summary>
    public DriverFile ToDriverFile() => new(Offer, () => File.OpenRead(Path), IsInZip: false);
}
