using VgpuPS.Lab.Platform;

namespace VgpuPS.Lab.Machine;

/// <summary>A release of Proxmox VE that the machine can have.</summary>
/// <param name="Version">Such as <c>9.2</c>.</param>
/// <param name="QemuServer">Version of its package qemu-server.</param>
/// <param name="Kernel">The kernel that it boots unless told otherwise.</param>
/// <remarks>
/// Source: facts/host-behaviour.md 8 (8.2 with kernel 6.5 is the article's host, and before qemu-server 8.2.5) and
/// facts/proxmox.md, table of features; 8.4.10 and 9.2.6 are those of the recordings. Assumed: the other versions, and
/// a kernel before 6.17 for all of 9, for which driver 580 builds.
/// </remarks>
public sealed record LabRelease(string Version, string QemuServer, string Kernel)
{
    /// <summary>All of them, oldest first.</summary>
    public static IReadOnlyList<LabRelease> All { get; } =
    [
        new("8.2", "8.2.1", "6.5.13-5-pve"), new("8.4", "8.4.10", "6.8.12-9-pve"),
        new("9.0", "9.0.16", "6.14.8-2-pve"), new("9.1", "9.1.10", "6.14.11-4-pve"),
        new("9.2", "9.2.6", "6.14.11-4-pve"),
    ];

    /// <summary>What its qemu-server knows and does.</summary>
    public PveGeneration Generation => PveGeneration.FromVersion(QemuServer)!;

    /// <summary>The release of that version.</summary>
    /// <param name="version">Such as <c>9.2</c>.</param>
    /// <exception cref="ArgumentException">The lab has none.</exception>
    public static LabRelease Of(string version) => All.FirstOrDefault(r => r.Version == version)
        ?? throw new ArgumentException(
            $"the lab has no Proxmox VE {version}; it has {string.Join(", ", All.Select(r => r.Version))}");

    /// <summary>How vGPUs are handed out on a machine with that kernel.</summary>
    /// <param name="kernel">Release of the kernel.</param>
    /// <remarks>Source: facts/host-behaviour.md 0: the vendor's VFIO needs kernel 6.8; that version 8 has mediated
    /// devices with a newer one too is the lab's choice.</remarks>
    public LabBackend BackendFor(string? kernel) =>
        Version.StartsWith('8') || !LabKernelOrder.IsAtLeast(kernel ?? Kernel, 6, 8)
            ? LabBackend.Mdev : LabBackend.Vfio;
}
