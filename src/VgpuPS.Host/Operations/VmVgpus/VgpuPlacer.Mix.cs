using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.VmVgpus;

internal sealed partial class VgpuPlacer
{
    /// <summary>Refuses what the driver does not let a VM have beside its other vGPUs.</summary>
    /// <remarks>Source: nvml.h, nvmlVgpuTypeGetMaxInstancesPerVm and NVML_VGPU_CAP_MULTI_VGPU_EXCLUSIVE.</remarks>
    private void CheckBeside(VgpuType type)
    {
        var others = vm.Config.NextHostPci.Where(e => e.Index != entry).Select(e => (Entry: e, Type: TypeOf(e)))
            .Where(o => o.Type is not null).ToList();
        if (others.Count == 0)
        {
            return;
        }

        var limiting = others.Select(o => o.Type!).Append(type).Where(t => t.MaxPerVm > 0).MinBy(t => t.MaxPerVm);
        if (limiting is not null && others.Count >= limiting.MaxPerVm)
        {
            throw new CapacityException(
                ErrorIds.TooManyVgpus,
                $"{vm.Label} has {others.Count} vGPU{(others.Count == 1 ? "" : "s")} ({Names(others)}), "
                    + $"and {limiting.ShortName} allows a VM at most {limiting.MaxPerVm}",
                "use another type (Get-VgpuType), or remove one: "
                    + $"Remove-VmVgpu -VmId {vm.Id} -Entry {others[0].Entry.Key}",
                vm.Id.ToString());
        }

        var mixing = others.Where(o => o.Type!.Id != type.Id).ToList();
        if (mixing.Count > 0
            && (type.IsExclusiveInVm ? type : mixing.Find(o => o.Type!.IsExclusiveInVm).Type) is { } alone)
        {
            throw new InvalidRequestException(
                ErrorIds.VgpusDoNotMix,
                $"{alone.ShortName} cannot be in one VM with vGPUs of another type, and {vm.Label} has {Names(others)}",
                $"use one type for all its vGPUs: {(type == alone ? mixing[0].Type!.ShortName : alone.ShortName)}",
                vm.Id.ToString());
        }
    }

    private VgpuType? TypeOf(HostPciEntry other) => VgpuEntries.TryGetType(other, vm.Id, settings, out var id)
        ? _gpus.Select(g => g.FindType(id)).FirstOrDefault(t => t is not null)
        : null;

    private static string Names(IEnumerable<(HostPciEntry Entry, VgpuType? Type)> others) =>
        string.Join(", ", others.Select(o => $"{o.Entry.Key}: {o.Type!.ShortName}"));
}
