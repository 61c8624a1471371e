using VgpuPS.Core.Layout;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Operations.Layout;

namespace VgpuPS.Host.Operations.Boot;

/// <summary>
/// Which GPU gets which entry of the layout, by the rules of <see cref="LayoutTargets"/>, but GPU by GPU: one that does
/// not answer, or is named twice, keeps no other from its layout.
/// </summary>
internal static class BootTargets
{
    /// <summary>Finds them: GPUs in ascending address, then entries for GPUs that are not there.</summary>
    public static IReadOnlyList<BootTarget> Find(
        HostPorts host, IGpuDriverSession driver, IReadOnlyList<GpuLayout> layouts)
    {
        var targets = new List<BootTarget>();
        var met = new HashSet<GpuLayout>(ReferenceEqualityComparer.Instance);
        var models = new List<string>();
        var isSilent = false;
        foreach (var gpu in host.Devices.GetGpus().Where(g => g.Driver == "nvidia"))
        {
            VgpuException? silence = null;
            (GpuUuid, string)? identity = null;
            try
            {
                var (uuid, model, _) = driver.GetIdentity(gpu.Address);
                identity = (uuid, model);
                models.Add(model);
            }
            catch (VgpuException e)
            {
                silence = e;
                isSilent = true;
            }

            var entries = layouts.Where(l => Matches(l, gpu.Address, identity)).ToList();
            met.UnionWith(entries);
            entries = entries.Exists(LayoutTargets.IsIdentity) ? [.. entries.Where(LayoutTargets.IsIdentity)] : entries;
            // Whether a GPU that does not answer is of a model that the layout names cannot be determined.
            if (entries.Count > 0 || (silence is not null && layouts.Any(l => !PciAddress.TryParse(l.Gpu, out _))))
            {
                targets.Add(entries.Count > 1
                    ? new BootTarget(
                        gpu.Address.ToString(), gpu.Address, null, LayoutTargets.DuplicateName(gpu.Address, entries))
                    : new BootTarget(gpu.Address.ToString(), gpu.Address, entries.FirstOrDefault(), silence));
            }
        }

        targets.AddRange(layouts.Where(l => !met.Contains(l) && (LayoutTargets.IsIdentity(l) || !isSilent)).Select(l =>
            new BootTarget(l.Gpu, null, l, Missing(host, l, models))));
        return targets;
    }

    private static bool Matches(GpuLayout layout, PciAddress gpu, (GpuUuid Uuid, string Model)? identity) =>
        PciAddress.TryParse(layout.Gpu, out var address) ? address == gpu
            : identity is { } known && LayoutTargets.Matches(layout, gpu, known);

    private static ObjectNotFoundException Missing(HostPorts host, GpuLayout layout, IReadOnlyList<string> models)
    {
        var name = layout.Gpu;
        var more = !LayoutTargets.IsIdentity(layout) ? LayoutTargets.DescribeModels(models)
            : PciAddress.TryParse(name, out var address) && host.Devices.Find(address) is { } device
                ? $": it is bound to {device.Driver ?? "no driver"}"
            : "";
        return new ObjectNotFoundException(
            ErrorIds.DeviceNotFound, $"the driver has no GPU {name}, which the layout names{more}",
            "see what there is: lspci -nnk -d 10de:; journalctl -k -g NVRM; then correct /etc/vgpups/layout.json, "
                + "or run vgpu-hook boot again",
            name);
    }
}

/// <summary>A GPU with what the layout says of it.</summary>
/// <param name="Name">Its address, or the layout's name for a GPU that is not there.</param>
/// <param name="Address">Its address; null where there is none.</param>
/// <param name="Layout">What should be on it; null where that is unknown.</param>
/// <param name="Problem">Why nothing can be done to it; null where something can.</param>
internal sealed record BootTarget(string Name, PciAddress? Address, GpuLayout? Layout, VgpuException? Problem);
