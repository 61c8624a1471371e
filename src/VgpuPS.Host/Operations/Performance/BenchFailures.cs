using System.Text.RegularExpressions;

namespace VgpuPS.Host.Operations.Performance;

/// <summary>Exit codes of <c>vgpu-bench</c> as failures of this program, with the two lines that it says.</summary>
/// <remarks>Source: src/docs/conventions.md, 6: the codes are the hook's.</remarks>
internal static partial class BenchFailures
{
    private const int MaxLine = 400;

    /// <summary>The failure.</summary>
    /// <param name="vm">Where it ran.</param>
    /// <param name="program">What ran.</param>
    /// <param name="code">Its exit code.</param>
    /// <param name="error">Its standard error, as it may be shown.</param>
    public static VgpuException Of(MeasuredVm vm, string program, int code, string error)
    {
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var fact = Cut(lines.LastOrDefault(l => !l.StartsWith("do: ", StringComparison.Ordinal)) ?? "it says nothing");
        var advice = lines.LastOrDefault(l => l.StartsWith("do: ", StringComparison.Ordinal)) is { } said
            ? Cut(said[4..]) : null;
        fact = fact.StartsWith(program + ": ", StringComparison.Ordinal) ? fact[(program.Length + 2)..] : fact;
        var (message, target) = ($"{vm.Label}: {program} failed: {fact}", vm.Id.ToString());
        return code switch
        {
            66 => new ObjectNotFoundException(
                ErrorIds.CudaDeviceNotFound, message,
                advice ?? "see that nvidia-smi in the guest shows the vGPU", target),
            69 => new HostNotReadyException(
                ErrorIds.CudaNotReady, message,
                advice ?? $"install the guest driver: Install-VmVgpuDriver {target} -Path <driver file on the host>",
                target),
            75 when IsLate(error) => new HostTimeoutException(
                ErrorIds.BenchLate, message,
                "measure again: what took so long at the first start is kept by the guest's driver; or with fewer VMs "
                    + "at once", target),
            75 => new CapacityException(
                ErrorIds.VgpuMemoryFull, message,
                advice ?? "end what else uses the vGPU in the guest, or take a smaller workload", target),
            70 => new ProgramFaultException(
                ErrorIds.ProgramFault, message, ProgramFaultException.Action(program), target),
            _ => new HostCommandException(
                ErrorIds.BenchFailed, string.Create(CultureInfo.InvariantCulture,
                    $"{vm.Label}: {program} failed with exit code {code}: {fact}"),
                advice ?? $"look in the guest: qm terminal {target}; dmesg | grep -i nvrm", program, code, error,
                target),
        };
    }

    /// <summary>Whether it was not ready at its start.</summary>
    public static bool IsLate(string error) => LateSeconds(error) is not null;

    /// <summary>By how many seconds it was late; null where it does not say it.</summary>
    public static double? LateSeconds(string error) => LatePattern().Match(error) is { Success: true } match
        && double.TryParse(match.Groups[1].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out var late)
        ? late : null;

    private static string Cut(string line) => line.Length > MaxLine ? line[..MaxLine] + " …" : line;

    [GeneratedRegex(@"([0-9]+(?:\.[0-9]+)?) s (?:after|ago|late)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex LatePattern();
}
