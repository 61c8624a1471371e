namespace VgpuPS.Core.Steps;

/// <summary>A step by which VMs get their vGPUs elsewhere: each is stopped and started again.</summary>
public abstract record RestartStep;

/// <summary>A VM is shut down.</summary>
/// <param name="Vm">The VM.</param>
public sealed record StopVmStep(VmId Vm) : RestartStep;

/// <summary>The instance of VMs that have stopped is destroyed, where their hook has not done so.</summary>
/// <param name="Gpu">Its GPU.</param>
/// <param name="Instance">The instance.</param>
/// <param name="Profile">Its profile.</param>
/// <param name="Vms">The VMs.</param>
public sealed record ReleaseInstanceStep(
    PciAddress Gpu, GpuInstance Instance, string Profile, IReadOnlyList<VmId> Vms) : RestartStep;

/// <summary>An instance is created and reserved for VMs that are about to start.</summary>
/// <param name="Gpu">Its GPU.</param>
/// <param name="Profile">Its profile.</param>
/// <param name="Window">Where it goes.</param>
/// <param name="Vms">The VMs.</param>
public sealed record ReserveInstanceStep(
    PciAddress Gpu, GpuInstanceProfile Profile, Placement Window, IReadOnlyList<VmId> Vms) : RestartStep;

/// <summary>A VM is started, and its vGPUs are looked for where they must be.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Expected">Where each of its vGPUs goes.</param>
public sealed record StartVmStep(VmId Vm, IReadOnlyList<ExpectedVgpu> Expected) : RestartStep;

/// <summary>Where a vGPU goes when its VM starts.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Gpu">The GPU.</param>
/// <param name="Window">The place of its instance; null when time-sliced.</param>
public sealed record ExpectedVgpu(VgpuType Type, PciAddress Gpu, Placement? Window);
