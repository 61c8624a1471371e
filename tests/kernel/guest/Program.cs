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
    ("library", Where.Vendor, DriverScenarios.LibraryAsync),
    ("time-sliced", Where.Both, FirstScenarios.TimeSlicedAsync),
    ("MIG", Where.Both, FirstScenarios.MigAsync),
    ("adopt", Where.Mediated, LifeScenarios.AdoptAsync),
    ("full GPU", Where.Mediated, LifeScenarios.FullGpuAsync),
    ("lock", Where.Mediated, LifeScenarios.LockAsync),
    ("sizes", Where.Mediated, LifeScenarios.SizesAsync),
    ("mapping", Where.Vendor, LifeScenarios.MappingAsync),
    ("many functions", Where.Vendor, RoomScenarios.ManyFunctionsAsync),
    ("exhausted", Where.Vendor, RoomScenarios.ExhaustedAsync),
    ("failing probe", Where.Vendor, RoomScenarios.FailingProbeAsync),
    ("function count", Where.Mediated, ErrnoScenarios.FunctionCountAsync),
    ("mediated errnos", Where.MediatedOnly, ErrnoScenarios.MediatedAsync),
    ("vendor errnos", Where.VendorOnly, ErrnoScenarios.VendorAsync),
    ("likeness: files", Where.Both, LikenessScenarios.FilesAsync),
    ("likeness: states", Where.Both, LikenessScenarios.StatesAsync),
    ("likeness: binding", Where.Mediated, LikenessScenarios.BindingAsync),
    ("stray device", Where.MediatedOnly, KernelScenarios.StrayDeviceAsync),
    ("foreign driver", Where.Vendor, KernelScenarios.ForeignDriverAsync),
    ("refused vGPU", Where.Vendor, KernelScenarios.RefusedVgpuAsync),
    ("old libraries", Where.Vendor, DriverScenarios.OldLibrariesAsync),
    ("lies", Where.Vendor, DriverScenarios.LiesAsync),
    ("sriov-manage", Where.Mediated, DriverScenarios.SriovManageAsync),
    ("guard", Where.Mediated, DriverScenarios.GuardAsync),
    ("slow driver", Where.Vendor, SlowScenarios.DriverAsync),
    ("slow library", Where.Vendor, SlowScenarios.LibraryAsync),
    ("slow sriov-manage", Where.Vendor, SlowScenarios.SriovManageAsync),
    ("agent", Where.Vendor, AgentScenarios.AgentAsync),
    ("boot", Where.Mediated, BootScenarios.BootAsync),
    ("doctor", Where.Mediated, BootScenarios.DoctorAsync),
    ("mdevctl", Where.MediatedOnly, WitnessScenarios.MdevctlAsync),
    ("parallel", Where.Mediated, host => StressScenarios.ParallelAsync(host, isFull ? 2 : 1)),
    ("kills", Where.Both, host => StressScenarios.KillsAsync(host, isFull ? KillsInFull : Kills, seed)),
];
foreach (var (name, on, run) in scenarios)
{
    var isHere = on == Where.Both || isVendor == (on is Where.Vendor or Where.VendorOnly)
        || (isFull && on is not (Where.MediatedOnly or Where.VendorOnly));
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
