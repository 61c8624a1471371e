using VgpuPS.Core.Performance;
using VgpuPS.Core.Rows;

namespace VgpuPS.Tests.Performance;

/// <summary>Results of four VMs as the article has them: its table of 20 figures.</summary>
internal static class ArticleStudy
{
    /// <summary>Time-sliced idle and loaded, MIG-backed idle and loaded.</summary>
    public static readonly (Workload Workload, double[] Figures)[] Table =
    [
        (Workload.HostToDevice, [25.2, 6.3, 25.2, 6.3]),
        (Workload.DeviceToHost, [26.2, 6.6, 26.3, 6.6]),
        (Workload.DeviceMemory, [786, 160, 196, 196]),
        (Workload.SmallGemm, [6680, 1410, 6550, 6550]),
        (Workload.LargeGemm, [68_800, 14_500, 16_000, 15_300]),
    ];

    public static IReadOnlyList<VgpuPerformanceInfo> TimeSliced() => Study(0, "TimeSliced", "A30-6C");

    public static IReadOnlyList<VgpuPerformanceInfo> MigBacked() => Study(2, "MigBacked", "A30-1-6C");

    /// <summary>One result: of VM 101, time-sliced, alone, with four vGPUs on an A30.</summary>
    public static VgpuPerformanceInfo Result(
        double value, int vm = 101, string workload = "DeviceMemory", string mode = "Idle") => new()
        {
            VgpuHost = "lab",
            VmId = vm,
            VmName = null,
            Workload = workload,
            Mode = mode,
            Tool = "Builtin",
            Value = value,
            Unit = Workload.Find(workload)!.Unit,
            Spread = value / 100,
            Samples = [value, value],
            Peak = GpuPeak.Find(0x20b7)!.Of(Workload.Find(workload)!),
            GpuPeak = GpuPeak.Find(0x20b7)!.Of(Workload.Find(workload)!),
            Sharing = "TimeSliced",
            VgpuType = "A30-6C",
            GpuUuid = "GPU-1",
            GpuAddress = "0000:4b:00.0",
            Model = "NVIDIA A30",
            VgpuCount = 4,
            WorkingCount = mode == "Idle" ? 1 : 4,
            Time = new DateTime(2026, 1, 5, 8, 0, 0, DateTimeKind.Utc),
            Seconds = 10,
            IsSimulated = false,
            Conditions = new VgpuPerformanceConditions { Scheduler = "BestEffort", HostDriver = "580.105.06" },
            Notes = [],
        };

    private static List<VgpuPerformanceInfo> Study(int column, string sharing, string type) =>
    [
        .. from row in Table
           from mode in Enum.GetNames<LoadMode>()
           from vm in Enumerable.Range(101, 4)
           select Result(row.Figures[column + (mode == "Idle" ? 0 : 1)], vm, row.Workload.Name, mode) with
           {
               Sharing = sharing,
               VgpuType = type,
               Conditions = new VgpuPerformanceConditions
               {
                   Scheduler = sharing == "TimeSliced" ? "BestEffort" : null,
                   HostDriver = "580.105.06",
               },
           },
    ];
}
