namespace VgpuPS.Host.Nvml;

/// <summary>Resets GPUs with <c>nvidia-smi --gpu-reset</c>.</summary>
/// <param name="processes">Runs the tool.</param>
/// <remarks>Source: facts/host-behaviour.md 4. That the tool is never killed half way is a choice: a reset goes on in
/// the driver.</remarks>
public sealed class SmiGpuReset(IProcessRunner processes)
{
    /// <summary>Where NVIDIA's driver package puts the tool.</summary>
    public const string Tool = "/usr/bin/nvidia-smi";

    /// <summary>Resets one GPU and waits until the tool has ended.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="deadline">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait; the tool itself is left to finish.</param>
    public async Task ResetAsync(PciAddress gpu, TimeSpan deadline, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> arguments = ["--gpu-reset", "-i", gpu.ToString()];
        var command = $"nvidia-smi {string.Join(' ', arguments)}";
        var result = await processes.RunAsync(
            new ProcessRequest(Tool, arguments, deadline) { LeaveRunningAtDeadline = true }, cancellationToken)
            .ConfigureAwait(false);
        var output = (result.Output + result.Error).Trim();
        if (result.TimedOut)
        {
            throw new HostTimeoutException(
                ErrorIds.Timeout, $"{command} had not ended after {deadline.TotalSeconds:0} s; it continues by itself",
                $"wait until it has ended, then look at the GPU: nvidia-smi -i {gpu} -q -d MIG", gpu.ToString());
        }

        if (result.ExitCode != 0)
        {
            var how = result.StartErrno != 0 ? $"was not started: {Errno.Describe(result.StartErrno)}"
                : result.ExitCode is { } code ? $"ended with exit code {code}: {LastLine(output)}"
                : $"was ended by signal {result.Signal}";
            throw new HostCommandException(
                ErrorIds.HostCommandFailed, $"{command} {how}",
                $"stop what uses the GPU (fuser -v /dev/nvidia*), then: {command}; or reboot the host",
                command, result.ExitCode, output, gpu.ToString());
        }
    }

    private static string LastLine(string text) =>
        text.Split('\n').LastOrDefault(line => line.Trim() is not ("" or "All done."))?.Trim() ?? "it printed nothing";
}
