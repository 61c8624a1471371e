using System.Text.RegularExpressions;

namespace VgpuPS.Lab.Platform;

/// <summary>NVIDIA's installer, run from its package.</summary>
/// <remarks>
/// Source: facts/errors.md A1 (a kernel that the driver does not build for), A3 (nouveau), A4 (Secure Boot), A10
/// (headers); facts/host-behaviour.md 8 for what builds on which kernel. Assumed: the other texts, all exit codes, that
/// the vGPU manager's daemon holds the module, and that the installer enables the services without starting them.
/// </remarks>
internal static partial class LabInstaller
{
    public static ProcessResult Run(LabState state, string path, IReadOnlyList<string> options)
    {
        if (LabDisk.Read(state, path) is not { } text)
        {
            return LabPrograms.Fail(127, $"/bin/sh: 0: cannot open {path}: No such file");
        }

        if (Target().Match(text) is not { Success: true } match)
        {
            return LabPrograms.Fail(2, $"{path}: 1: not found");
        }

        return FindProblem(state, match.Groups[1].Value, options) is { } problem
            ? LabPrograms.Fail(1, $"ERROR: {problem}")
            : Install(state, match.Groups[1].Value, match.Groups[2].Value);
    }

    /// <summary>Whether a driver builds for a kernel.</summary>
    public static bool Builds(string version, string kernel)
    {
        var branch = int.Parse(version.Split('.')[0], CultureInfo.InvariantCulture);
        var (major, minor) = branch switch
        {
            <= 535 => (6, 6),
            550 when version.StartsWith("550.54.", StringComparison.Ordinal) => (6, 6),
            550 => (6, 9),
            570 => (6, 15),
            580 => (6, 17),
            _ => (7, 1),
        };
        return !LabKernelOrder.IsAtLeast(kernel, major, minor);
    }

    /// <summary>A driver that builds for a kernel.</summary>
    /// <remarks>Source: facts/host-behaviour.md 8, kernel and driver matrix: 550.54.16 on 6.5, vGPU 19 on 6.8 to 6.16,
    /// vGPU 20 from 6.17.</remarks>
    public static string DriverFor(string kernel) => Builds("550.54.16", kernel) ? "550.54.16"
        : Builds("580.105.06", kernel) ? "580.105.06" : "595.71.03";

    private static string? FindProblem(LabState state, string version, IReadOnlyList<string> options)
    {
        var (kernel, platform) = (state.Setup.Kernel, state.Platform);
        (bool IsSo, string Text)[] problems =
        [
            (!options.Contains("--silent"), "the lab's installer asks nothing: give it --silent"),
            (platform.NouveauIsLoaded,
                "The Nouveau kernel driver is currently in use by your system. This driver is incompatible with the "
                    + "NVIDIA "
                + "driver, and must be disabled before proceeding. The installer cannot perform sanity checks while "
                + "Nouveau is "
                + "in use."),
            (state.Units.Exists(u => u is { Name: LabBootSetup.ManagerUnit, ActiveState: "active" }),
                "An NVIDIA kernel module 'nvidia' appears to be already loaded in your kernel. This may be because it "
                    + "is in use (for example, by an X server, a CUDA program, or the NVIDIA Persistence Daemon)."),
            (state.Gpus.Exists(g => LabGpuRules.FindUser(state, g, exceptOwner: null) is not null),
                "An NVIDIA kernel module 'nvidia' appears to be already loaded in your kernel, and is in use."),
            (!LabDisk.HasHeaders(state, kernel),
                "Unable to find the kernel source tree for the currently running kernel. Please make sure you have "
                    + "installed "
                + $"the kernel source files for your kernel ({kernel})."),
            (options.Contains("--dkms") && !LabDisk.HasPackage(state, "dkms"),
                "DKMS was selected, and the dkms utility is not installed."),
            (!Builds(version, kernel),
                "Failed to build the NVIDIA kernel module. nvidia-vgpu-vfio: 'const struct bus_type' has no member "
                    + "named "
                + "'iommu_ops'"),
            (platform.IsSecureBoot && !platform.KeyIsEnrolled,
                "The kernel module failed to load. Secure Boot is enabled on this system, and the module is not signed "
                    + "by a "
                + "key that is trusted: bad shim signature"),
        ];
        return problems.FirstOrDefault(problem => problem.IsSo).Text;
    }

    private static ProcessResult Install(LabState state, string version, string flavour)
    {
        LabDriverFiles.Install(
            state, flavour.StartsWith("-vgpu-kvm", StringComparison.Ordinal)
                ? LabDriverFlavour.VgpuKvm : LabDriverFlavour.Grid,
            version, state.Setup.Kernel);
        foreach (var kernel in LabDisk.Kernels(state).Where(k => LabDisk.HasHeaders(state, k) && Builds(version, k)))
        {
            LabDisk.Write(state, LabDisk.Module(kernel), version + "\n");
        }

        foreach (var gpu in state.Gpus)
        {
            LabGpuRules.Rebind(gpu);
            (gpu.FunctionCount, gpu.HasTypes) = (0, false);
        }

        LabKernelStart.LoadDriver(state);
        LabBoot.AddUnits(state);
        return LabPrograms.Exit(
            0, $"Installation of the NVIDIA Accelerated Graphics Driver for Linux-x86_64 (version: {version}) is now "
                + "complete.\n");
    }

    [GeneratedRegex("^targetdir=\"NVIDIA-Linux-x86_64-([0-9.]+)(-[a-z-]+)?\"",
        RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Target();
}
