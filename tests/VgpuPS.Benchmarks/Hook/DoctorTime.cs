using System.Diagnostics;
using System.Globalization;
using System.Text;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Host.Sysfs;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;

namespace VgpuPS.Benchmarks.Hook;

/// <summary>The doctor on a simulated host with many VMs, all of which name one mapping of many lines.</summary>
/// <remarks>Source: design section 12.</remarks>
internal static class DoctorTime
{
    private const double Bar = 5;

    public static int Run(IReadOnlyList<string> arguments)
    {
        var options = Options.Read(arguments, "vms", "lines", "runs");
        var (vms, lines) = (options.Number("vms", 4096), options.Number("lines", 10_000));
        var node = LabHostNode.Create(new LabOptions { Gpus = ["A30"], PveVersion = "9.2" });
        var enabled = node.Host.Processes.RunAsync(
            new("/usr/lib/nvidia/sriov-manage", ["-e", "0000:4b:00.0"], TimeSpan.FromMinutes(1)),
            default).GetAwaiter().GetResult();
        if (enabled.ExitCode != 0)
        {
            Console.WriteLine("FAIL  functions cannot be enabled: nothing was measured");
            return 1;
        }

        node.Host.Put("/etc/pve/mapping/pci.cfg", Mapping(node, lines));
        foreach (var vm in Enumerable.Range(101, vms))
        {
            node.CreateVm(new VmId(vm), "0=mapping=gpu,mdev=nvidia-684");
        }

        var times = new List<double>();
        var count = 0;
        for (var run = 0; run < options.Number("runs", 3); run++)
        {
            var started = Stopwatch.GetTimestamp();
            count = new RunDoctor(node.Connect(_ => { })).RunAsync(new RunDoctorRequest(), default).GetAwaiter()
                .GetResult().Checks.Count;
            times.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        var median = Statistics.Quantile(times, 0.5);
        Console.WriteLine(Conditions.Describe());
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(median < Bar ? "PASS" : "FAIL")}  doctor, {count} checks, {vms} VMs, mapping of {lines} lines: s "
                + $"{string.Join(", ", times.Select(t => t.ToString("0.00", CultureInfo.InvariantCulture)))} (< "
                + $"{Bar})"));
        return median < Bar ? 0 : 1;
    }

    /// <summary>The GPU's functions on this node, and the lines of a cluster's other nodes before them.</summary>
    private static string Mapping(LabHostNode node, int lines)
    {
        SysfsPciDevices devices = node.Connect(_ => { }).Devices;
        var text = new StringBuilder("gpu\n\tmdev 1\n");
        for (var line = 0; line < lines; line++)
        {
            var own = line - (lines - 16);
            var address = PciAddress.Parse(own >= 0 ? Function(own) : Function(line % 16));
            var facts = devices.FindFacts(address)!;
            text.Append(
                CultureInfo.InvariantCulture,
                $"\tmap id={facts.VendorId}:{facts.DeviceId},node="
                    + $"{(own >= 0 ? node.Host.State.Setup.Node : $"other{line / 16}")},path={address}"
                + $",subsystem-id={facts.SubsystemVendorId}:{facts.SubsystemDeviceId},iommugroup={facts.IommuGroup}\n");
        }

        return text.ToString();
    }

    private static string Function(int index) =>
        string.Create(CultureInfo.InvariantCulture, $"0000:4b:{(index + 4) / 8:00}.{(index + 4) % 8}");
}
