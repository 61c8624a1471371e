using VgpuPS.Core.Gpu;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sysfs;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Lab.Machine;

/// <summary>Machines that tests start from, and the adapters on them.</summary>
internal static class LabMachines
{
    public const string Gpu = "0000:4b:00.0";
    public const string FirstFunction = "0000:4b:00.4";
    public const string Tool = "/usr/lib/nvidia/sriov-manage";

    public static PciAddress Address { get; } = PciAddress.Parse(Gpu);

    public static LabHost With(
        string model, LabBackend backend = LabBackend.Vfio, bool mig = false, bool functions = true)
    {
        var host = LabHost.Create(new LabOptions { Gpus = [model], Backend = backend });
        host.Edit(state => state.Gpus[0].MigCurrent = state.Gpus[0].MigPending = mig);
        if (functions)
        {
            Assert.Equal(0, Sriov(host, "-e").ExitCode);
        }

        return host;
    }

    public static ProcessResult Sriov(LabHost host, string mode) => host.Processes
        .RunAsync(new ProcessRequest(Tool, [mode, Gpu], TimeSpan.FromMinutes(1)), CancellationToken.None).Result;

    public static IGpuDriverSession Open(LabHost host) => new NvmlGpuDriver(host.Nvml).Open();

    public static SysfsPciDevices Devices(LabHost host) => new(host.Files, host.Processes);

    public static NvmlDevice Device(LabHost host)
    {
        Assert.Equal(NvmlStatus.Success, host.Nvml.Init());
        Assert.Equal(NvmlStatus.Success, host.Nvml.DeviceGetHandleByPciBusId(Gpu, out var device));
        return device;
    }

    public static int WriteErrno(LabHost host, string path, string value)
    {
        try
        {
            host.Files.WriteAttribute(path, value);
            return 0;
        }
        catch (HostFileException failure)
        {
            return failure.Number;
        }
    }

    public static string Vendor(string name, string function = FirstFunction) =>
        $"/sys/bus/pci/devices/{function}/nvidia/{name}";

    public static string Text(LabHost host, string path) =>
        System.Text.Encoding.ASCII.GetString(host.Files.Read(path, 65536)).Trim();

    public static LabQemuStart Start(LabHost host, int vm, string device) => host.StartQemu(
        new VmId(vm), ["-uuid", $"00000000-0000-0000-0000-{vm:D12}", "-device", $"vfio-pci,{device}"]);
}
