namespace VgpuPS.Lab.Platform;

/// <summary>The program <c>apt-get</c>, as far as the lab goes: <c>update</c>, and <c>install -y</c> of packages that
/// the repository has.</summary>
/// <remarks>
/// Source: facts/proxmox.md (h) and facts/errors.md A10 for the names; apt-get(8). Assumed: which release a series'
/// package brings; that DKMS builds for every kernel whose headers come.
/// </remarks>
internal static class LabPackages
{
    public static ProcessResult Run(LabState state, IReadOnlyList<string> arguments)
    {
        string[] words = [.. arguments.Where(a => !a.StartsWith('-'))];
        switch (words)
        {
            case ["update"]:
                state.Platform.ListsAreStale = false;
                return LabPrograms.Exit(0, "Reading package lists...\n");
            case ["install", .. var names] when names.FirstOrDefault(n => !IsKnown(state, n)) is { } unknown:
                return LabPrograms.Fail(100, $"E: Unable to locate package {unknown}");
            case ["install", ..] when !arguments.Contains("-y"):
                return LabPrograms.Fail(1, "Do you want to continue? [Y/n] Abort.");
            case ["install", .. var names]:
                foreach (var name in names)
                {
                    Install(state, name);
                }

                return LabPrograms.Exit(0, "Reading package lists...\n");
            default:
                return LabPrograms.Fail(100, $"E: Invalid operation {words.FirstOrDefault()}");
        }
    }

    /// <summary>What <c>dpkg -l</c> and <c>dpkg -s</c> print.</summary>
    /// <remarks>Source: dpkg(1), dpkg-query(1). Assumed: widths of columns.</remarks>
    public static ProcessResult Query(LabState state, IReadOnlyList<string> arguments)
    {
        var packages = LabDisk.Packages(state);
        string[] words = [.. arguments];
        return words switch
        {
            ["-s" or "--status", var name] => packages.FirstOrDefault(p => p.Name == name).Text is { } text
                ? LabPrograms.Exit(0, text + "\n")
                : LabPrograms.Fail(1, $"dpkg-query: package '{name}' is not installed and no information is available"),
            ["-l" or "--list", .. var patterns] => List(packages, patterns),
            _ => LabPrograms.Fail(2, "dpkg: the lab knows -l [PATTERN …] and -s PACKAGE"),
        };
    }

    private static ProcessResult List(
        IEnumerable<(string Name, string Version, string Text)> packages, IReadOnlyList<string> patterns)
    {
        var found = packages.Where(p => patterns.Count == 0 || patterns.Any(pattern =>
                System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, p.Name, ignoreCase: false)))
            .OrderBy(p => p.Name, StringComparer.Ordinal).ToList();
        return found.Count == 0
            ? LabPrograms.Fail(1, $"dpkg-query: no packages found matching {patterns.FirstOrDefault()}")
            : LabPrograms.Exit(0, "||/ Name Version Architecture\n"
                + string.Concat(found.Select(p => $"ii  {p.Name} {p.Version} amd64\n")));
    }

    /// <summary>The program <c>dkms</c>, as far as <c>autoinstall -k KERNEL</c> goes.</summary>
    /// <remarks>Source: dkms(8); the texts of failures are those of DKMS 3 as users print them (assumed).</remarks>
    public static ProcessResult RunDkms(LabState state, IReadOnlyList<string> arguments)
    {
        if (!LabDisk.HasPackage(state, "dkms"))
        {
            return new ProcessResult(null, null, false, Errno.ENOENT, "", "");
        }

        if (arguments is not ["autoinstall", "-k", var kernel])
        {
            return LabPrograms.Fail(1, "dkms: the lab knows autoinstall -k KERNEL");
        }

        if (!LabDisk.HasHeaders(state, kernel))
        {
            return LabPrograms.Fail(21, $"Error! Your kernel headers for kernel {kernel} cannot be found.");
        }

        if (!LabInstaller.Builds(state.Setup.DriverVersion, kernel))
        {
            return LabPrograms.Fail(11, $"Error! Bad return status for module build on kernel: {kernel} (x86_64)");
        }

        Build(state);
        return LabPrograms.Exit(0, "");
    }

    private static bool IsKnown(LabState state, string name) => LabDisk.HasPackage(state, name)
        || (!state.Platform.ListsAreStale && state.Platform.Repository.Exists(pattern => pattern.EndsWith('*')
            ? name.StartsWith(pattern[..^1], StringComparison.Ordinal)
            : name == pattern));

    private static void Install(LabState state, string name)
    {
        const string Kernel = "proxmox-kernel-";
        const string Headers = "proxmox-headers-";
        LabDisk.AddPackage(state, name, "1");
        if (name.StartsWith(Kernel, StringComparison.Ordinal) && IsSeries(name[Kernel.Length..]))
        {
            LabDisk.AddKernel(state, Newest(name[Kernel.Length..]));
        }

        if (name.StartsWith(Headers, StringComparison.Ordinal))
        {
            var release = name[Headers.Length..];
            LabDisk.AddPackage(state, Headers + (IsSeries(release) ? Newest(release) : release), "1");
        }

        Build(state);
    }

    private static bool IsSeries(string text) => text.Split('.').Length == 2;

    private static string Newest(string series) => series switch
    {
        "6.5" => "6.5.13-6-pve",
        "6.8" => "6.8.12-15-pve",
        "6.11" => "6.11.11-2-pve",
        "6.14" => "6.14.11-4-pve",
        "6.17" => "6.17.4-1-pve",
        _ => $"{series}.2-1-pve",
    };

    /// <summary>What DKMS does after an installation: the driver's module for each kernel with headers that it builds
    /// for.</summary>
    private static void Build(LabState state)
    {
        if (state.Platform.Driver == LabDriverFlavour.None || !LabDisk.HasPackage(state, "dkms"))
        {
            return;
        }

        foreach (var kernel in LabDisk.Kernels(state).Where(k => LabDisk.HasHeaders(state, k)))
        {
            if (LabInstaller.Builds(state.Setup.DriverVersion, kernel)
                && LabDisk.Read(state, LabDisk.Module(kernel)) is null)
            {
                LabDisk.Write(state, LabDisk.Module(kernel), state.Setup.DriverVersion + "\n");
            }
        }
    }
}
