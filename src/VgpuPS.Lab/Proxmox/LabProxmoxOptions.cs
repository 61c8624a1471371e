using VgpuPS.Core.Guests;

namespace VgpuPS.Lab.Proxmox;

/// <summary>Which Proxmox is played, and where.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Generation">Version of qemu-server; its oddities follow from it.</param>
/// <param name="LegacyCleanup">
/// True: post-stop is called by <c>qm cleanup</c> alone, although the version knows better; as if
/// <c>/run/qemu-server/force-legacy-cleanup</c> existed. Older versions do so always.
/// </param>
/// <remarks>Source: facts/proxmox.md, table of features, and (a) Order inside a stop.</remarks>
public sealed record LabProxmoxOptions(string Node, PveGeneration Generation, bool LegacyCleanup = false);
