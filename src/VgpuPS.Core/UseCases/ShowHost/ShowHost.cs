using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Reading;
using VgpuPS.Core.UseCases.VmConfigs;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>Reads what is on the GPUs, which VMs use it, and what is promised; changes nothing.</summary>
public sealed class ShowHost(HostPorts host)
{
    /// <summary>Makes the report.</summary>
    /// <exception cref="VgpuException">The driver cannot be asked, and the request does not allow that.</exception>
    public HostReport Run(ShowHostRequest request)
    {
        try
        {
            using var driver = host.Driver.Open();
            return Report(driver) with { Choices = request.WithChoices ? ReadChoices() : null };
        }
        catch (HostNotReadyException e) when (request.DriverMayBeMissing)
        {
            return Report(null) with { DriverProblem = e.Message, Choices = request.WithChoices ? ReadChoices() : null };
        }
    }

    private ChoicesReport ReadChoices()
    {
        var mappings = host.Guests.ReadMappings() is { } raw ? PciMappings.Read(raw) : PciMappings.None;
        return new ChoicesReport(
            [
                .. mappings.ById.Values.OrderBy(m => m.Id, StringComparer.Ordinal)
                    .Select(m => new MappingReport(
                        m.Id, m.IsMediated, [.. m.ForNode(host.Guests.Node).SelectMany(e => e.Paths)]))
                    .Where(m => m.Functions.Count > 0),
            ],
            new SnippetStorages(host).Able);
    }

    private HostReport Report(IGpuDriverSession? driver)
    {
        var file = LoadClaims();
        var reader = driver is null ? null : new GpuReader(host, driver, file);
        List<GpuReport> gpus = reader is null
            ? [] : [.. reader.Gpus.Select(reader.Read).Select(new GpuReportReader(driver!, file).Read)];
        var reservations = reader?.Reservations ?? host.Guests.GetReservations();
        return new HostReport(
            host.Guests.Node,
            driver?.DriverVersion,
            null,
            host.Guests.KernelRelease,
            host.Guests.QemuServerVersion,
            host.Devices.IommuIsActive,
            gpus,
            new VmReportReader(host, gpus).Read(),
            [.. file.Claims.OrderBy(c => c.Vm).ThenBy(c => c.Entry).Select(c => new ClaimReport(
                c.Vm.Value, $"hostpci{c.Entry}", c.Type.Value, Name(c.State), c.Function?.ToString()))],
            [.. reservations.OrderBy(r => r.Function).ThenBy(r => r.Vm).Select(r => new ReservationReport(
                r.Function.ToString(), r.Vm.Value, r.IsHeld))])
        {
            Boot = LoadBootStatus(),
        };
    }

    private BootStatus? LoadBootStatus()
    {
        try
        {
            return host.BootStatus.Load();
        }
        catch (VgpuException e)
        {
            host.Warn($"{e.Message}; what the boot service did is not shown");
            return null;
        }
    }

    /// <summary>A corrupt claims file is told and does not keep anybody from looking at the rest.</summary>
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
