using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Operations.Inventory;

public sealed partial class HostInventory
{
    /// <summary>vGPUs that a VM's configuration requests, ascending entry.</summary>
    public IEnumerable<VmVgpuInfo> VgpusOf(VmReport vm) => vm.Vgpus.Select(vgpu => new VmVgpuInfo
    {
        VgpuHost = session,
        VmId = vm.Id,
        VmName = vm.Name,
        Entry = vgpu.Entry,
        VgpuTypeId = vgpu.Type,
        VgpuType = vgpu.TypeName,
        FramebufferMiB = vgpu.FramebufferMiB,
        Profile = vgpu.Profile,
        FunctionAddress = vgpu.Function,
        Mapping = vgpu.Mapping,
        GpuAddress = vgpu.GpuAddress,
        PrimaryGpu = vgpu.IsPrimaryGpu,
        PciExpress = vgpu.IsPciExpress,
        State = vgpu.State,
        IsRunning = vm.Status == "running",
        HasHook = vm.Hook.IsVgpuHook,
    });

    /// <summary>A VM's hookscript.</summary>
    public VgpuHookInfo HookOf(VmReport vm) => new()
    {
        VgpuHost = session,
        VmId = vm.Id,
        VmName = vm.Name,
        IsRegistered = vm.Hook.IsVgpuHook,
        Volume = vm.Hook.Volume,
        Path = vm.Hook.Path,
        ChainedPath = vm.Hook.ChainedPath,
        ChainOrder = vm.Hook.ChainOrder,
        VgpuCount = vm.Vgpus.Count,
    };
}
