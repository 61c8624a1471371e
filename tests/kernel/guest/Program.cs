using System.Globalization;
using VgpuPS.KernelBed.Guest;

// Usage: bed-scenarios [--full] [PART OF A NAME]. Prints a line a check; exit code 1 when one failed.
var report = new Report();
var bed = new Bed(report);
var isFull = args.Contains("--full");
var only = args.FirstOrDefault(argument => !argument.StartsWith('-'));
(string Name, bool OnBoth, Func<Bed, Task> Run)[] scenarios =
[
    ("library", false, DriverScenarios.LibraryAsync),
    ("time-sliced", true, FirstScenarios.TimeSlicedAsync),
    ("MIG", true, FirstScenarios.MigAsync),
    ("adopt", true, LifeScenarios.AdoptAsync),
    ("full GPU", isFull, LifeScenarios.FullGpuAsync),
    ("sizes", isFull, LifeScenarios.SizesAsync),
    ("mapping", true, LifeScenarios.MappingAsync),
    ("function count", false, KernelScenarios.FunctionCountAsync),
    ("mediated errnos", false, KernelScenarios.MediatedErrnosAsync),
    ("stray device", false, KernelScenarios.StrayDeviceAsync),
    ("foreign driver", isFull, KernelScenarios.ForeignDriverAsync),
    ("refused vGPU", isFull, KernelScenarios.RefusedVgpuAsync),
    ("old libraries", false, DriverScenarios.OldLibrariesAsync),
    ("lies", false, DriverScenarios.LiesAsync),
    ("sriov-manage", false, DriverScenarios.SriovManageAsync),
    ("guard", false, DriverScenarios.GuardAsync),
    ("mdevctl", false, WitnessScenarios.MdevctlAsync),
    ("parallel", isFull, StressScenarios.ParallelAsync),
    ("kills", true, host => StressScenarios.KillsAsync(host, isFull ? 100 : 15)),
];
foreach (var (name, onBoth, run) in scenarios.Where(s => only is null || s.Name.Contains(only, StringComparison.Ordinal)))
{
    foreach (var isVendor in (bool[])(onBoth ? [false, true] : [false]))
    {
        report.Begin($"{name} on {(isVendor ? "vendor VFIO" : "mediated devices")}");
        try
        {
            bed.UseBackend(isVendor);
            await run(bed);
        }
        catch (Exception e)
        {
            report.Check("the scenario ends", false, e.ToString());
        }
    }
}

Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture, $"SUMMARY {report.Passed} passed, {report.Failed} failed"));
return report.Failed == 0 ? 0 : 1;
