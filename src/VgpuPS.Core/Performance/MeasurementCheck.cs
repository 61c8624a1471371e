using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Performance;

/// <summary>Whether a measurement can be one: those of files may say anything.</summary>
public static class MeasurementCheck
{
    /// <summary>The first member that cannot be, with its value and what it must be; null where all can.</summary>
    public static (string Member, string Value, string Rule)? FindFault(VgpuPerformanceInfo result)
    {
        var workload = Workload.Find(result.Workload);
        (string Member, object? Value, bool IsRight, string Rule)[] members =
        [
            ("VmId", result.VmId, result.VmId > 0, "the number of a VM"),
            ("Workload", result.Workload, workload is not null,
                "one of " + string.Join(", ", Workload.All.Select(w => w.Name))),
            ("Mode", result.Mode, Enum.GetNames<LoadMode>().Contains(result.Mode), "Idle or Loaded"),
            ("Unit", result.Unit, result.Unit == workload?.Unit, $"{workload?.Unit} for {workload?.Name}"),
            ("Sharing", result.Sharing, result.Sharing is SharingSide.TimeSliced or SharingSide.MigBacked,
                $"{SharingSide.TimeSliced} or {SharingSide.MigBacked}"),
            ("Value", result.Value, IsAmount(result.Value), "a number that is not negative"),
            ("Spread", result.Spread, result.Spread is null || IsAmount(result.Spread.Value),
                "a number that is not negative, or null"),
            ("GpuPeak", result.GpuPeak, result.GpuPeak is null || IsPeak(result.GpuPeak.Value),
                "a number above 0, or null"),
            ("WorkingCount", result.WorkingCount, result.WorkingCount >= 1, "at least 1"),
            ("VgpuCount", result.VgpuCount, result.VgpuCount >= result.WorkingCount,
                string.Create(CultureInfo.InvariantCulture, $"at least the WorkingCount {result.WorkingCount}")),
        ];
        foreach (var (member, value, isRight, rule) in members)
        {
            if (!isRight)
            {
                return (member, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", rule);
            }
        }

        return null;
    }

    private static bool IsAmount(double value) => double.IsFinite(value) && value >= 0;

    private static bool IsPeak(double value) => double.IsFinite(value) && value > 0;
}
