using System.Globalization;
using VgpuPS.KernelBed.Guest;

// Usage: bed-scenarios --on mediated|vendor [--share working|waiting|beside] [--full] --seed NUMBER [PART OF A NAME].
// Prints a line a check; exit code 1 when one failed.
const int Kills = 15;
const int KillsInFull = 50;

// Bits of the kernel's own mark on itself: it has warned, it has died a little.
const int Warned = 1 << 9;
const int Oopsed = 1 << 7;
var report = new Report();
var bed = new Bed(report);
var isFull = args.Contains("--full");
var isVendor = ValueOf("--on") == "vendor";
var seed = int.Parse(ValueOf("--seed") ?? "1", CultureInfo.InvariantCulture);
Share? share = ValueOf("--share") is { } shareName ? Enum.Parse<Share>(shareName, ignoreCase: true) : null;
var only = args
    .Where((argument, index) => !argument.StartsWith('-')
        && (index == 0 || args[index - 1] is not ("--on" or "--seed" or "--share")))
    .FirstOrDefault();

// What does not depend on the back end runs on the one whose guest has less to do, and on both in full.
(string Name, Where On, Share Share, Func<Bed, Task> Run)[] scenarios =
[
    ("library", Where.Vendor, Share.Working, DriverScenarios.LibraryAsync),
    ("time-sliced", Where.Both, Share.Working, FirstScenarios.TimeSlicedAsync),
    ("MIG", Where.Both, Share.Working, FirstScenarios.MigAsync),
    ("adopt", Where.Mediated, Share.Working, LifeScenarios.AdoptAsync),
    ("full GPU", Where.Mediated, Share.Working, LifeScenarios.FullGpuAsync),
    ("lock", Where.Mediated, Share.Waiting, LifeScenarios.LockAsync),
    ("sizes", Where.Mediated, Share.Working, LifeScenarios.SizesAsync),
    ("mapping", Where.Vendor, Share.Working, LifeScenarios.MappingAsync),
    ("parameters", Where.Both, Share.Working, ParameterScenarios.ParametersAsync),
    ("two at once", Where.Vendor, Share.Working, LifeScenarios.AtOnceAsync),
    ("many functions", Where.Vendor, Share.Working, CapacityScenarios.ManyFunctionsAsync),
    ("exhausted", Where.Vendor, Share.Working, CapacityScenarios.ExhaustedAsync),
    ("failing probe", Where.Vendor, Share.Working, CapacityScenarios.FailingProbeAsync),
    ("function count", Where.Mediated, Share.Waiting, ErrnoScenarios.FunctionCountAsync),
    ("mediated errnos", Where.MediatedOnly, Share.Working, ErrnoScenarios.MediatedAsync),
    ("vendor errnos", Where.VendorOnly, Share.Working, ErrnoScenarios.VendorAsync),
    ("likeness: files", Where.Both, Share.Working, LikenessScenarios.FilesAsync),
    ("likeness: states", Where.Both, Share.Working, LikenessScenarios.StatesAsync),
    ("likeness: binding", Where.Mediated, Share.Working, LikenessScenarios.BindingAsync),
    ("stray device", Where.MediatedOnly, Share.Waiting, KernelScenarios.OrphanedDeviceAsync),
    ("foreign driver", Where.Vendor, Share.Working, KernelScenarios.ForeignDriverAsync),
    ("refused vGPU", Where.Vendor, Share.Working, KernelScenarios.RefusedVgpuAsync),
    ("old libraries", Where.Vendor, Share.Working, DriverScenarios.OldLibrariesAsync),
    ("lies", Where.Vendor, Share.Working, DriverScenarios.LiesAsync),
    ("sriov-manage", Where.Mediated, Share.Waiting, DriverScenarios.SriovManageAsync),
    ("guard", Where.Mediated, Share.Working, DriverScenarios.GuardAsync),
    ("slow driver", Where.Vendor, Share.Waiting, SlowScenarios.DriverAsync),
    ("slow library", Where.Vendor, Share.Working, SlowScenarios.LibraryAsync),
    ("slow sriov-manage", Where.Vendor, Share.Waiting, SlowScenarios.SriovManageAsync),
    ("agent", Where.Vendor, Share.Working, AgentScenarios.AgentAsync),
    ("boot", Where.Mediated, Share.Working, BootScenarios.BootAsync),
    ("doctor", Where.Mediated, Share.Working, BootScenarios.DoctorAsync),
    ("mdevctl", Where.MediatedOnly, Share.Working, WitnessScenarios.MdevctlAsync),
    ("scrapes", Where.Vendor, Share.Beside, MetricsScenarios.ScrapesAsync),
    ("parallel", Where.Mediated, Share.Working, StressScenarios.ParallelAsync),
    ("kills", Where.Both, Share.Waiting, host => StressScenarios.KillsAsync(host, isFull ? KillsInFull : Kills, seed)),
];
foreach (var (name, on, part, run) in scenarios)
{
    var isHere = on == Where.Both || isVendor == (on is Where.Vendor or Where.VendorOnly)
        || (isFull && on is not (Where.MediatedOnly or Where.VendorOnly));
    if (!isHere || (share is not null && part != share)
        || (only is not null && !name.Contains(only, StringComparison.Ordinal)))
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

if (report.Passed + report.Failed > 0)
{
    report.Begin("kernel log");
    var marks = int.Parse(File.ReadAllText("/proc/sys/kernel/tainted"), CultureInfo.InvariantCulture);
    report.Check(
        "the kernel has warned of nothing", (marks & (Warned | Oopsed)) == 0,
        Programs.Run("/bin/dmesg").Output.Split('\n')
            .FirstOrDefault(line => line.Contains("WARNING:", StringComparison.Ordinal)));
}

Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture, $"SUMMARY {report.Passed} passed, {report.Failed} failed"));
return report.Failed == 0 ? 0 : 1;

string? ValueOf(string option)
{
    var at = Array.IndexOf(args, option);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
