namespace VgpuPS.Lab.Processes;

public sealed partial class LabProcesses
{
    /// <summary>Path of <c>nvidia-smi</c>.</summary>
    public const string SmiTool = "/usr/bin/nvidia-smi";

    private const string SmiUsage =
        "The lab's nvidia-smi knows: nvidia-smi [-i GPU] -mig 0|1, nvidia-smi --gpu-reset -i GPU, nvidia-smi mig …\n";

    /// <summary>What <c>nvidia-smi</c> does and prints, as far as MIG mode and reset go; a client of NVML like any
    /// other.</summary>
    /// <remarks>
    /// Source: facts/host-behaviour.md 3 and 4, facts/errors.md C1-C3, for the texts of -mig. Assumed: exit codes other
    /// than 0 are NVML's status; texts and effect of --gpu-reset, which leaves functions as they are.
    /// </remarks>
    private ProcessResult RunSmi(IReadOnlyList<string> arguments)
    {
        using var process = _host.BeginActor("nvidia-smi");
        string[] words = [.. arguments];
        (string? gpu, string[] rest) = words switch
        {
            ["-i" or "--id", var id, .. var others] => (id, others),
            ["mig", "-i" or "--id", var id, .. var others] => (id, ["mig", .. others]),
            [.. var others, "-i" or "--id", var id] => (id, others),
            _ => (null, words),
        };
        if (_host.Nvml.Init() is var status and not NvmlStatus.Success)
        {
            return Exit((int)status,
                $"NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver: {status}\n");
        }

        var gpus = _host.State.Gpus.Where((g, index) => gpu is null || IsNamed(g, index, gpu)).ToList();
        if (gpus.Count == 0)
        {
            return Exit((int)NvmlStatus.NotFound, gpu is null
                ? "No devices were found\n" : $"No devices were found for {gpu}\n");
        }

        return rest switch
        {
            ["-mig" or "--multi-instance-gpu", "1"] =>
                ForEach(gpus, (g, text) => SwitchMig(g, enable: true, text), "All done.\n"),
            ["-mig" or "--multi-instance-gpu", "0"] =>
                ForEach(gpus, (g, text) => SwitchMig(g, enable: false, text), "All done.\n"),
            ["mig", .. var instances] => RunMig(gpus, instances),
            ["--gpu-reset" or "-r"] => ForEach(gpus, Reset, "All done.\n"),
            _ => Exit((int)NvmlStatus.InvalidArgument, SmiUsage),
        };
    }

    private static ProcessResult ForEach(
        List<LabGpu> gpus, Func<LabGpu, StringBuilder, NvmlStatus> work, string end)
    {
        var text = new StringBuilder();
        var worst = NvmlStatus.Success;
        foreach (var gpu in gpus)
        {
            var status = work(gpu, text);
            worst = status == NvmlStatus.Success ? worst : status;
        }

        return Exit((int)worst, text.Append(end).ToString());
    }

    private NvmlStatus SwitchMig(LabGpu gpu, bool enable, StringBuilder text)
    {
        var verb = enable ? "enable" : "disable";
        var address = gpu.Pci.NvmlText;
        var status = _host.Nvml.DeviceGetHandleByPciBusId(address, out var device);
        var activation = NvmlStatus.Success;
        if (status == NvmlStatus.Success)
        {
            status = _host.Nvml.DeviceSetMigMode(device, enable ? 1u : 0u, out activation);
        }

        if (status == NvmlStatus.NotSupported)
        {
            text.Append(
                $"Unable to {verb} MIG Mode for GPU {address}: Not Supported\nTreating as warning and moving on.\n");
            return NvmlStatus.Success;
        }

        if (status != NvmlStatus.Success || (!enable && activation == NvmlStatus.InUse))
        {
            text.Append(
                $"Unable to {verb} MIG Mode for GPU {address}: "
                    + $"{Describe(status == NvmlStatus.Success ? activation : status)}\n");
            _ = status == NvmlStatus.Success ? _host.Nvml.DeviceSetMigMode(device, enable ? 0u : 1u, out _) : status;
            return status == NvmlStatus.Success ? activation : status;
        }

        text.Append(activation == NvmlStatus.Success
            ? $"{(enable ? "Enabled" : "Disabled")} MIG Mode for GPU {address}\n"
            : $"Warning: MIG mode is in pending {verb} state for GPU {address}: {Describe(activation)}\n"
                + $"Reboot the system or try nvidia-smi --gpu-reset to make MIG mode effective on GPU {address}\n");
        return NvmlStatus.Success;
    }

    private NvmlStatus Reset(LabGpu gpu, StringBuilder text)
    {
        if (LabGpuRules.FindUser(_host.State, gpu, exceptOwner: null) is { } user)
        {
            text.Append($"GPU {gpu.Pci.NvmlText} is currently in use by {user}; it was not reset.\n");
            return NvmlStatus.InUse;
        }

        LabGpuRules.Rebind(gpu);
        gpu.MigCurrent = gpu.MigPending;
        _host.Change();
        text.Append($"GPU {gpu.Pci.NvmlText} was successfully reset.\n");
        return NvmlStatus.Success;
    }

    private static bool IsNamed(LabGpu gpu, int index, string name) =>
        name == $"{index}" || string.Equals(name, gpu.Uuid, StringComparison.OrdinalIgnoreCase)
        || (PciAddress.TryParse(name, out var address) && address == gpu.Pci);

    private static string Describe(NvmlStatus status) => status switch
    {
        NvmlStatus.InUse => "In use by another client",
        NvmlStatus.NoPermission => "Insufficient Permissions",
        NvmlStatus.ResetRequired => "Reset required",
        NvmlStatus.InsufficientResources => "Insufficient Resources",
        NvmlStatus.InvalidArgument => "Invalid Argument",
        NvmlStatus.NotSupported => "Not Supported",
        NvmlStatus.NotFound => "Not Found",
        _ => status.ToString(),
    };
}
