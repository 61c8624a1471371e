using System.Globalization;
using System.Text;
using CliWrap;

namespace VgpuPS.Benchmarks.Hook;

/// <summary>
/// Whole processes, from spawn to reaped: the published hook's pre-start for a VM without vGPU, and <c>bash -c
/// true</c>, in turns. Where this is no Proxmox host, both run in a mount namespace whose <c>/etc</c> holds such a VM's
/// configuration.
/// </summary>
/// <remarks>Source: design.md section 12.</remarks>
internal static class ProcessTime
{
    private const double Bar = 3;
    private const int WarmUp = 20;
    private const string Vm = "101";
    private const string Inside = "VGPUPS_BENCHMARK_INSIDE";

    private const string Config = """
        boot: order=scsi0
        cores: 4
        hookscript: local:snippets/vgpu-hook
        memory: 8192
        name: vm101
        net0: virtio=BC:24:11:2E:C5:4A,bridge=vmbr0
        ostype: l26
        scsi0: local-lvm:vm-101-disk-0,size=32G
        scsihw: virtio-scsi-single
        smbios1: uuid=7d1f5a4e-2f1b-4b55-9c40-0a6f3f6ad5ce
        sockets: 1
        """;

    public static int Run(IReadOnlyList<string> arguments)
    {
        var options = Options.Read(arguments, "hook", "runs", "vm");
        var hook = Path.GetFullPath(
            options.Text("hook") ?? throw new FormatException("--hook PATH of the published vgpu-hook is missing"));
        if (!File.Exists(hook))
        {
            throw new FormatException(
                $"--hook {hook}: no such file; publish it: dotnet publish hookscripts/VgpuPS.Hook -c Release -o "
                    + "out/hook");
        }

        if (options.Text("vm") is null && Environment.GetEnvironmentVariable(Inside) is null)
        {
            return RunInNamespace(arguments);
        }

        var vm = options.Text("vm", Vm);
        Console.WriteLine(Conditions.Describe());
        Console.WriteLine(options.Text("vm") is null
            ? "in a mount namespace with an /etc of its own: ld.so.cache and a Proxmox tree with one VM without vGPU"
            : $"on this host, VM {vm}");
        return Compare([hook, vm, "pre-start"], ["/bin/bash", "-c", "true"], options.Number("runs", 200));
    }

    private static int Compare(string[] hook, string[] bash, int runs)
    {
        var ours = new List<Spawned>();
        var theirs = new List<Spawned>();
        for (var i = 0; i < WarmUp + runs; i++)
        {
            ours.Add(Spawned.Run(hook));
            theirs.Add(Spawned.Run(bash));
        }

        if (ours.Find(s => s.ExitCode != 0) is { } failed)
        {
            Console.WriteLine($"FAIL  {string.Join(' ', hook)} exited with {failed.ExitCode}: nothing was measured");
            return 1;
        }

        var ratio = Print("vgpu-hook pre-start", ours) / Print("bash -c true", theirs);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(ratio <= Bar ? "PASS" : "FAIL")}  ratio of the median wall times {ratio:0.00} (<= {Bar})"));
        return ratio <= Bar ? 0 : 1;
    }

    private static double Print(string what, List<Spawned> runs)
    {
        var wall = runs.Skip(WarmUp).Select(r => r.Wall.TotalMilliseconds).ToList();
        var cpu = runs.Skip(WarmUp).Select(r => r.Cpu.TotalMilliseconds).ToList();
        var median = Statistics.Quantile(wall, 0.5);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-20} {wall.Count} runs: wall ms min {wall[0]:0.00} median {median:0.00} p99 "
                + $"{Statistics.Quantile(wall, 0.99):0.00};"
            + $" CPU ms median {Statistics.Quantile(cpu, 0.5):0.00}"));
        return median;
    }

    /// <summary>Runs this program again where <c>/etc</c> is a small tree.</summary>
    private static int RunInNamespace(IReadOnlyList<string> arguments)
    {
        var etc = Directory.CreateTempSubdirectory("vgpups-etc-").FullName;
        try
        {
            var configs = Path.Combine(etc, "pve/nodes/pve1/qemu-server");
            Directory.CreateDirectory(configs);
            File.WriteAllText(Path.Combine(configs, $"{Vm}.conf"), Config + "\n", new UTF8Encoding(false));
            File.CreateSymbolicLink(Path.Combine(etc, "pve/local"), "nodes/pve1");
            File.CreateSymbolicLink(Path.Combine(etc, "pve/qemu-server"), "nodes/pve1/qemu-server");
            if (File.Exists("/etc/ld.so.cache"))
            {
                File.Copy("/etc/ld.so.cache", Path.Combine(etc, "ld.so.cache"));
            }

            string[] inside =
            [
                "--user", "--map-root-user", "--mount", "/bin/sh", "-c",
                $"mount --bind {etc} /etc && exec \"$0\" \"$@\"", Environment.ProcessPath!, "process", .. arguments,
            ];
            return Cli.Wrap("unshare").WithArguments(inside).WithEnvironmentVariables(v => v.Set(Inside, "1"))
                .WithStandardOutputPipe(PipeTarget.ToStream(Console.OpenStandardOutput()))
                .WithStandardErrorPipe(PipeTarget.ToStream(Console.OpenStandardError()))
                .WithValidation(CommandResultValidation.None).ExecuteAsync().GetAwaiter().GetResult().ExitCode;
        }
        finally
        {
            Directory.Delete(etc, recursive: true);
        }
    }
}
