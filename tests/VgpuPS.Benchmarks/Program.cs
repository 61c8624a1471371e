using VgpuPS.Benchmarks.Hook;
using VgpuPS.Benchmarks.Planner;
using VgpuPS.Benchmarks.Report;

namespace VgpuPS.Benchmarks;

/// <summary>Figures measured by hand, never by a timed test: design.md section 12, and planner.md.</summary>
internal static class Program
{
    private const int Usage = 64;

    private const string Help = """
        usage: dotnet run -c Release --project tests/VgpuPS.Benchmarks -- COMMAND [--option value ...]

        planner   acceptance of placement policies on one request stream, with the gates of planner.md
                  --model A100|H100|H200|A30|...  --gpus 8  --rho 0.85  --seeds 20  --first-seed 1  --requests 20000
                  --mix all|NAME|drift|SHARES (such as 4,1,1,3,1,0,0)  --policies all|NAME,NAME  --life exponential|forever
        decision  time of one planner decision and of one table fit
                  --gpus 100  --runs 20000
        defragmentation  time of the search for the fewest restarts
                  --gpus 100  --seeds 40
        capacity  time to count what fits on a fleet that is read
                  --hosts 100  --gpus 8  --runs 41
        advice    time of advice for many tenants, and how many of them it serves
                  --tenants 100  --gpus 8  --seeds 3  [--model A30|L40S|...]
        own       the hook's own time beside the calls on its seams, on the simulated host
                  --model A30  --runs 200  --backend mdev|vfio
        process   the published hook for a VM without vGPU against `bash -c true`, whole process
                  --hook PATH  --runs 200  [--vm ID of such a VM on a Proxmox host]

        metrics   a collection of metrics beside the calls on its seams, on the simulated host
                  --gpus 8  --vgpus 128  --runs 60
        doctor    the doctor on a simulated host, in process
                  --vms 4096  --lines 10000  --runs 3

        report    the report of simulated hosts with eight GPUs each, in process: reading, the doctor, the page
                  --hosts 16  --vms 4 (a GPU)  --runs 5

        Exit code 0 when every bar and gate holds, 1 when one does not, 64 for a wrong command line.
        """;

    private static int Main(string[] arguments)
    {
        try
        {
            return arguments switch
            {
                ["planner", .. var rest] => Study.Run(rest),
                ["decision", .. var rest] => DecisionTime.Run(rest),
                ["defragmentation", .. var rest] => DefragmentationTime.Run(rest),
                ["capacity", .. var rest] => CapacityTime.Run(rest),
                ["advice", .. var rest] => AdviceTime.Run(rest),
                ["own", .. var rest] => OwnTime.Run(rest),
                ["metrics", .. var rest] => MetricsTime.Run(rest),
                ["doctor", .. var rest] => DoctorTime.Run(rest),
                ["report", .. var rest] => ReportTime.Run(rest),
                ["process", .. var rest] => ProcessTime.Run(rest),
                _ => throw new FormatException("no such command"),
            };
        }
        catch (FormatException e)
        {
            Console.Error.WriteLine($"{e.Message}\n\n{Help}");
            return Usage;
        }
    }
}
