using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sysfs;
using VgpuPS.Lab.Processes;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.LabHook.Tour;

/// <summary>The article's host, and the commands that are typed on it.</summary>
/// <remarks>Source: facts/host-behaviour.md 1.1, 8 and its kernel matrix: 550.54.16 on kernel 6.5, A30 functions from
/// .4.</remarks>
internal sealed class TourHost
{
    private readonly LabHostNode _node;
    private readonly TourNarrator _narrator;

    public TourHost(TourNarrator narrator, bool isReal)
    {
        _narrator = narrator;
        _node = LabHostNode.Create(new LabOptions
        {
            Gpus = ["A30", "A30"],
            Backend = LabBackend.Mdev,
            PveVersion = "8.4",
            Node = "pve1",
            Kernel = "6.5.13-5-pve",
            DriverVersion = "550.54.16",
        });
        _node.UseTiming(isReal);
        _node.HookOutput = (text, error) => narrator.Output(text + error);
    }

    /// <summary>What is on the host now.</summary>
    public HostReport Report => new ReadHost(_node.Connect(_narrator.Say)).Run(new ReadHostRequest());

    /// <summary>Whether nothing is left of any VM: instances, vGPUs, claims, reservations, the hook's own
    /// records.</summary>
    public bool IsClean
    {
        get
        {
            var report = Report;
            return report.Gpus.All(g => g is { InstanceCount: 0, VgpuCount: 0 }) && report.Claims.Count == 0
                && report.Reservations.Count == 0 && _node.Connect(_narrator.Say).Claims.Load().Instances.Count == 0;
        }
    }

    /// <summary>Types <c>nvidia-smi -mig 0|1</c>.</summary>
    public Task SetMigAsync(bool isOn) => TypeAsync(LabProcesses.SmiTool, "nvidia-smi", ["-mig", isOn ? "1" : "0"]);

    /// <summary>Types <c>sriov-manage -e|-d ALL</c>.</summary>
    public Task SetFunctionsAsync(bool areOn) =>
        TypeAsync(SriovManage.Tool, SriovManage.Tool, [areOn ? "-e" : "-d", "ALL"]);

    /// <summary>Gives a VM a vGPU and starts it.</summary>
    public async Task<LabTaskResult> StartAsync(int vm, string function, string type)
    {
        var id = new VmId(vm);
        _node.CreateVm(id, $"0={function},mdev={type}");
        _narrator.Command(
            $"qm set {vm} --hostpci0 {function},mdev={type} --hookscript {LabHostNode.HookVolume}; qm start {vm}");
        var result = await _node.Proxmox.StartAsync(id).ConfigureAwait(false);
        if (result.Error is { } error)
        {
            _narrator.Output(error);
        }

        return result;
    }

    /// <summary>Stops a VM; Proxmox VE 8.4 calls the hook from <c>qm cleanup</c>.</summary>
    public async Task<LabTaskResult> StopAsync(int vm)
    {
        var id = new VmId(vm);
        _narrator.Command($"qm stop {vm}");
        var result = await _node.Proxmox.StopAsync(id).ConfigureAwait(false);
        return result.Succeeded
            ? await _node.Proxmox.CleanupAsync(id, clean: true, guest: false).ConfigureAwait(false)
            : result;
    }

    private async Task TypeAsync(string path, string name, string[] arguments)
    {
        _narrator.Command($"{name} {string.Join(' ', arguments)}");
        var result = await _node.Host.Processes.RunAsync(
            new ProcessRequest(path, arguments, Timeout.InfiniteTimeSpan),
            CancellationToken.None).ConfigureAwait(false);
        _narrator.Output(result.Output + result.Error);
    }
}
