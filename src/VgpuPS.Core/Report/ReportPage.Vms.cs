using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Report;

/// <content>VMs with vGPUs, and their licences.</content>
public sealed partial class ReportPage
{
    private const string Licensed = "Licensed";

    private void Vms()
    {
        var rows = _hosts.SelectMany(h => h.Vms.SelectMany(v => VmRows(h, v))).ToList();
        if (rows.Count == 0)
        {
            Nothing("No VM is configured with a vGPU.");
            return;
        }

        Table("Each VM's vGPUs: where they are, what they are, and whether their CPUs are near",
            ["VM", "Host", "State", "vGPU", "Function", "Licence", "CPUs and memory"], rows);
    }

    private IEnumerable<IReadOnlyList<Cell>> VmRows(HostReport host, VmReport vm)
    {
        var running = host.Gpus.SelectMany(g => g.Vgpus).Where(v => v.VmId == vm.Id).ToList();
        foreach (var entry in vm.Vgpus)
        {
            var function = entry.FunctionAddress
                ?? host.Claims.FirstOrDefault(c => c.VmId == vm.Id && c.Entry == entry.Entry)?.Function;
            var vgpu = running.Find(v => v.FunctionAddress == function)
                ?? (function is null ? running.Find(v => v.VgpuTypeId == entry.VgpuTypeId) : null);
            running.Remove(vgpu!);
            yield return VmRow(host, vm, entry, vgpu);
        }

        foreach (var vgpu in running)
        {
            yield return VmRow(host, vm, null, vgpu);
        }
    }

    private IReadOnlyList<Cell> VmRow(HostReport host, VmReport vm, VmVgpuInfo? entry, VgpuInfo? vgpu)
    {
        var type = vgpu?.VgpuType ?? entry?.VgpuType ?? (entry?.VgpuTypeId is { } id ? $"type {Plain(id)}" : "unknown");
        string[] notes =
        [
            entry is null ? "not in its configuration" : entry.State == "current" ? entry.Entry
                : $"{entry.Entry} {entry.State}",
            .. entry?.Profile is { } profile ? [$"GPU instance {profile}"] : Array.Empty<string>(),
            .. vgpu?.GpuInstanceId is { } instance ? [$"GI {Plain(instance)}"] : Array.Empty<string>(),
        ];
        var function = vgpu?.FunctionAddress ?? entry?.FunctionAddress;
        var gpu = vgpu?.GpuAddress ?? entry?.GpuAddress;
        return
        [
            new Cell(Plain(vm.Id), vm.Name) { IsHead = true }, new Cell(host.VgpuHost),
            new Cell(vm.Status, vm.Hook.IsRegistered ? null : "without the hook")
            {
                Badge = vm.Status == "running" ? Good : "",
            },
            new Cell(type, Join(notes)),
            new Cell(function ?? "chosen at the start", entry?.Mapping is { } mapping ? $"mapping {mapping}"
                : gpu is { Length: > 0 } ? $"GPU {gpu}" : null) { Style = "fixed" },
            vgpu is { IsRunning: true } ? Licence(vgpu.LicenseStatus, vgpu.LicenseExpiry) : new Cell("—"),
            Near(host.Affinity?.FirstOrDefault(a => a.VmId == vm.Id)),
        ];
    }

    private static Cell Near(VmVgpuAffinityInfo? affinity) => affinity is null ? new Cell("not known")
        : new Cell(affinity.Verdict, Join(
            [
                affinity.Affinity is { } cpus ? $"CPUs {cpus}" : "not pinned",
                affinity.GpuNode.Count > 0 ? $"GPU on node {Join(affinity.GpuNode.Select(n => Plain(n)))}"
                    : "node of the GPU not known",
                .. affinity.MemoryNode.Count > 0
                    ? [$"memory {affinity.Memory} on {Join(affinity.MemoryNode.Select(n => Plain(n)))}"]
                    : Array.Empty<string>(),
            ]))
        {
            Badge = affinity.Verdict switch { "Near" => Good, "Far" => Warn, _ => "" },
            Style = "text",
        };

    private Cell Licence(string? status, DateTimeOffset? expiry) => new(
        status ?? "not known yet", expiry is { } end ? $"until {Time(end)}" : null)
    {
        Badge = status is null ? "" : status != Licensed ? Bad
            : expiry is { } soon && soon - _report.Time < s_licenseNotice ? Warn : Good,
    };

    private IEnumerable<GridLicenseInfo> LicenceRows() =>
        _hosts.SelectMany(h => h.Vms.SelectMany(h.LicensesOf)).Where(l => l.LicenseStatus is not null);

    private static bool IsLicensed(GridLicenseInfo licence) => licence.LicenseStatus == Licensed;

    private bool IsEnding(GridLicenseInfo licence) =>
        licence.LicenseExpiry is { } end && end - _report.Time < s_licenseNotice;

    private void Licences()
    {
        var rows = _hosts.SelectMany(h => h.Vms.SelectMany(h.LicensesOf))
            .OrderBy(l => l.LicenseStatus is null).ThenBy(IsLicensed)
            .ThenBy(l => l.LicenseExpiry ?? DateTimeOffset.MaxValue).ToList();
        if (rows.Count == 0)
        {
            Nothing("No vGPU runs, so that none needs a licence.");
            return;
        }

        Table("Licences of running vGPUs: those without one first, then by when they end",
            ["VM", "Host", "Licence", "Ends", "Product", "vGPU type", "Guest driver"],
            rows.Select(l => (IReadOnlyList<Cell>)
            [
                new Cell(Plain(l.VmId), l.VmName) { IsHead = true }, new Cell(l.VgpuHost),
                Licence(l.LicenseStatus, l.LicenseExpiry) with { Note = null },
                new Cell(l.LicenseExpiry is { } end ? Time(end) : "no end known", l.LicenseExpiry is { } at
                    ? In(at - _report.Time) : null) { Style = "fixed" },
                new Cell(l.Product ?? "not known"), new Cell(l.VgpuType), new Cell(l.GuestDriver ?? "not known yet"),
            ]));
    }

    private static string In(TimeSpan left) => left < TimeSpan.Zero ? "has ended"
        : left.TotalDays >= 1 ? $"in {Plural((int)left.TotalDays, "day")}"
        : $"in {Plural((int)left.TotalHours, "hour")}";
}
