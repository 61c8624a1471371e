using VgpuPS.Core.Boot;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Proxmox;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Operations.VmVgpus;

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
            return Report(driver) with { Choices = request.WithChoices ? ReadChoices() : null };
        }
        catch (HostNotReadyException e) when (request.DriverMayBeMissing)
        {
            return Report(null) with { DriverProblem = e.Message, Choices = request.WithChoices ? ReadChoices() : null };
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
            new SnippetStorages(host).Able);
    }

    private HostReport Report(IGpuDriverSession? driver)
    {
        var file = LoadClaims();
        var reader = driver is null ? null : new GpuReader(host, driver, file);
        List<GpuReport> gpus = reader is null
            ? [] : [.. reader.Gpus.Select(reader.Read).Select(new GpuReportReader(driver!, file).Read)];
        var reservations = reader?.Reservations ?? host.Proxmox.GetReservations();
        return new HostReport(
            host.Proxmox.Node,
            driver?.DriverVersion,
            null,
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

/// <summary>What a user can choose from for a VM's vGPU, beside what is on the GPUs.</summary>
/// <param name="Mappings">Cluster mappings with functions of the node, ascending id.</param>
/// <param name="SnippetStorages">Storages that can hold the hook on the node, ascending id.</param>
public sealed record ChoicesReport(IReadOnlyList<MappingReport> Mappings, IReadOnlyList<string> SnippetStorages);

/// <summary>A cluster mapping of PCI devices, as far as the node goes.</summary>
/// <param name="Id">Its id.</param>
/// <param name="IsMediated">Whether it is marked for mediated devices, as vGPUs need.</param>
/// <param name="Functions">The node's functions, in the order in which Proxmox tries them.</param>
public sealed record MappingReport(string Id, bool IsMediated, IReadOnlyList<string> Functions);

/// <summary>Asks what is on the host.</summary>
/// <param name="DriverMayBeMissing">
/// Whether a host whose GPU driver does not answer is reported as such, without its GPUs, instead of being a failure.
/// </param>
/// <param name="WithChoices">Whether mappings and storages are read too.</param>
public sealed record ReadHostRequest(bool DriverMayBeMissing = false, bool WithChoices = false);
