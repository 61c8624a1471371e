using VgpuPS.Host.Nvml;
using VgpuPS.Host.Sysfs;
using VgpuPS.Lab.Files;

namespace VgpuPS.Lab.Platform;

/// <summary>Files of NVIDIA's driver packages, and packages as an admin downloads them.</summary>
/// <remarks>
/// Source: facts/host-behaviour.md 2 and 7 for <c>sriov-manage</c> and the services. Assumed: paths of the programs,
/// units and the module's source; the head of a package, of Makeself.
/// </remarks>
public static class LabDriverFiles
{
    private const int ExecutableMode = LabEntry.FolderMode;

    private static readonly string[] s_hostOnly =
    [
        "/usr/bin/nvidia-vgpud", "/usr/bin/nvidia-vgpu-mgr", SriovManage.Tool,
        "/usr/lib/systemd/system/nvidia-vgpud.service",
        "/usr/lib/systemd/system/nvidia-vgpu-mgr.service", "/usr/share/nvidia/vgpu/vgpuConfig.xml",
    ];

    /// <summary>Puts a package where an admin would.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="version">Version of the driver.</param>
    /// <param name="flavour"><c>vgpu-kvm</c>, <c>vgpu-kvm-aie</c>, <c>grid</c>, or nothing for the plain
    /// driver.</param>
    /// <param name="folder">Folder on the machine.</param>
    /// <returns>Its path.</returns>
    public static string PutPackage(LabHost host, string version, string flavour = "vgpu-kvm", string folder = "/root")
    {
        var name = $"NVIDIA-Linux-x86_64-{version}{(flavour.Length > 0 ? "-" + flavour : "")}";
        var path = $"{folder}/{name}.run";
        host.Put(path, Head(name, version), ExecutableMode);
        return path;
    }

    /// <summary>The head of a package, which its installer reads.</summary>
    internal static string Head(string name, string version) => $"""
        #!/bin/sh
        # This script was generated using Makeself 2.1.5
        skip=1078
        label="NVIDIA Accelerated Graphics Driver for Linux-x86_64 {version}"
        script="./nvidia-installer"
        targetdir="{name}"

        """;

    /// <summary>Puts the files of an installed driver in place, and its module for one kernel.</summary>
    internal static void Install(LabState state, LabDriverFlavour flavour, string version, string? kernel)
    {
        Remove(state);
        (state.Platform.Driver, state.Setup.DriverVersion) = (flavour, version);
        if (flavour == LabDriverFlavour.None)
        {
            return;
        }

        LabDisk.Write(state, SmiGpuReset.Tool, "ELF\n", ExecutableMode);
        LabDisk.Write(state, "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1", "ELF\n");
        LabDisk.Write(
            state, $"/usr/src/nvidia-{version}/dkms.conf", $"PACKAGE_NAME=\"nvidia\"\nPACKAGE_VERSION=\"{version}\"\n");
        foreach (var path in flavour == LabDriverFlavour.VgpuKvm ? s_hostOnly : [])
        {
            LabDisk.Write(state, path, "ELF\n", ExecutableMode);
        }

        if (kernel is not null)
        {
            LabDisk.Write(state, LabDisk.Module(kernel), version + "\n");
        }
    }

    private static void Remove(LabState state)
    {
        foreach (var path in s_hostOnly.Concat([SmiGpuReset.Tool, "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1"]))
        {
            LabTree.Remove(state, path);
        }

        foreach (var source in LabDisk.List(state, "/usr/src")
            .Where(n => n.StartsWith("nvidia-", StringComparison.Ordinal)).ToList())
        {
            LabTree.Remove(state, $"/usr/src/{source}");
        }

        foreach (var kernel in LabDisk.List(state, "/lib/modules").ToList())
        {
            LabTree.Remove(state, LabDisk.Module(kernel));
        }
    }
}
