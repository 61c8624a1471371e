using System.Globalization;
using VgpuPS.Core.Gpu;

namespace VgpuPS.Text;

/// <summary>VMs as users name them.</summary>
internal static class Vms
{
    /// <summary>A VM by id or name.</summary>
    /// <exception cref="ObjectNotFoundException">There is none.</exception>
    /// <exception cref="InvalidRequestException">Several have that name.</exception>
    public static VmId Find(HostReport report, string name)
    {
        name = name.Trim();
        if (VmId.TryParse(name, out var id) && report.Vms.Any(v => v.Id == id.Value))
        {
            return id;
        }

        var named = report.Vms.Where(v => string.Equals(v.Name, name, StringComparison.OrdinalIgnoreCase)).ToList();
        return named switch
        {
            [var only] => new VmId(only.Id),
            [] => throw new ObjectNotFoundException(
                ErrorIds.VmNotFound,
                $"no VM {(VmId.TryParse(name, out _) ? name : $"named {name}")} is configured on node {report.Node}",
                "see the VMs: Get-VgpuVm", name),
            _ => throw new InvalidRequestException(
                ErrorIds.AmbiguousVm,
                $"{named.Count} VMs are named '{name}': {string.Join(", ", named.Select(v => v.Id))}",
                $"name one by its id: -VmId {named[0].Id}", name),
        };
    }

    /// <summary>Whether a VM of that id or name is configured there.</summary>
    public static bool Exists(HostReport report, string name) => report.Vms.Any(v => IsNamed(v, name));

    /// <summary>Whether a VM has that id or name.</summary>
    public static bool IsNamed(VmReport vm, string name) =>
        vm.Id.ToString(CultureInfo.InvariantCulture) == name.Trim()
        || string.Equals(vm.Name, name.Trim(), StringComparison.OrdinalIgnoreCase);
}
