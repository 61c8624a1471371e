using System.Globalization;
using VgpuPS.KernelBed.Guest;

// Usage: bed-scenarios [KILLS]. Prints a line a check; exit code 1 when one failed.
var report = new Report();
var bed = new Bed(report);
(string Name, Func<Bed, Task> Run)[] scenarios =
[
    ("time-sliced", FirstScenarios.TimeSlicedAsync),
    ("MIG", FirstScenarios.MigAsync),
];
foreach (var isVendor in (bool[])[false, true])
{
    foreach (var (name, run) in scenarios)
    {
        report.Begin($"{name} on {(isVendor ? "vendor VFIO" : "mediated devices")}");
        try
        {
            bed.Reset(isVendor);
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
