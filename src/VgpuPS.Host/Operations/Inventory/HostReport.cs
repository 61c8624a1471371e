using System.Text.Json.Serialization;
using VgpuPS.Core.Boot;

namespace VgpuPS.Host.Operations.Inventory;

/// <summary>What is on a host's GPUs and which VMs use it.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="DriverVersion">Version of the GPU driver; null where it does not answer.</param>
/// <param name="DriverProblem">Why the GPU driver does not answer; null where it does.</param>
/// <param name="Kernel">Release of the running kernel; null where it is unknown.</param>
/// <param name="QemuServerVersion">Version of Proxmox's qemu-server package; null where it is unknown.</param>
/// <param name="IommuIsActive">Whether the kernel has an active IOMMU.</param>
/// <param name="Gpus">GPUs that the driver has, ascending address.</param>
/// <param name="Vms">All VMs configured on the node, ascending number.</param>
/// <param name="Claims">The hook's claims, ascending VM and entry.</param>
/// <param name="Reservations">Proxmox's reservations, ascending function.</param>
public sealed record HostReport(
    string Node,
    string? DriverVersion,
    string? DriverProblem,
    string? Kernel,
    string? QemuServerVersion,
    bool IommuIsActive,
    IReadOnlyList<GpuReport> Gpus,
    IReadOnlyList<VmReport> Vms,
    IReadOnlyList<ClaimReport> Claims,
    IReadOnlyList<ReservationReport> Reservations)
{
    /// <summary>What the boot service last did; null when it has not run since the boot.</summary>
    public BootStatus? Boot { get; init; }

    /// <summary>Mappings and storages; null where they were not requested.</summary>
    public ChoicesReport? Choices { get; init; }
}

/// <summary>A VM's claim to a vGPU.</summary>
/// <param name="VmId">The VM.</param>
/// <param name="Entry">Its entry, <c>hostpciN</c>.</param>
/// <param name="Type">Number of the vGPU type.</param>
/// <param name="State"><c>pending</c>, <c>live</c> or <c>held</c>.</param>
/// <param name="Function">Its function; null where Proxmox chooses.</param>
public sealed record ClaimReport(int VmId, string Entry, uint Type, string State, string? Function);

/// <summary>A VM's hold on a function, in Proxmox's own file.</summary>
/// <param name="Function">The function.</param>
/// <param name="VmId">The VM.</param>
/// <param name="IsHeld">Whether it still counts.</param>
public sealed record ReservationReport(string Function, int VmId, bool IsHeld);

/// <summary>How the host's report is written for programs: camelCase, indented.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(HostReport))]
public sealed partial class HostReportJsonContext : JsonSerializerContext;
