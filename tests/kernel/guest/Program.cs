using System.Globalization;
using VgpuPS.KernelBed.Guest;

// Usage: bed-scenarios --on mediated|vendor [--full] --seed NUMBER [PART OF A NAME]. Prints a line a check; exit code 1
// when one failed.
const int Kills = 15;
const int KillsInFull = 50;
var report = new Report();
var bed = new Bed(report);
var isFull = args.Contains("--full");
var isVendor = ValueOf("--on") == "vendor";
var seed = int.Parse(ValueOf("--seed") ?? "1", CultureInfo.InvariantCulture);
var only = args.Where((argument, index) => !argument.StartsWith('-') && (index == 0 || args[index - 1] is not ("--on" or "--seed")))
    .FirstOrDefault();

// What does not depend on the back end runs on the one whose guest has less to do, and on both in full.
(string Name, Where On, Func<Bed, Task> Run)[] scenarios =
[
    ("library", Where.Mediated, DriverScenarios.LibraryAsync),
    ("time-sliced", Where.Both, FirstScenarios.TimeSlicedAsync),
    ("MIG", Where.Both, FirstScenarios.MigAsync),
    ("adopt", Where.Both, LifeScenarios.AdoptAsync),
    ("full GPU", Where.Mediated, LifeScenarios.FullGpuAsync),
    ("sizes", Where.Mediated, LifeScenarios.SizesAsync),
    ("mapping", Where.Both, LifeScenarios.MappingAsync),
    ("function count", Where.Mediated, KernelScenarios.FunctionCountAsync),
    ("mediated errnos", Where.MediatedOnly, KernelScenarios.MediatedErrnosAsync),
    ("stray device", Where.MediatedOnly, KernelScenarios.StrayDeviceAsync),
    ("foreign driver", Where.Vendor, KernelScenarios.ForeignDriverAsync),
    ("refused vGPU", Where.Mediated, KernelScenarios.RefusedVgpuAsync),
    ("old libraries", Where.Vendor, DriverScenarios.OldLibrariesAsync),
    ("lies", Where.Vendor, DriverScenarios.LiesAsync),
    ("sriov-manage", Where.Mediated, DriverScenarios.SriovManageAsync),
    ("guard", Where.Mediated, DriverScenarios.GuardAsync),
    ("mdevctl", Where.MediatedOnly, WitnessScenarios.MdevctlAsync),
    ("parallel", Where.Vendor, StressScenarios.ParallelAsync),
    ("kills", Where.Both, host => StressScenarios.KillsAsync(host, isFull ? KillsInFull : Kills, seed)),
];
foreach (var (name, on, run) in scenarios)
{
    var isHere = on == Where.Both || isVendor == (on == Where.Vendor) || (isFull && on != Where.MediatedOnly);
    if (!isHere || (only is not null && !name.Contains(only, StringComparison.Ordinal)))
    {
        continue;
    }

    report.Begin(name);
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

Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture, $"SUMMARY {report.Passed} passed, {report.Failed} failed"));
return report.Failed == 0 ? 0 : 1;

string? ValueOf(string option)
{
    var at = Array.IndexOf(args, option);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
