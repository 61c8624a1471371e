using System.Globalization;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Sysfs;

/// <summary>What a failed run of <c>sriov-manage</c> means, and what to do.</summary>
/// <remarks>Source: facts/errors.md A7, A9, B1-B3.</remarks>
internal static class SriovErrors
{
    private const int ShownOutput = 400;

    public static ResourceBusyException Busy(SriovRun run, int attempts, ProcessResult result) => new(
        ErrorIds.ResourceBusy,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Command} did not get the GPU after {attempts} attempts: a program holds it ({Shorten(result)})."),
        "Find the program with `fuser -v /dev/nvidia*` and stop it, for instance "
        + "`systemctl stop nvidia-persistenced nvidia-dcgm`.",
        run.Gpu.ToString());

    public static VgpuException NotStarted(SriovRun run, int errno) => errno switch
    {
        Errno.EACCES or Errno.EPERM => new AccessDeniedException(
            ErrorIds.AccessDenied, $"{SriovManage.Tool} was not started: {Errno.Describe(errno)}.",
            $"Run the command as root, and check `ls -l {SriovManage.Tool}`.", run.Gpu.ToString()),
        _ => new HostNotReadyException(
            ErrorIds.SriovNotReady, $"{SriovManage.Tool} was not started: {Errno.Describe(errno)}.",
            "Install NVIDIA's vGPU host driver (the vgpu-kvm package), which brings it; `nvidia-smi` shows the present "
            + "one.", run.Gpu.ToString()),
    };

    public static HostTimeoutException StillRunning(SriovRun run) => new(
        ErrorIds.Timeout,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Command} had not ended after {run.Deadline.TotalSeconds:0.#} s; it is left to finish and keeps the lock."),
        "Wait for it with `pgrep -a sriov-manage`, then try again; `journalctl -k -g NVRM` shows what it waits for.",
        run.Gpu.ToString());

    public static HostCommandException NotDone(SriovRun run, SriovState state, ProcessResult result)
    {
        var reported = result.ExitCode is { } code
            ? string.Create(CultureInfo.InvariantCulture, $"ended with exit code {code}")
            : string.Create(CultureInfo.InvariantCulture, $"was ended by signal {result.Signal}");
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Command} {reported}, and {run.Gpu} has {state.Enabled} of {state.Total} functions, "
            + $"{state.Visible} of them visible ({Shorten(result)}).");
        return new HostCommandException(
            result.ExitCode == 0 ? ErrorIds.ReadBackMismatch : ErrorIds.HostCommandFailed, message, Advice(run, state),
            run.Command, result.ExitCode, Text(result), run.Gpu.ToString());
    }

    private static string Advice(SriovRun run, SriovState state)
    {
        if (!run.Enable)
        {
            return "Stop the VMs that use its functions (`qm list`) and whatever holds it (`fuser -v /dev/nvidia*`).";
        }

        return state.Total == 0
            ? "Switch on SR-IOV in the firmware and, on workstation boards, the compute display mode; check "
                + $"`cat /sys/bus/pci/devices/{run.Gpu}/sriov_totalvfs`."
            : "Read `journalctl -k -g 'NVRM|SR-IOV'`; not enough MMIO resources there means: switch on Above 4G decoding "
                + "in the firmware.";
    }

    private static string Text(ProcessResult result) => $"{result.Output}\n{result.Error}".Trim();

    private static string Shorten(ProcessResult result)
    {
        var text = Text(result).ReplaceLineEndings(" ");
        return text.Length == 0 ? "it printed nothing" : text.Length <= ShownOutput ? text : text[^ShownOutput..];
    }
}
