using System.Collections;
using System.Globalization;
using VgpuPS.Core.Performance;

namespace VgpuPS.Reading;

/// <summary>
/// Reads results of Measure-VgpuPerformance by their properties: as they are, of a file (Import-Clixml), of JSON
/// (ConvertFrom-Json) or of a table (Import-Csv).
/// </summary>
/// <param name="parameter">What they were given to, for messages: <c>-Reference</c>.</param>
internal sealed class MeasurementReader(string parameter)
{
    private const string Again = "measure first, and give the results as they are, or from Import-Clixml or "
        + "ConvertFrom-Json: $results = Measure-VgpuPerformance -VmId …";

    private readonly List<VgpuPerformanceInfo> _results = [];

    /// <summary>Whether nothing was read.</summary>
    public bool IsEmpty => _results.Count == 0;

    /// <summary>What was read, in order.</summary>
    /// <exception cref="InvalidRequestException">Nothing was.</exception>
    public IReadOnlyList<VgpuPerformanceInfo> Results => _results.Count > 0 ? _results
        : throw new InvalidRequestException(
            ErrorIds.InvalidMeasurement, $"{parameter} has no results of a measurement", Again, parameter);

    /// <summary>Whether an object is a result, whatever its members say.</summary>
    public static bool IsResult(PSObject value) =>
        ObjectMembers.IsA(value, typeof(VgpuPerformanceInfo), "Workload", "Mode", "Value", "Sharing");

    /// <summary>Reads an object, or a list of objects.</summary>
    /// <exception cref="InvalidRequestException">One is no result, or has a member that cannot be.</exception>
    public void Add(object? value)
    {
        switch (value is PSObject wrapped ? wrapped.BaseObject : value)
        {
            case VgpuPerformanceInfo live:
                _results.Add(live);
                break;
            case IList list:
                foreach (var item in list)
                {
                    Add(item);
                }

                return;
            case null or string or ValueType:
                throw Unusable($"is no result of a measurement: {(value is null ? "it is null" : $"it is {value}")}");
            default:
                _results.Add(Read(PSObject.AsPSObject(value)));
                break;
        }

        if (MeasurementCheck.FindFault(_results[^1]) is var (member, text, rule))
        {
            throw Unusable(_results[^1], $"has the {member} '{text}', and it must be {rule}");
        }
    }

    private VgpuPerformanceInfo Read(PSObject value)
    {
        var members = new ObjectMembers(value, Unusable);
        var conditions = members.Find("Conditions") is { } found ? new ObjectMembers(found, Unusable) : null;
        return new VgpuPerformanceInfo
        {
            VgpuHost = members.FindText("VgpuHost") ?? "",
            VmId = members.Count("VmId"),
            VmName = members.FindText("VmName"),
            Workload = Workload.Find(members.Text("Workload"))?.Name ?? members.Text("Workload"),
            Mode = members.Text("Mode"),
            Tool = members.Text("Tool"),
            Value = members.Number("Value"),
            Unit = members.Text("Unit"),
            Spread = members.FindNumber("Spread"),
            Samples = [],
            Peak = members.FindNumber("Peak"),
            GpuPeak = members.FindNumber("GpuPeak"),
            Sharing = members.Text("Sharing"),
            VgpuType = members.Text("VgpuType"),
            GpuUuid = members.Text("GpuUuid"),
            GpuAddress = members.FindText("GpuAddress") ?? "",
            Model = members.Text("Model"),
            VgpuCount = members.Count("VgpuCount"),
            WorkingCount = members.Count("WorkingCount"),
            Time = members.FindTime("Time"),
            Seconds = members.FindNumber("Seconds") ?? 0,
            IsSimulated = members.Flag("IsSimulated"),
            Conditions = new VgpuPerformanceConditions
            {
                Scheduler = conditions?.FindText("Scheduler"),
                HostDriver = conditions?.FindText("HostDriver"),
                GuestDriver = conditions?.FindText("GuestDriver"),
                Ecc = conditions?.FindFlag("Ecc"),
            },
            Notes = members.FindTexts("Notes"),
        };
    }

    private InvalidRequestException Unusable(string what) => new(
        ErrorIds.InvalidMeasurement,
        $"object {(_results.Count + 1).ToString(CultureInfo.InvariantCulture)} of {parameter} {what}", Again,
        parameter);

    private InvalidRequestException Unusable(VgpuPerformanceInfo result, string what) => new(
        ErrorIds.InvalidMeasurement, string.Create(
            CultureInfo.InvariantCulture,
            $"object {_results.Count} of {parameter} (VM {result.VmId} {result.Workload} {result.Mode}) {what}"), Again,
        parameter);
}
