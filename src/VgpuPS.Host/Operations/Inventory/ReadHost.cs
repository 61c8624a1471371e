using VgpuPS.Core.Boot;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Operations.Affinity;
using VgpuPS.Host.Operations.Hook;

namespace VgpuPS.Host.Operations.Inventory;

/// <summary>Reads what is on the GPUs, which VMs use it, and what is reserved; changes nothing.</summary>
public sealed class ReadHost(HostPorts host)
{
    /// <summary>Makes the report.</summary>
    /// <exception cref="VgpuException">The driver cannot be asked, and the request does not allow that.</exception>
    public HostReport Run(ReadHostRequest request)
    {
        try
        {
            using var driver = host.Driver.Open();
            return Report(driver, null, request);
        }
        catch (HostNotReadyException e) when (request.DriverMayBeMissing)
        {
            return Report(null, e.Message, request);
        }
    }

    private ChoicesReport ReadChoices()
    {
        var mappings = host.Proxmox.ReadMappings() is { } raw ? PciMappings.Read(raw) : PciMappings.None;
        return new ChoicesReport(
            [
                .. mappings.ById.Values.OrderBy(m => m.Id, StringComparer.Ordinal)
                    .Select(m => new MappingReport(
                        m.Id, m.IsMediated, [.. m.ForNode(host.Proxmox.Node).SelectMany(e => e.Paths)]))
                    .Where(m => m.Functions.Count > 0),
            ],
            new SnippetStorages(host).Able)
        {
            DriverFiles = host.Payloads.FindDrivers(),
        };
    }

    private HostReport Report(IGpuDriverSession? driver, string? problem, ReadHostRequest request)
    {
        var file = LoadClaims();
        var reader = driver is null ? null : new GpuReader(host, driver, file);
        List<GpuInfo> gpus = reader is null
            ? [] : [.. reader.Gpus.Select(reader.Read).Select(new GpuRowReader(driver!, file).Read)];
        var reservations = reader?.Reservations ?? host.Proxmox.GetReservations();
        var report = new HostReport(
            host.Proxmox.Node,
            driver?.DriverVersion,
            problem,
            host.Proxmox.KernelRelease,
            host.Proxmox.QemuServerVersion,
            host.Devices.IommuIsActive,
            gpus,
            new VmReportReader(host, gpus).Read(),
            [.. file.Claims.OrderBy(c => c.Vm).ThenBy(c => c.Entry).Select(c => new ClaimReport(
                c.Vm.Value, $"hostpci{c.Entry}", c.Type.Value, Name(c.State), c.Function?.ToString()))],
            [.. reservations.OrderBy(r => r.Function).ThenBy(r => r.Vm).Select(r => new ReservationReport(
                r.Function.ToString(), r.Vm.Value, r.IsHeld))])
        {
            Boot = LoadBootStatus(),
            Choices = request.WithChoices ? ReadChoices() : null,
            Affinity = request.WithAffinity ? new AffinityReader(host).Read() : null,
        };
        report.Stamp("");
        return report;
    }

    private BootStatus? LoadBootStatus()
    {
        try
        {
            return host.BootStatus.Load();
        }
        catch (VgpuException e)
        {
            host.Warn($"{e.Message}; the boot service's status is not shown");
            return null;
        }
    }

    /// <summary>A corrupt claims file is reported and does not prevent reading the rest.</summary>
    private ClaimFile LoadClaims()
    {
        try
        {
            return host.Claims.Load();
        }
        catch (UnreadableDataException e)
        {
            host.Warn($"{e.Message}; claims are not shown");
            return ClaimFile.Empty;
        }
    }

    private static string Name(ClaimState state) => state switch
    {
        ClaimState.Pending => "pending",
        ClaimState.Live => "live",
        _ => "held",
    };
}

/// <summary>Asks what is on the host.</summary>
/// <param name="DriverMayBeMissing">
/// Whether a host whose GPU driver does not answer is reported as such, without its GPUs, instead of being a failure.
/// </param>
/// <param name="WithChoices">Whether mappings and storages are read too.</param>
/// <param name="WithAffinity">Whether CPUs and memory of VMs are read too.</param>
public sealed record ReadHostRequest(
    bool DriverMayBeMissing = false, bool WithChoices = false, bool WithAffinity = false);
