namespace VgpuPS.Lab.Platform;

/// <summary>GRUB's generator, and which entry of its configuration is booted.</summary>
/// <remarks>
/// Source: facts/proxmox-reservations.md, GRUB 1 to 3: a shell with <c>set -e</c> sources /etc/default/grub, then
/// /etc/default/grub.d/*.cfg in the order of bytes; normal entries get GRUB_CMDLINE_LINUX and
/// GRUB_CMDLINE_LINUX_DEFAULT, recovery entries the first alone; shape of the file as grub-mkconfig 2.06 wrote it.
/// Assumed: one root file system, no other system, ids of entries.
/// </remarks>
internal static class LabGrub
{
    private const string Folder = "/etc/default/grub.d";
    private const string Id = "3f6c8a1e-0000-4000-8000-5d4e3c2b1a00";

    /// <summary>What the generator makes of the files; no text where it ends without one.</summary>
    /// <param name="state">The machine.</param>
    /// <param name="prefix">Folder of kernels as the loader sees it: <c>/boot</c>, or nothing on a system
    /// partition.</param>
    public static (ProcessResult Result, string? Text) Generate(LabState state, string prefix)
    {
        var shell = new LabShell(path => LabDisk.Read(state, path));
        var files = LabDisk.List(state, Folder).Where(n => n.EndsWith(".cfg", StringComparison.Ordinal) && n[0] != '.')
            .OrderBy(n => n, Comparer<string>.Create(
                (a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))))
            .Select(n => $"{Folder}/{n}");
        var script = new StringBuilder();
        foreach (var file in LabDisk.Read(state, LabDisk.Grub) is null ? files : files.Prepend(LabDisk.Grub))
        {
            script.Append(". '").Append(file.Replace("'", @"'\''", StringComparison.Ordinal)).Append("'\n");
        }

        // The last line is reached only if no file ends the shell.
        var result = shell.Run(script.Append("printf '%s' reached").ToString(), stopsAtFailure: true, isTraced: false,
            "/usr/sbin/grub-mkconfig");
        if (result.ExitCode != 0 || !result.Output.EndsWith("reached", StringComparison.Ordinal))
        {
            return (result with { Output = "" }, null);
        }

        try
        {
            return (LabPrograms.Exit(0, "Generating grub configuration file ...\ndone\n"), Write(state, prefix, shell));
        }
        catch (LabShellNotEvaluatedException e)
        {
            return (LabPrograms.Fail(1, $"/usr/sbin/grub-mkconfig: {e.Message}"), null);
        }
    }

    /// <summary>The kernel and the words that a configuration boots by itself.</summary>
    public static (string Kernel, string Words)? FindDefault(string text)
    {
        var lines = text.Split('\n').Select(l => l.Trim()).ToList();
        var wanted = lines.Find(
            l => l.StartsWith("set default=", StringComparison.Ordinal))?["set default=".Length..].Trim('"') ?? "0";
        var id = wanted[(wanted.LastIndexOf('>') + 1)..];
        var start = lines.FindIndex(l => l.StartsWith("menuentry ", StringComparison.Ordinal)
            && l.Contains($"'{id}'", StringComparison.Ordinal));
        start = start < 0 ? lines.FindIndex(l => l.StartsWith("menuentry ", StringComparison.Ordinal)) : start;
        var line = start < 0
            ? null : lines.Skip(start).FirstOrDefault(l => l.StartsWith("linux\t", StringComparison.Ordinal));
        if (line?.Split([' ', '\t'], 3) is not [_, var image, var words]
            || !image.Contains("vmlinuz-", StringComparison.Ordinal))
        {
            return null;
        }

        return (image[(image.IndexOf("vmlinuz-", StringComparison.Ordinal) + "vmlinuz-".Length)..],
            string.Join(' ', words.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)));
    }

    private static string Write(LabState state, string prefix, LabShell shell)
    {
        var every = shell.Find("GRUB_CMDLINE_LINUX") ?? "";
        var normal = $"{every} {shell.Find("GRUB_CMDLINE_LINUX_DEFAULT")}";
        var root = state.Platform.RootWords;
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture,
            $"### BEGIN /etc/grub.d/00_header ###\nset default=\"{shell.Find("GRUB_DEFAULT") ?? "0"}\"\n");
        text.Append(
            "function load_video {\n  insmod all_video\n}\n### END /etc/grub.d/00_header ###\n\n### BEGIN "
                + "/etc/grub.d/10_linux ###\n");
        var kernels = LabDisk.Kernels(state).Reverse().ToList();
        if (kernels.Count > 0)
        {
            Add(text, "", "Proxmox VE GNU/Linux", $"gnulinux-simple-{Id}", kernels[0], normal, prefix, root);
            text.Append(
                CultureInfo.InvariantCulture, $"submenu 'Advanced options for Proxmox VE GNU/Linux' "
                    + $"$menuentry_id_option 'gnulinux-advanced-{Id}' {{\n");
            foreach (var kernel in kernels)
            {
                Add(text, "\t", $"Proxmox VE GNU/Linux, with Linux {kernel}", $"gnulinux-{kernel}-advanced-{Id}",
                    kernel, normal, prefix, root);
                if (shell.Find("GRUB_DISABLE_RECOVERY") != "true")
                {
                    Add(text, "\t", $"Proxmox VE GNU/Linux, with Linux {kernel} (recovery mode)",
                        $"gnulinux-{kernel}-recovery-{Id}", kernel, $"single {every}", prefix, root);
                }
            }

            text.Append("}\n");
        }

        return text.Append("### END /etc/grub.d/10_linux ###\n").ToString();
    }

    private static void Add(StringBuilder text, string indent, string title, string id, string kernel, string words,
        string prefix, string root) => text.Append(
        CultureInfo.InvariantCulture,
        $"{indent}menuentry '{title}' --class gnu-linux --class gnu --class os $menuentry_id_option '{id}' "
            + $"{{\n{indent}\tload_video\n{indent}\tlinux\t{prefix}/vmlinuz-{kernel} {root} "
            + $"{words}\n{indent}\tinitrd\t{prefix}/initrd.img-{kernel}\n{indent}}}\n");

    /// <summary>The id that a pin gives GRUB.</summary>
    /// <remarks>Source: proxmox-kernel-helper 8.1, set_grub_default.</remarks>
    public static string PinText(string kernel) =>
        $"GRUB_DEFAULT=\"gnulinux-advanced-{Id}>gnulinux-{kernel}-advanced-{Id}\"\n";
}
