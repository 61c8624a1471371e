using VgpuPS.Lab.Files;

namespace VgpuPS.Lab.Platform;

/// <summary>What brings the boot files of the disk to the boot loader, and what may be looked at afterwards.</summary>
/// <remarks>
/// Source: proxmox-kernel-helper 8.1: zz-proxmox-boot (the first line of /etc/kernel/cmdline, refused without root=,
/// else the running words less initrd=; GRUB's configuration on each partition), functions (pins),
/// 000_proxmox_boot_header (a generation refreshes managed partitions, unless it is part of a refresh). Assumed: texts;
/// that every listed UUID is that of a partition.
/// </remarks>
internal static class LabBootTool
{
    private const string PinSnippet = "/etc/default/grub.d/proxmox-kernel-pin.cfg";
    private const string NextBootPin = "/etc/kernel/next-boot-pin";
    private const string Refreshed =
        "Running hook script 'proxmox-auto-removal'..\nRunning hook script 'zz-proxmox-boot'..\n";

    public static IReadOnlyList<string> Partitions(LabState state) =>
        [.. (LabDisk.Read(state, LabDisk.BootIds) ?? "").Split(
            '\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    /// <summary>What <c>update-grub</c> does, or the generator with another output.</summary>
    public static ProcessResult MakeConfig(LabState state, IReadOnlyList<string> arguments, bool isPartOfRefresh)
    {
        if (arguments is not ["-o", var output])
        {
            return LabPrograms.Fail(1, "grub-mkconfig: the lab knows -o FILE");
        }

        var (result, text) = LabGrub.Generate(state, "/boot");
        if (text is null)
        {
            return result;
        }

        if (Partitions(state).Count > 0 && !isPartOfRefresh)
        {
            var refreshed = Refresh(state);
            result = refreshed.ExitCode == 0
                ? result with
                {
                    Error = "W: This system is booted via proxmox-boot-tool:\nW: Running: 'proxmox-boot-tool refresh'\n"
                } : refreshed;
        }

        LabDisk.Write(state, output, text);
        if (output == LabDisk.GrubConfig)
        {
            TakeOver(state);
        }

        return result;
    }

    /// <summary>What <c>proxmox-boot-tool refresh</c> does.</summary>
    public static ProcessResult Refresh(LabState state)
    {
        if (Partitions(state).Count == 0)
        {
            return LabPrograms.Fail(2, "E: /etc/kernel/proxmox-boot-uuids does not exist, skipping.");
        }

        var created = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (state.Platform.Loader == LabLoader.SystemdBoot)
        {
            if (WriteEntries(state, created) is { } refusal)
            {
                return refusal;
            }
        }
        else
        {
            WriteSnippet(state);
            var (result, text) = LabGrub.Generate(state, "");
            if (text is null)
            {
                return result;
            }

            created["grub/grub.cfg"] = text;
        }

        foreach (var id in Partitions(state).Where(i => !state.Platform.LostPartitions.Contains(i)))
        {
            state.Platform.SystemPartitions[id] = new SortedDictionary<string, string>(created, StringComparer.Ordinal);
        }

        TakeOver(state);
        return LabPrograms.Exit(0, Refreshed);
    }

    public static ProcessResult Run(LabState state, IReadOnlyList<string> arguments)
    {
        switch (arguments.ToArray())
        {
            case ["refresh"]:
                return Refresh(state);
            case ["kernel", "pin", var release] when LabDisk.Kernels(state).Contains(release):
                LabDisk.Write(state, LabDisk.Pin, release + "\n");
                return Pinned(
                    state, $"Setting '{release}' as grub default entry and running update-grub.\nPinned kernel version "
                        + $"set to '{release}'\n");
            case ["kernel", "pin", var release]:
                return LabPrograms.Fail(1, $"E: no kernel image found in /boot for '{release}'.");
            case ["kernel", "unpin", .. var options]:
                LabTree.Remove(state, NextBootPin);
                if (options.Length == 0)
                {
                    LabTree.Remove(state, LabDisk.Pin);
                }

                return Pinned(state, "Removed /etc/kernel/proxmox-boot-pin.\n");
            default:
                return LabPrograms.Fail(1, "USAGE: proxmox-boot-tool <commands> [ARGS]");
        }
    }

    /// <summary>What a script sees of a partition that it mounts in a mount namespace of its own.</summary>
    public static ProcessResult Look(LabState state, string script, string[] arguments)
    {
        var mounted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var shell = new LabShell(path => LabDisk.Read(state, path));
        shell.Programs["mount"] = (words, _) =>
        {
            var id = words[^2][(words[^2].LastIndexOf('/') + 1)..];
            if (state.Platform.LostPartitions.Contains(id) || !Partitions(state).Contains(id))
            {
                return 32;
            }

            mounted = state.Platform.SystemPartitions.GetValueOrDefault(id, mounted);
            return 0;
        };
        shell.Programs["cd"] = (_, _) => 0;
        shell.Programs["grep"] = (words, output) =>
        {
            var found = words.Where(w => w.Contains('/', StringComparison.Ordinal))
                .SelectMany(w => mounted.Keys.Where(k =>
                System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(w, k, ignoreCase: false))).ToList();
            foreach (var line in found.SelectMany(k => mounted[k].TrimEnd('\n').Split('\n').Select(l => $"{k}:{l}\n")))
            {
                output.Append(line);
            }

            return found.Count > 0 ? 0 : 2;
        };
        return shell.Run(script, stopsAtFailure: true, isTraced: false, arguments);
    }

    /// <summary>The first boot's files: what an installer leaves.</summary>
    public static void Install(LabState state)
    {
        WriteSnippet(state);
        foreach (var id in Partitions(state))
        {
            LabDisk.Write(state, $"/dev/disk/by-uuid/{id}", "");
        }

        if (state.Platform.Loader != LabLoader.SystemdBoot && LabGrub.Generate(state, "/boot").Text is { } text)
        {
            LabDisk.Write(state, LabDisk.GrubConfig, text);
        }

        if (Partitions(state).Count > 0)
        {
            Refresh(state);
        }
        else
        {
            TakeOver(state);
        }
    }

    /// <summary>What the next boot takes, by what the boot loader has.</summary>
    private static void TakeOver(LabState state)
    {
        var platform = state.Platform;
        platform.NextKernel = (LabDisk.Read(state, NextBootPin) ?? LabDisk.Read(state, LabDisk.Pin))?.Trim();
        var first = Partitions(state) is [var id, ..] ? platform.SystemPartitions.GetValueOrDefault(id) : null;
        if (platform.Loader == LabLoader.SystemdBoot)
        {
            var kernel = platform.NextKernel ?? LabDisk.Kernels(state).LastOrDefault();
            platform.NextCommandLine = first?.GetValueOrDefault($"loader/entries/proxmox-{kernel}.conf")?.Split('\n')
                .FirstOrDefault(l => l.StartsWith("options", StringComparison.Ordinal))?["options".Length..].Trim()
                ?? platform.NextCommandLine;
        }
        else if ((first?.GetValueOrDefault("grub/grub.cfg") ?? LabDisk.Read(state, LabDisk.GrubConfig)) is { } text
            && LabGrub.FindDefault(text) is { } chosen)
        {
            (platform.NextKernel, platform.NextCommandLine) = chosen;
        }
    }

    private static ProcessResult Pinned(LabState state, string said)
    {
        if (Partitions(state).Count > 0)
        {
            return LabPrograms.Exit(0, said);
        }

        WriteSnippet(state);
        var created = MakeConfig(state, ["-o", LabDisk.GrubConfig], isPartOfRefresh: false);
        return created.ExitCode == 0 ? LabPrograms.Exit(0, said) : created;
    }

    private static void WriteSnippet(LabState state)
    {
        if ((LabDisk.Read(state, NextBootPin) ?? LabDisk.Read(state, LabDisk.Pin))?.Trim() is { Length: > 0 } kernel)
        {
            LabDisk.Write(state, PinSnippet, LabGrub.PinText(kernel));
        }
        else
        {
            LabTree.Remove(state, PinSnippet);
        }
    }

    private static ProcessResult? WriteEntries(LabState state, SortedDictionary<string, string> created)
    {
        var words = LabDisk.Read(state, LabDisk.KernelCommandLine) is { } text ? text.Split('\n')[0]
            : string.Join(' ',
                state.Platform.CommandLine.Split(' ').Where(w => !w.StartsWith("initrd=", StringComparison.Ordinal)));
        if (!words.Contains("root=", StringComparison.Ordinal))
        {
            return LabPrograms.Fail(1, "No root= parameter in /etc/kernel/cmdline found!");
        }

        foreach (var kernel in LabDisk.Kernels(state))
        {
            created[$"loader/entries/proxmox-{kernel}.conf"] =
                $"title    Proxmox Virtual Environment\nversion  {kernel}\noptions  {words}\nlinux    "
                    + $"/EFI/proxmox/{kernel}/vmlinuz-{kernel}\ninitrd   /EFI/proxmox/{kernel}/initrd.img-{kernel}\n";
        }

        var pinned = (LabDisk.Read(state, NextBootPin) ?? LabDisk.Read(state, LabDisk.Pin))?.Trim();
        created["loader/loader.conf"] =
            $"timeout 3\ndefault {(pinned is { Length: > 0 } ? $"proxmox-{pinned}.conf" : "proxmox-*")}\n";
        return null;
    }
}
