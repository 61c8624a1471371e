using VgpuPS.Core.Text;

namespace VgpuPS.Core.Performance;

/// <summary>What <c>vgpu-bench</c> printed of one workload.</summary>
/// <param name="Device">The device that it ran on.</param>
/// <param name="Samples">One per interval, ascending, none overlapping the next.</param>
/// <remarks>
/// The lines may come in any order, and a newer program may say more on one; whatever else is not as the program writes
/// it is refused, since it comes from a guest and becomes a figure.
/// </remarks>
public sealed record BenchOutput(BenchDevice Device, IReadOnlyList<BenchSample> Samples)
{
    /// <summary>The version of its lines that is read.</summary>
    public const int Version = 1;

    /// <summary>Most characters of a line.</summary>
    public const int MaxLine = 2048;

    /// <summary>Most lines.</summary>
    public const int MaxLines = 20_000;

    // Rounding of the moments as they are printed.
    private const double Rounding = 1e-3;

    /// <summary>Reads what it printed while it measured.</summary>
    /// <param name="text">Its standard output, whole.</param>
    /// <param name="workload">What it was asked for.</param>
    /// <param name="source">Where it ran, for display: <c>VM 101 (web)</c>.</param>
    /// <param name="target">The VM's number.</param>
    /// <exception cref="UnreadableDataException">It is not the output of a whole run; names the line.</exception>
    public static BenchOutput Read(string text, Workload workload, string source, string target)
    {
        var lines = new BenchReader(source, target);
        BenchDevice? device = null;
        (int Line, int Samples)? result = null;
        var isReady = false;
        var samples = new List<(int Line, BenchSample Sample)>();
        foreach (var line in lines.Parse(text))
        {
            switch (line.Kind)
            {
                case "device" when device is null:
                    device = line.ToDevice();
                    break;
                case "ready" when !isReady:
                    line.CheckReady(workload);
                    isReady = true;
                    break;
                case "sample":
                    samples.Add((line.Number, line.ToSample()));
                    break;
                case "result" when result is null:
                    result = (line.Number, line.CheckResult(workload));
                    break;
                case "device" or "ready" or "result":
                    throw line.Refuse($"it is a second line of kind {line.Kind}");
                default:
                    throw line.Refuse($"a line of kind '{VisibleText.Of(line.Kind)}' does not belong to a measurement");
            }
        }

        if (device is null || !isReady || result is not { } end)
        {
            throw lines.Refuse(null, "it has no line of kind "
                + (device is null ? "device" : isReady ? "result" : "ready") + ", so that it is not a whole run");
        }

        if (end.Samples != samples.Count)
        {
            throw lines.Refuse(end.Line, string.Create(CultureInfo.InvariantCulture,
                $"it counts {end.Samples} samples, and {samples.Count} were read"));
        }

        return new BenchOutput(device, Order(lines, samples));
    }

    /// <summary>Samples by their time.</summary>
    private static IReadOnlyList<BenchSample> Order(BenchReader lines, List<(int Line, BenchSample Sample)> samples)
    {
        samples.Sort((one, other) => one.Sample.StartSeconds.CompareTo(other.Sample.StartSeconds));
        for (var i = 1; i < samples.Count; i++)
        {
            if (samples[i].Sample.StartSeconds < samples[i - 1].Sample.EndSeconds - Rounding)
            {
                throw lines.Refuse(samples[i].Line, $"its sample overlaps that of line {samples[i - 1].Line}");
            }
        }

        return [.. samples.Select(s => s.Sample)];
    }

    /// <summary>Reads the moment that <c>vgpu-bench clock</c> printed.</summary>
    /// <returns>Seconds since 1970 by the guest's clock.</returns>
    /// <exception cref="UnreadableDataException">It is none.</exception>
    public static double ReadClock(string text, string source, string target) =>
        Only(text, "clock", source, target).ToMoment();

    /// <summary>Reads the device that <c>vgpu-bench info</c> printed.</summary>
    /// <exception cref="UnreadableDataException">It is none.</exception>
    public static BenchDevice ReadDevice(string text, string source, string target) =>
        Only(text, "device", source, target).ToDevice();

    private static BenchLine Only(string text, string kind, string source, string target)
    {
        var lines = new BenchReader(source, target);
        var found = lines.Parse(text).ToList();
        return found is not [var line]
            ? throw lines.Refuse(null, string.Create(CultureInfo.InvariantCulture,
                $"it has {found.Count} lines, and not one of kind {kind}"))
            : line.Kind == kind ? line
            : throw line.Refuse($"a line of kind '{VisibleText.Of(line.Kind)}' is not one of kind {kind}");
    }
}

/// <summary>The device that <c>vgpu-bench</c> ran on, as the guest sees it.</summary>
/// <param name="Name">Its name: <c>NVIDIA A30-6C</c>.</param>
/// <param name="Uuid">Its UUID in the guest.</param>
/// <param name="Multiprocessors">Its SMs.</param>
/// <param name="ComputeCapability">What it can compute: <c>8.0</c>.</param>
/// <param name="CudaVersion">Version of CUDA that the guest's driver has: <c>12.4</c>.</param>
/// <param name="MemoryMiB">Its memory in MiB.</param>
/// <param name="IsSimulated">Whether a model of a GPU answered, and no GPU.</param>
public sealed record BenchDevice(
    string Name, string Uuid, int Multiprocessors, string ComputeCapability, string CudaVersion, long MemoryMiB,
    bool IsSimulated);

/// <summary>What one interval of a measurement gave.</summary>
/// <param name="StartSeconds">Its start, in seconds since 1970 by the clock of whoever measured.</param>
/// <param name="EndSeconds">Its end.</param>
/// <param name="Value">What was reached in it, in the unit of the workload.</param>
public readonly record struct BenchSample(double StartSeconds, double EndSeconds, double Value);
