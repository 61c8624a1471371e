using VgpuPS.Core.Guests;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Inventory;

namespace VgpuPS.Host.Operations.Licensing;

/// <summary>Looks whether vGPUs have their licence, as the host's driver sees it; touches no guest.</summary>
internal sealed class TestGridLicenses(HostPorts host)
{
    private const string Licensed = "Licensed";

    /// <summary>Looks.</summary>
    /// <exception cref="ObjectNotFoundException">A VM that is named does not exist.</exception>
    /// <exception cref="VgpuException">The driver cannot be asked.</exception>
    public IReadOnlyList<GridLicenseTestInfo> Run(TestGridLicensesRequest request)
    {
        var wanted = request.Vms.Select(v => VmFinder.Find(host, v).Id.Value).Distinct().ToList();
        var report = new ReadHost(host).Run(new ReadHostRequest());
        var soon = host.Clock.GetUtcNow().AddSeconds(Math.Clamp(request.ExpiresWithinSeconds, 0, 3_000_000_000));
        var running = report.Gpus.SelectMany(g => g.Vgpus).Where(v => v.IsRunning && v.VmId is not null).ToList();
        var vms = wanted.Count > 0 ? wanted : [.. running.Select(v => v.VmId!.Value).Distinct()];
        return [.. vms.Order().SelectMany(vm =>
        {
            var name = report.Vms.FirstOrDefault(v => v.Id == vm)?.Name;
            var own = running.Where(v => v.VmId == vm).ToList();
            return own.Count == 0 ? [NoVgpu(vm, name)] : own.Select(v => Check(vm, name, v, soon));
        })];
    }

    private static GridLicenseTestInfo NoVgpu(int vm, string? name) => new()
    {
        VmId = vm,
        VmName = name,
        Passed = false,
        Message = "it runs no vGPU",
        RecommendedAction = $"start it with one: Add-VmVgpu {vm} -Memory 4GB; qm start {vm}",
    };

    private static GridLicenseTestInfo Check(int vm, string? name, VgpuInfo vgpu, DateTimeOffset soon)
    {
        var (status, expiry) = (vgpu.LicenseStatus, vgpu.LicenseExpiry);
        var why = status is null ? "no driver answers in the guest, so it has no licence"
            : !status.StartsWith(Licensed, StringComparison.Ordinal) ? $"its state is {status}"
            : expiry is { } end && end <= soon ? $"its licence ends at {ClientToken.Time(end)}"
            : null;
        var action = why is null ? null
            : status is null ? $"install the guest driver: Install-VmVgpuDriver {vm} -Path <driver file on the host>"
            : status.StartsWith(Licensed, StringComparison.Ordinal)
                ? $"see that the guest reaches its licence server, which renews it: Get-GridLicense {vm} -FromGuest"
            : $"Set-GridLicense {vm} -TokenPath <token file>";
        return new GridLicenseTestInfo
        {
            VmId = vm,
            VmName = name,
            VgpuType = vgpu.VgpuType,
            Passed = why is null,
            LicenseStatus = status,
            LicenseExpiry = expiry,
            Message = why,
            RecommendedAction = action,
        };
    }
}

/// <summary>Asks whether vGPUs have their licence, as the host sees it.</summary>
/// <param name="Vms">VMs, by number or name; empty for all that have a running vGPU.</param>
/// <param name="ExpiresWithinSeconds">A licence that ends within this time does not pass; 0 for one that has not
/// ended.</param>
public sealed record TestGridLicensesRequest(IReadOnlyList<string> Vms, long ExpiresWithinSeconds = 0);
