using System.Globalization;

namespace VgpuPS.Completers;

/// <summary>Completes VMs by id; a name finds them too.</summary>
public sealed class VmCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from report in Read(bound)
        from vm in report.Vms
        select new Completion(
            vm.Id.ToString(CultureInfo.InvariantCulture),
            string.Create(CultureInfo.InvariantCulture, $"VM {vm.Id}: {vm.Name ?? "without a name"}, {vm.Status}"),
            vm.Name);
}
