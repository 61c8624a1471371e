using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Watch;

/// <summary>A vGPU as the live view shows it.</summary>
/// <param name="Host">The session's name.</param>
/// <param name="Vgpu">The vGPU.</param>
/// <param name="NumaNode">NUMA node of its GPU; null where firmware does not say.</param>
/// <param name="Load">What it does.</param>
public sealed record WatchRow(string Host, VgpuInfo Vgpu, int? NumaNode, WatchLoad Load)
{
    /// <summary>What happened to it since the frame before.</summary>
    public WatchChange Change { get; init; }

    /// <summary>For how many more pictures it is marked.</summary>
    internal int Left { get; init; }

    /// <summary>The vGPU's place, which tells it from others.</summary>
    internal (string Host, string Gpu, string Place) Key =>
        (Host, Vgpu.GpuAddress, Vgpu.MdevUuid ?? Vgpu.FunctionAddress);

    internal double? FramebufferUsed => Load.FramebufferUsedBytes ?? Vgpu.FramebufferUsedMiB * (1024.0 * 1024);

    /// <summary>What is marked where it differs from the frame before; loads are meant to.</summary>
    internal (int?, string, bool, string?, string?, uint?) State =>
        (Vgpu.VmId, Vgpu.VgpuType, Vgpu.IsRunning, Vgpu.LicenseStatus, Vgpu.GuestDriver, Vgpu.GpuInstanceId);

    internal string Name => Vgpu.VmId is not { } vm ? "unknown VM"
        : string.Create(CultureInfo.InvariantCulture, $"{vm} {Vgpu.VmName}").TrimEnd();

    internal bool Matches(string filter) => filter.Length == 0
        || new[] { Host, Name, Vgpu.VgpuType, Vgpu.FunctionAddress, Vgpu.LicenseStatus }
            .Any(t => t?.Contains(filter, StringComparison.OrdinalIgnoreCase) == true);
}

/// <summary>What happened to a vGPU between two frames.</summary>
public enum WatchChange
{
    /// <summary>Nothing but its load.</summary>
    None,

    /// <summary>It was not there before.</summary>
    New,

    /// <summary>Its VM, type, state, licence or guest driver is another.</summary>
    Changed,

    /// <summary>It is gone.</summary>
    Gone,
}
