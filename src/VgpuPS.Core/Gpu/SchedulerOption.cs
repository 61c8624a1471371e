namespace VgpuPS.Core.Gpu;

/// <summary>The scheduler of time-sliced vGPUs among the driver's module options: one value for all GPUs, in one
/// line.</summary>
/// <remarks>
/// Source: facts/host-behaviour.md 6: <c>options nvidia
/// NVreg_RegistryDwordsPerDevice="pci=0000:86:00.0;RmPVMRL=0x11"</c> and its values. Several GPUs behind each other in
/// one value: assumed from the driver's <c>nv-reg.h</c>. A slice of its own for fixed shares is <c>0x00TT0013</c>,
/// assumed like <c>0x00TT0003</c> for equal shares.
/// </remarks>
public static class SchedulerOption
{
    /// <summary>Name of the option.</summary>
    public const string Name = "NVreg_RegistryDwordsPerDevice";

    private const string Key = "RmPVMRL";

    /// <summary>Whether a file sets the option.</summary>
    public static bool IsIn(string text) => Lines(text).Any(IsOption);

    /// <summary>The text with one GPU's scheduler set; all else, other GPUs and other values of this one included,
    /// stays.</summary>
    public static string Set(string text, PciAddress gpu, SchedulerLayout scheduler)
    {
        var lines = Lines(text);
        var index = lines.FindIndex(IsOption);
        if (index < 0)
        {
            lines.Add($"options nvidia {Name}=\"{With("", gpu, scheduler)}\"");
        }
        else
        {
            var line = lines[index];
            var start = line.IndexOf(Name, StringComparison.Ordinal) + Name.Length + 1;
            var isQuoted = start < line.Length && line[start] == '"';
            var from = isQuoted ? start + 1 : start;
            var end = isQuoted ? line.IndexOf('"', from) : line.IndexOf(' ', from);
            end = end < 0 ? line.Length : end;
            var rest = isQuoted && end < line.Length ? line[(end + 1)..] : line[end..];
            lines[index] = $"{line[..start]}\"{With(line[from..end], gpu, scheduler)}\"{rest}";
        }

        return string.Join('\n', lines) + "\n";
    }

    private static List<string> Lines(string text) =>
        [.. text.TrimEnd('\n').Split('\n').SkipWhile(l => text.Length == 0)];

    private static bool IsOption(string line)
    {
        var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return words is ["options", "nvidia", ..] && line.Contains(Name + "=", StringComparison.Ordinal);
    }

    private static string With(string value, PciAddress gpu, SchedulerLayout scheduler)
    {
        var setting = $"{Key}={Number(scheduler)}";
        var parts = value.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Trim()).ToList();
        var at = parts.FindIndex(p => p.StartsWith("pci=", StringComparison.Ordinal)
            && PciAddress.TryParse(p[4..], out var address) && address == gpu);
        if (at < 0)
        {
            parts.AddRange([$"pci={gpu}", setting]);
            return string.Join(';', parts);
        }

        var next = parts.FindIndex(at + 1, p => p.StartsWith("pci=", StringComparison.Ordinal));
        var end = next < 0 ? parts.Count : next;
        var own = parts.FindIndex(at, end - at, p => p.StartsWith(Key + "=", StringComparison.Ordinal));
        if (own < 0)
        {
            parts.Insert(end, setting);
        }
        else
        {
            parts[own] = setting;
        }

        return string.Join(';', parts);
    }

    private static string Number(SchedulerLayout scheduler)
    {
        var low = scheduler.Policy switch
        {
            SchedulerPolicy.EqualShare => 0x01,
            SchedulerPolicy.FixedShare => 0x11,
            _ => 0x00,
        };
        return scheduler.TimesliceMilliseconds is { } slice
            ? string.Create(CultureInfo.InvariantCulture, $"0x{(slice << 16) | low | 0x02:X8}")
            : string.Create(CultureInfo.InvariantCulture, $"0x{low:X2}");
    }
}
