using System.Text.RegularExpressions;

namespace VgpuPS.Lab.Platform;

/// <summary>Programs of Proxmox and Debian that decide how the machine boots, and those that report it.</summary>
/// <remarks>
/// Source: facts/proxmox.md (h) for what each does; journalctl(1), dmesg(1), head(1). Assumed: texts.
/// </remarks>
internal static class LabPrograms
{
    public static ProcessResult Exit(int code, string output) => new(code, null, false, 0, output, "");

    public static ProcessResult Fail(int code, string error) => new(code, null, false, 0, "", error + "\n");

    /// <remarks>Source: journalctl(1): <c>-o short-unix</c>; <c>-g</c> in any case where the pattern is lower
    /// case.</remarks>
    public static ProcessResult Journal(LabState state, IReadOnlyList<string> arguments)
    {
        var unit = Value("-u");
        var pattern = Value("-g");
        var ofKernel = unit is null && arguments.Contains("-k");
        var lines = (ofKernel ? state.KernelLog.Select(l => OfKernel(state, l))
            : unit is null ? [] : state.Platform.Journals.GetValueOrDefault(unit) ?? [])
            .Where(l => pattern is null || Regex.IsMatch(l, pattern, RegexOptions.IgnoreCase)).ToList();
        return lines.Count > 0 ? Exit(0, string.Concat(lines.Select(l => Stamp(state, unit ?? "kernel", l) + "\n")))
            : new ProcessResult(pattern is null ? 0 : 1, null, false, 0, "-- No entries --\n", "");

        string? Value(string option) => arguments.ToList().IndexOf(option) is var index and >= 0
            ? arguments[index + 1] : null;
    }

    /// <summary>A line of the kernel as <c>-o short-unix</c> prints it.</summary>
    private static string OfKernel(LabState state, string line)
    {
        var match = Regex.Match(line, @"^\[\s*(\d+\.\d+)\] ?(.*)$");
        var seconds = match.Success ? decimal.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        var start = new DateTimeOffset(state.BootTicks, TimeSpan.Zero).ToUnixTimeSeconds();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{start + seconds:0.000000} {state.Setup.Node} kernel: {(match.Success ? match.Groups[2].Value : line)}");
    }

    /// <summary>A line as <c>-o short-unix</c> prints it; one that is so already is as it is.</summary>
    private static string Stamp(LabState state, string unit, string line)
    {
        if (Regex.IsMatch(line, @"^\d{9,11}\.\d+ "))
        {
            return line;
        }

        var start = new DateTimeOffset(state.BootTicks, TimeSpan.Zero).ToUnixTimeSeconds();
        return string.Create(
            CultureInfo.InvariantCulture, $"{start}.000000 {state.Setup.Node} {unit.Split('.')[0]}[1044]: {line}");
    }

    public static ProcessResult Head(LabState state, IReadOnlyList<string> arguments)
    {
        if (arguments is not ["-c", var count, "--", var path]
            || !int.TryParse(count, CultureInfo.InvariantCulture, out var limit))
        {
            return Fail(1, "head: the lab knows -c N -- FILE");
        }

        return LabDisk.Read(state, path) is { } text
            ? Exit(0, text.Length <= limit ? text : text[..limit])
            : Fail(1, $"head: cannot open '{path}' for reading: No such file or directory");
    }

    public static ProcessResult TestKey(LabState state, IReadOnlyList<string> arguments) => arguments switch
    {
        ["--test-key", var path] when LabDisk.Read(state, path) is null => Fail(255, $"Failed to open {path}"),
        ["--test-key", var path] => Exit(
            state.Platform.KeyIsEnrolled ? 1 : 0,
            $"{path} is {(state.Platform.KeyIsEnrolled ? "already" : "not")} enrolled\n"),
        _ => Fail(1, "mokutil: the lab knows --test-key FILE"),
    };

    public static ProcessResult UpdateInitramfs(LabState state, IReadOnlyList<string> arguments)
    {
        // Source: update-initramfs(8): without -k the newest one.
        var which = arguments switch
        {
            ["-u", "-k", var named] => named,
            ["-u"] => LabDisk.Kernels(state).LastOrDefault() ?? "all",
            _ => null,
        };
        if (which is null)
        {
            return Fail(1, "update-initramfs: the lab knows -u [-k VERSION|all]");
        }

        var output = new StringBuilder();
        foreach (var kernel in LabDisk.Kernels(state).Where(k => which == "all" || k == which))
        {
            LabDisk.MakeInitramfs(state, kernel);
            output.Append("update-initramfs: Generating /boot/initrd.img-").Append(kernel).Append('\n');
        }

        return output.Length > 0 ? Exit(0, output.ToString()) : Fail(1, $"initramfs for {which} not found");
    }
}
