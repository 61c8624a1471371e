using VgpuPS.Host.Sysfs;

namespace VgpuPS.Lab.Processes;

public sealed partial class LabProcesses
{
    private const string SriovTool = SriovManage.Tool;

    /// <summary>What <c>sriov-manage</c> does and prints.</summary>
    /// <remarks>
    /// Source: facts/host-behaviour.md 2: texts, idempotence, what the driver's rebind destroys. Exit codes are
    /// assumed.
    /// </remarks>
    private ProcessResult ManageSriov(IReadOnlyList<string> arguments)
    {
        if (arguments is not ["-e" or "-d", var target])
        {
            return Exit(1, "Usage: sriov-manage <-e|-d> <ssss:bb:dd.f | ALL>\n");
        }

        var isEnable = arguments[0] == "-e";
        var gpus = target == "ALL"
            ? _host.State.Gpus
            : [.. _host.State.Gpus.Where(gpu => PciAddress.TryParse(target, out var wanted) && gpu.Pci == wanted)];
        var output = new StringBuilder();
        var code = gpus.Count == 0 ? 1 : 0;
        if (gpus.Count == 0)
        {
            output.Append("No NVIDIA GPU found at ").Append(target).Append('\n');
        }

        foreach (var gpu in gpus)
        {
            code = Math.Max(code, Switch(gpu, isEnable, target == "ALL" ? gpu.Address : target, output));
        }

        return Exit(code, output.ToString());
    }

    private int Switch(LabGpu gpu, bool isEnable, string name, StringBuilder output)
    {
        output.Append(isEnable ? "Enabling" : "Disabling").Append(" VFs on ").Append(name).Append('\n');
        var wanted = isEnable ? gpu.TotalFunctions : 0;
        if (gpu.FunctionCount == wanted)
        {
            return gpu.TotalFunctions > 0 ? 0 : 1;
        }

        if (gpu.Driver != "nvidia" || LabGpuRules.FindUser(_host.State, gpu, exceptOwner: null) is not null)
        {
            output.Append("Cannot obtain unbindLock for ").Append(name).Append('\n');
            return 1;
        }

        LabGpuRules.Rebind(gpu);
        gpu.FunctionCount = wanted;
        gpu.FunctionDrivers.Clear();
        gpu.Overrides.Clear();
        _host.Change();
        return 0;
    }
}
