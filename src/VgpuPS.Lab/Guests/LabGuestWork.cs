using VgpuPS.Lab.Models;

namespace VgpuPS.Lab.Guests;

/// <summary>What a program makes of a guest's vGPU, and what came of it so far. Times are on the machine's monotonic
/// clock; amounts are in 1e9 bytes or operations.</summary>
public sealed class LabGuestWork
{
    /// <summary>The program: <c>vgpu-bench</c>, or one of CUDA.</summary>
    public string Tool { get; set; } = "";

    /// <summary>Path or name that it was started by.</summary>
    public string Path { get; set; } = "";

    /// <summary>Its arguments.</summary>
    public List<string> Arguments { get; set; } = [];

    /// <summary>What it asks for.</summary>
    public PerformanceDemand Demand { get; set; }

    /// <summary>Rows of a product.</summary>
    public long M { get; set; }

    /// <summary>Columns of a product.</summary>
    public long N { get; set; }

    /// <summary>Inner length of a product.</summary>
    public long K { get; set; }

    /// <summary>Amount of one operation, a copy or a product.</summary>
    public double Operation { get; set; }

    /// <summary>When it is set up.</summary>
    public long ReadyAtNs { get; set; }

    /// <summary>When it begins to measure.</summary>
    public long BeginsAtNs { get; set; }

    /// <summary>How long it measures at least; 0 where it has an amount to do.</summary>
    public long LengthNs { get; set; }

    /// <summary>Length of a sample; 0 for none.</summary>
    public long IntervalNs { get; set; }

    /// <summary>Amount that is left; null where it works for a time.</summary>
    public double? Left { get; set; }

    /// <summary>Amount that it has done.</summary>
    public double Done { get; set; }

    /// <summary>When the present sample began; 0 before the first.</summary>
    public long SampleFromNs { get; set; }

    /// <summary>When the present sample ends.</summary>
    public long SampleToNs { get; set; }

    /// <summary>Amount in the present sample.</summary>
    public double SampleAmount { get; set; }

    /// <summary>Samples that have ended, in order.</summary>
    public List<LabGuestSample> Samples { get; set; } = [];

    /// <summary>How late it was for its start, in seconds; null where it was not.</summary>
    public double? LateSeconds { get; set; }

    /// <summary>The signal that ended it; null for none.</summary>
    public int? Signal { get; set; }

    /// <summary>What it ended with; null for a signal.</summary>
    public int? ExitCode { get; set; }

    /// <summary>What it printed, once it has ended.</summary>
    public string Output { get; set; } = "";

    /// <summary>What it reported, once it has ended.</summary>
    public string Error { get; set; } = "";

    /// <summary>Whether it works at a moment.</summary>
    internal bool WorksAt(long now) => LateSeconds is null && BeginsAtNs <= now;

    /// <summary>The next moment at which something happens to it.</summary>
    internal long NextEdge(long now, double rate) =>
        LateSeconds is not null || now < ReadyAtNs ? ReadyAtNs
        : now < BeginsAtNs ? BeginsAtNs
        : Left is { } left ? now + Math.Max(1, (long)Math.Ceiling(left / rate * 1e9))
        : SampleToNs;

    /// <summary>Begins a sample: one operation at least is in it.</summary>
    internal void BeginSample(long now, double rate)
    {
        if (Left is null && SampleToNs <= now)
        {
            SampleFromNs = now;
            SampleToNs = now + Math.Max(IntervalNs, (long)(Operation / Math.Max(rate, 1e-9) * 1e9));
        }
    }

    /// <summary>Adds what was done.</summary>
    internal void Add(double amount)
    {
        Done += amount;
        SampleAmount += amount;
        Left -= amount;
    }

    /// <summary>Ends a sample that is over; true where the program is too.</summary>
    internal bool Converge(int vm, long now)
    {
        if (LateSeconds is not null)
        {
            return ReadyAtNs <= now;
        }

        if (!WorksAt(now) || Left is not null)
        {
            return Left <= 1e-12;
        }

        if (SampleToNs > now || SampleAmount <= 0)
        {
            return false;
        }

        var seconds = (now - SampleFromNs) / 1e9;
        Samples.Add(new LabGuestSample
        {
            FromNs = SampleFromNs,
            ToNs = now,
            Count = Math.Max(1, (long)Math.Round(SampleAmount / Operation)),
            Value = SampleAmount / seconds * (1 + LabNoise.Of(vm, (int)Demand, Samples.Count)),
        });
        SampleAmount = 0;
        return now - BeginsAtNs >= LengthNs;
    }
}

/// <summary>One interval of a measurement.</summary>
public sealed class LabGuestSample
{
    /// <summary>When it began, on the machine's monotonic clock.</summary>
    public long FromNs { get; set; }

    /// <summary>When it ended.</summary>
    public long ToNs { get; set; }

    /// <summary>Operations in it.</summary>
    public long Count { get; set; }

    /// <summary>GB/s or GFLOP/s.</summary>
    public double Value { get; set; }
}

/// <summary>Noise of samples, the same in every run.</summary>
internal static class LabNoise
{
    // Assumed; no sample is above what the model gives, so that no sum is above a peak.
    private const double Most = 0.004;

    public static double Of(params ReadOnlySpan<int> numbers)
    {
        var hash = 2166136261u;
        foreach (var number in numbers)
        {
            hash = (hash ^ (uint)number) * 16777619u;
            hash ^= hash >> 15;
        }

        return -Most * (hash % 1000) / 1000;
    }
}
