using System.Runtime.InteropServices;
using VgpuPS.Core.Metrics;

namespace VgpuPS.Host.Operations.Metrics;

/// <summary>What a collection has read so far. A reader that a hanging call keeps is left, and adds nothing any
/// more.</summary>
/// <param name="isUnwanted">Whether to read on is of no use, for another reason than that it is closed.</param>
internal sealed class MetricCollection(Func<bool>? isUnwanted = null)
{
    private readonly Lock _gate = new();
    private readonly List<MetricSample> _samples = [];
    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Gpu, string Metric), MetricAbsence> _support = [];
    private bool _isClosed;

    /// <summary>Whether reading on is of no use: nothing is taken any more, or somebody waits.</summary>
    public bool IsOver
    {
        get
        {
            lock (_gate)
            {
                return _isClosed || isUnwanted?.Invoke() == true;
            }
        }
    }

    /// <summary>Takes a value.</summary>
    public void Add(MetricFamily family, double value, params string?[] labels)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _samples.Add(family.Sample(value, labels));
            }
        }
    }

    /// <summary>Takes a number of a GPU where there is one, and remembers whether there was.</summary>
    /// <param name="family">The metric.</param>
    /// <param name="gpu">The GPU's address.</param>
    /// <param name="reading">The number.</param>
    /// <param name="labels">Its labels.</param>
    public void Add(MetricFamily family, string gpu, Reading reading, params string?[] labels)
    {
        if (reading.Value is { } value)
        {
            Add(family, value, labels);
        }

        lock (_gate)
        {
            if (!_isClosed)
            {
                // One of several that is there is enough.
                ref var why = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    _support, (gpu, family.Name), out var isKnown);
                why = isKnown && why == MetricAbsence.None ? why : reading.Absence;
            }
        }
    }

    /// <summary>Remembers a part of the host that could not be read.</summary>
    /// <param name="part">One of a few words.</param>
    public void Fail(string part)
    {
        lock (_gate)
        {
            _ = !_isClosed && _failed.Add(part);
        }
    }

    /// <summary>All that was taken, and what is not to be had; nothing is taken any more.</summary>
    public IReadOnlyList<MetricSample> Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            return
            [
                .. _samples,
                .. _support.Select(s => HostMetrics.Supported.Sample(
                    s.Value == MetricAbsence.None ? 1 : 0, s.Key.Gpu, s.Key.Metric, s.Value.Name())),
            ];
        }
    }

    /// <summary>Which parts could not be read.</summary>
    /// <param name="parts">All parts that can fail, in order.</param>
    public void AddFailures(IEnumerable<string> parts)
    {
        lock (_gate)
        {
            _samples.AddRange(parts.Select(p => HostMetrics.Failed.Sample(_failed.Contains(p) ? 1 : 0, p)));
        }
    }
}
