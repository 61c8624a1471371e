using System.Globalization;
using System.Text;
using System.Text.Json;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using VgpuPS.Host;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Nvml;
using VgpuPS.Lab.Models;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.KernelBed.Guest;

/// <summary>The guest as a Proxmox host with the hook installed.</summary>
internal sealed partial class Bed(Report report)
{
    internal const string Hook = "/usr/lib/vgpups/vgpu-hook";

    /// <summary>Limits that only a hook which hangs would reach, on however slow a machine.</summary>
    internal const string Patient = "\"timeoutSeconds\":600,\"lockTimeoutSeconds\":3000";

    /// <summary>MIG mode is switched on where a guest asks for it.</summary>
    internal const string WithMig = $$"""{"migMode":"whenIdle",{{Patient}}}""";

    /// <summary>MIG mode stays as it is.</summary>
    internal const string WithoutMig = $$"""{{{Patient}}}""";

    internal const string SriovManage = "/usr/lib/nvidia/sriov-manage";

    /// <summary>How the stand-in for sriov-manage behaves; it tells itself which words it knows.</summary>
    internal const string SriovManageMode = "/run/sriov-manage.mode";

    private const string Configs = "/etc/pve/nodes/pve1/qemu-server";

    internal Report Report => report;

    internal KernelMachine Machine { get; private set; } = new();

    /// <summary>Whether functions carry the vendor attributes; else they are parents of mediated devices.</summary>
    internal bool IsVendor { get; private set; }

    /// <summary>Addresses of the GPUs, ascending.</summary>
    internal IReadOnlyList<string> Gpus { get; private set; } = [];

    /// <summary>Chooses the back end of the next <see cref="Reset"/>.</summary>
    internal void UseBackend(bool isVendor) => IsVendor = isVendor;

    /// <summary>What the node is before every scenario: driver loaded anew, functions and MIG mode off, no
    /// VM.</summary>
    /// <param name="isVendor">The back end; also which Proxmox: 9.2 for the vendor's, 8.4 for mediated devices.</param>
    /// <param name="config">The hook's configuration.</param>
    /// <param name="model">The GPUs' model.</param>
    internal void Reset(bool isVendor, string config = WithMig, string model = "A30")
    {
        Machine.EndAll();
        Machine = new KernelMachine();
        VolumeActivation = null;
        IsVendor = isVendor;
        File.Delete(SriovManageMode);
        foreach (var gpu in Gpus)
        {
            Programs.Run(SriovManage, "-d", gpu);
        }

        LoadModule(GpuModel.Load(model));
        InstallFiles(config);
    }

    /// <summary>A Proxmox task on a VM; each is a process of its own on a real host.</summary>
    internal LabProxmox Proxmox => new(
        Machine, new LabProxmoxOptions("pve1", IsVendor ? PveGeneration.Pve9 : PveGeneration.Pve8),
        new LabTimeline(withStates: false))
    {
        VolumeActivation = VolumeActivation,
    };

    /// <summary>What lies between pre-start and Proxmox's choice; null for nothing.</summary>
    internal Func<VmId, CancellationToken, Task>? VolumeActivation { get; set; }

    /// <summary>Address of a function by its link, as the kernel has it; null when there is none.</summary>
    internal string? Function(int gpu, int index) =>
        Path.GetFileName(new FileInfo($"/sys/bus/pci/devices/{Gpus[gpu]}/virtfn{index}").LinkTarget);

    /// <summary>Address that a function will have, by the GPU's own offset and stride.</summary>
    internal string FutureFunction(int gpu, int index) => VgpuPS.Core.Gpu.PciAddress.Parse(Gpus[gpu])
        .Plus(Number(gpu, "sriov_offset") + (index * Number(gpu, "sriov_stride"))).ToString();

    /// <summary>Writes the hook's configuration.</summary>
    internal static void Configure(string config) => File.WriteAllText("/etc/vgpups/config.json", config);

    /// <summary>The host as use cases see it, for what a person would do with nvidia-smi.</summary>
    internal HostPorts Connect() => HostWiring.Connect(
        new NativeNvmlApi(), Machine.Files, new LinuxProcessRunner(TimeProvider.System, Hook), TimeProvider.System,
        Environment.ProcessId, report.Say);

    /// <summary>All that a refused start must leave as it was.</summary>
    internal static string Snapshot() =>
        $"{KernelState.Read()} claims {Claims()} reservations [{string.Join("; ", Reservations())}]";

    /// <summary>Waits until something holds, at most two minutes; whether it does is checked afterwards.</summary>
    internal static async Task ConvergeAsync(Func<bool> holds)
    {
        for (var left = 600; left > 0 && !holds(); left--)
        {
            await Task.Delay(200);
        }
    }

    /// <summary>A number of a GPU's attribute.</summary>
    internal int Number(int gpu, string attribute) => int.Parse(
        File.ReadAllText($"/sys/bus/pci/devices/{Gpus[gpu]}/{attribute}"), CultureInfo.InvariantCulture);

    /// <summary>Writes a VM's configuration with the hook on it and gives its number.</summary>
    internal static VmId CreateVm(int vm, params string[] hostPci)
    {
        var text = new StringBuilder("boot: order=scsi0\ncores: 1\nhookscript: local:snippets/vgpu-hook\n");
        for (var index = 0; index < hostPci.Length; index++)
        {
            text.Append(CultureInfo.InvariantCulture, $"hostpci{index}: {hostPci[index]}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"memory: 8192\nname: vm{vm}\nsmbios1: uuid={SmbiosUuid(vm)}\n");
        File.WriteAllText($"{Configs}/{vm}.conf", text.ToString());
        return new VmId(vm);
    }

    /// <summary>The UUID that a VM's configuration carries, and its QEMU with it.</summary>
    internal static string SmbiosUuid(int vm) => $"11111111-2222-3333-4444-{vm:d12}";

    /// <summary>Starts a VM as <c>qm start</c>; the error, null when it runs.</summary>
    internal async Task<string?> StartAsync(VmId vm) => (await Proxmox.StartAsync(vm)).Error;

    /// <summary>Stops a VM as <c>qm stop</c> and what qmeventd does after it.</summary>
    internal async Task StopAsync(VmId vm)
    {
        await Proxmox.StopAsync(vm);
        await Proxmox.CleanupAsync(vm, clean: true, guest: false);
    }

    /// <summary>Lets a VM's QEMU die, and qmeventd see it.</summary>
    internal async Task CrashAsync(VmId vm)
    {
        Machine.EndQemu(vm, LabQemuEnd.Kill);
        await Proxmox.CleanupAsync(vm, clean: false, guest: false);
    }

    /// <summary>Runs the hook with a person's arguments.</summary>
    internal LabHookResult RunHook(params string[] arguments) =>
        Programs.RunAsync(Hook, arguments, Machine.HookEnvironment).GetAwaiter().GetResult();

    /// <summary>What the hook printed last for a VM, or Proxmox's own failure.</summary>
    internal string Said(VmId vm) => Machine.HookOutput.GetValueOrDefault(vm, "");

    /// <summary>Claims and instances that the hook's own file holds.</summary>
    internal static (int Claims, int Instances) Claims()
    {
        if (!File.Exists("/run/vgpups/claims.json"))
        {
            return (0, 0);
        }

        using var file = JsonDocument.Parse(File.ReadAllText("/run/vgpups/claims.json"));
        return (file.RootElement.GetProperty("claims").GetArrayLength(),
            file.RootElement.GetProperty("instances").GetArrayLength());
    }

    /// <summary>Lines of Proxmox's reservations.</summary>
    internal static IReadOnlyList<string> Reservations() => File.Exists("/run/qemu-server/pci-id-reservations")
        ? [.. File.ReadAllLines("/run/qemu-server/pci-id-reservations").Where(line => line.Length > 0)]
        : [];

    /// <summary>Checks that no vGPU, instance, claim or reservation is left.</summary>
    /// <param name="when">After what.</param>
    /// <param name="instances">GPU instances that a person made.</param>
    internal void CheckNothingLeft(string when, int instances = 0)
    {
        var state = KernelState.Read();
        var isClean = state.Vgpus.Count == 0 && state.Instances.Count == instances && Claims() == (0, 0)
            && Reservations().Count == 0;
        report.Check(
            $"{when}: nothing is left", isClean,
            $"{state}, claims {Claims()}, reservations [{string.Join("; ", Reservations())}]");
    }
}
