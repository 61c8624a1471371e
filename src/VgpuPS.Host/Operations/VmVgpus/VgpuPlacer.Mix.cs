using VgpuPS.Core.Capacity;
using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.VmVgpus;

internal sealed partial class VgpuPlacer
{
    /// <summary>Refuses what a VM may not have beside its other vGPUs.</summary>
    private void CheckBeside(VgpuType type)
    {
        var others = vm.Config.NextHostPci.Where(e => e.Index != entry).Select(e => (e.Key, Type: TypeOf(e)))
            .Where(o => o.Type is not null).Select(o => new VmVgpu(o.Key, o.Type!)).ToList();
        if (VmVgpuLimits.Find(others, new VmVgpu("", type), AreOfOneBoard) is not { } breach)
        {
            return;
        }

        throw breach.ToException(
            $"{vm.Label} has {others.Count} vGPU{(others.Count == 1 ? "" : "s")} ({string.Join(", ", others)})",
            breach.ErrorId == ErrorIds.TooManyVgpus
                ? $"use another type (Get-VgpuType), or remove one: Remove-VmVgpu -VmId {vm.Id} -Entry "
                    + breach.Other.Entry
                : $"use one type for all its vGPUs: {breach.Other.Type.ShortName}",
            vm.Id);
    }

    private bool AreOfOneBoard(VgpuType one, VgpuType other) =>
        _gpus.Any(g => g.FindType(one.Id) is not null && g.FindType(other.Id) is not null);

    private VgpuType? TypeOf(HostPciEntry other) => VgpuEntries.TryGetType(other, vm.Id, settings, out var id)
        ? _gpus.Select(g => g.FindType(id)).FirstOrDefault(t => t is not null)
        : null;
}
