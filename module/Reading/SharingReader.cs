using System.Globalization;
using VgpuPS.Core.Performance;

namespace VgpuPS.Reading;

/// <summary>Reads rows of Compare-VgpuSharing, and results of Measure-VgpuPerformance, for a report: as they are, or of
/// a file.</summary>
internal sealed class SharingReader
{
    private readonly List<VgpuSharingInfo> _rows = [];
    private readonly MeasurementReader _results = new("-InputObject");

    /// <summary>Whether an object is one of these, whatever its members say.</summary>
    public static bool IsMeant(PSObject value) => MeasurementReader.IsResult(value) || IsRow(value);

    /// <summary>Reads an object.</summary>
    /// <exception cref="InvalidRequestException">It has a member that cannot be.</exception>
    public void Add(PSObject value)
    {
        if (!IsRow(value))
        {
            _results.Add(value);
        }
        else if (value.BaseObject is VgpuSharingInfo row)
        {
            _rows.Add(row);
        }
        else
        {
            _rows.Add(Read(value));
        }
    }

    /// <summary>Rows that were read, and those of results: time-sliced beside MIG-backed.</summary>
    /// <exception cref="InvalidRequestException">Results are of kinds that have no common mean.</exception>
    public IReadOnlyList<VgpuSharingInfo> Compare(ICommandSink sink)
    {
        if (_results.IsEmpty)
        {
            return _rows;
        }

        var sides = _results.Results.ToLookup(r => r.Sharing);
        var comparison = SharingComparison.Of([.. sides["TimeSliced"]], [.. sides["MigBacked"]]);
        foreach (var warning in comparison.Warnings)
        {
            sink.WriteWarning(warning);
        }

        return [.. _rows, .. comparison.Rows];
    }

    private static bool IsRow(PSObject value) =>
        ObjectMembers.IsA(value, typeof(VgpuSharingInfo), "Workload", "Mode", "ReferenceValue", "DifferenceValue");

    private VgpuSharingInfo Read(PSObject value)
    {
        var members = new ObjectMembers(value, what => new InvalidRequestException(
            ErrorIds.InvalidMeasurement,
            $"row {(_rows.Count + 1).ToString(CultureInfo.InvariantCulture)} of -InputObject {what}",
            "compare once more: Compare-VgpuSharing $timeSliced $mig", "-InputObject"));
        return new VgpuSharingInfo
        {
            VgpuHost = members.FindText("VgpuHost") ?? "",
            Workload = members.Text("Workload"),
            Mode = members.Text("Mode"),
            Unit = members.Text("Unit"),
            Reference = members.FindText("Reference"),
            Difference = members.FindText("Difference"),
            ReferenceSharing = members.FindText("ReferenceSharing"),
            DifferenceSharing = members.FindText("DifferenceSharing"),
            ReferenceValue = members.FindAmount("ReferenceValue"),
            DifferenceValue = members.FindAmount("DifferenceValue"),
            ReferenceValues = [],
            DifferenceValues = [],
            ReferenceWorkingCount = null,
            DifferenceWorkingCount = null,
            ReferenceSum = members.FindAmount("ReferenceSum"),
            DifferenceSum = members.FindAmount("DifferenceSum"),
            ReferencePeak = members.FindAmount("ReferencePeak"),
            DifferencePeak = members.FindAmount("DifferencePeak"),
            Noise = members.FindAmount("Noise"),
            ReferenceSwitchingPrice = members.FindNumber("ReferenceSwitchingPrice"),
            DifferenceSwitchingPrice = members.FindNumber("DifferenceSwitchingPrice"),
            ReferenceLoadedChangePercent = null,
            DifferenceLoadedChangePercent = null,
            IsSimulated = members.Flag("IsSimulated"),
            Notes = members.FindTexts("Notes"),
        };
    }
}
