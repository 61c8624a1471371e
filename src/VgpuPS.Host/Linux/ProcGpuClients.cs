using System.Text;

namespace VgpuPS.Host.Linux;

/// <summary>Finds who has a GPU open by the open files of all processes.</summary>
/// <param name="files">The host's files.</param>
/// <param name="ownProcessId">Our own process, which is left out.</param>
/// <remarks>
/// Source: proc(5): <c>/proc/PID/fd</c>, <c>comm</c>, <c>cgroup</c>; the driver's
/// <c>/proc/driver/nvidia/gpus/ADDRESS/information</c> names the minor number of <c>/dev/nvidiaN</c> (line <c>Device
/// Minor</c>). Where that is unknown, every <c>/dev/nvidiaN</c> counts.
/// </remarks>
public sealed class ProcGpuClients(IHostFiles files, int ownProcessId)
{
    private const string Device = "/dev/nvidia";
    private const string UnitEnd = ".service";
    private const int SizeLimit = 4 * 1024 * 1024;

    /// <summary>Finds them, ascending process id.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="processes">Processes that the driver names.</param>
    public IReadOnlyList<GpuClient> Find(PciAddress gpu, IReadOnlyList<int> processes)
    {
        var device = FindMinor(gpu) is { } minor
            ? string.Create(CultureInfo.InvariantCulture, $"{Device}{minor}") : null;
        var open = List("/proc").Select(ToNumber).OfType<int>()
            .Where(pid => List($"/proc/{pid}/fd").Any(fd => IsGpu(Link($"/proc/{pid}/fd/{fd}"), device)));
        return
        [
            .. open.Concat(processes).Distinct().Where(pid => pid != ownProcessId).Order().Select(pid => new GpuClient(
                pid, Text($"/proc/{pid}/comm").Trim(), FindUnit(Text($"/proc/{pid}/cgroup")),
                FindVm(Text($"/proc/{pid}/cmdline").Split('\0')))),
        ];
    }

    private static bool IsGpu(string? target, string? device) => target is not null && (device is null
        ? target.StartsWith(Device, StringComparison.Ordinal) && ToNumber(target[Device.Length..]) is not null
        : target == device);

    private static int? ToNumber(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The innermost service of a cgroup path, such as <c>0::/system.slice/nvidia-dcgm.service</c>.</summary>
    private static string? FindUnit(string cgroup) => cgroup.Split('/', '\n')
        .LastOrDefault(part => part.EndsWith(UnitEnd, StringComparison.Ordinal));

    private static int? FindVm(string[] arguments)
    {
        var at = Array.IndexOf(arguments, "-id");
        return at >= 0 && at + 1 < arguments.Length && arguments.Contains("-pidfile")
            ? ToNumber(arguments[at + 1]) : null;
    }

    private int? FindMinor(PciAddress gpu)
    {
        var line = Text($"/proc/driver/nvidia/gpus/{gpu}/information").Split('\n')
            .FirstOrDefault(l => l.StartsWith("Device Minor", StringComparison.Ordinal));
        return line is null ? null : ToNumber(line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
    }

    // Processes come and go while they are looked at, and some are not ours to read.
    private IReadOnlyList<string> List(string path)
    {
        try
        {
            return files.List(path) ?? [];
        }
        catch (HostFileException)
        {
            return [];
        }
    }

    private string? Link(string path)
    {
        try
        {
            return files.ReadLink(path);
        }
        catch (HostFileException)
        {
            return null;
        }
    }

    private string Text(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(files.Read(path, SizeLimit));
        }
        catch (HostFileException)
        {
            return "";
        }
    }
}
