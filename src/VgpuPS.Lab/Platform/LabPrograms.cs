namespace VgpuPS.Lab.Platform;

/// <summary>Programs of Proxmox and Debian that decide how the machine boots, and those that report it.</summary>
/// <remarks>
/// Source: facts/proxmox.md (h) for what each does; journalctl(1), dmesg(1), head(1). Assumed: texts.
/// </remarks>
internal static class LabPrograms
{
    public static ProcessResult Exit(int code, string output) => new(code, null, false, 0, output, "");

    public static ProcessResult Fail(int code, string error) => new(code, null, false, 0, "", error + "\n");

    public static ProcessResult Journal(LabState state, IReadOnlyList<string> arguments)
    {
        var index = arguments.ToList().IndexOf("-u");
        var lines = index >= 0 && state.Platform.Journals.TryGetValue(arguments[index + 1], out var found) ? found : [];
        return Exit(0, lines.Count == 0 ? "-- No entries --\n" : string.Concat(lines.Select(l => l + "\n")));
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
