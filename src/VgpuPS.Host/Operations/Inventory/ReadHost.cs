using VgpuPS.Core.Boot;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Rows;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Operations.Affinity;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Operations.Mappings;
using VgpuPS.Host.State;

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
        catch (HostNotReadyException e) when (request.DriverMayBeMissing
            && (!request.MustHaveGpus || host.Devices.GetGpus().Count > 0))
        {
            return Report(null, e.Message, request);
        }
    }

    private ChoicesReport ReadChoices()
    {
        var mappings = host.Proxmox.ReadMappings();
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
        var problems = new List<HostProblem>();
        var file = Try(host.Claims.Load, ClaimFile.Empty, problems);
        var settings = new Lazy<HookSettings>(LoadSettings);
        var reservations = Try(host.Proxmox.GetReservations, [], problems);
        var gpus = driver is null ? [] : ReadGpus(driver, file, reservations, request.Gpus, problems);
        var report = new HostReport(
            host.Proxmox.Node,
            driver?.DriverVersion,
            problem,
            host.Proxmox.KernelRelease,
            host.Proxmox.QemuServerVersion,
            host.Devices.IommuIsActive,
            gpus,
            request.Gpus is null ? Try(new VmReportReader(host, gpus, file, settings).Read, [], problems) : [],
            [.. file.Claims.OrderBy(c => c.Vm).ThenBy(c => c.Entry).Select(c => new ClaimReport(
                c.Vm.Value, $"hostpci{c.Entry}", c.Type.Value, Name(c.State), c.Function?.ToString())
                {
                    Candidates = [.. c.Candidates.Select(a => a.ToString())],
                })],
            [.. reservations.OrderBy(r => r.Function).ThenBy(r => r.Vm).Select(r => new ReservationReport(
                r.Function.ToString(), r.Vm.Value, r.IsHeld))])
        {
            OtherGpus = request.WithOtherGpus ? ReadOtherGpus(driver is not null) : null,
            Boot = LoadBootStatus(),
            Problems = [.. problems.OrderBy(p => p.Gpu is null)],
            Choices = request.WithChoices ? ReadChoices() : null,
            HookState = request.WithHookState
                ? new HookStateReport([.. new ClaimDetails(host, file).Read()], host.LockHolder.Find()) : null,
            Mappings = request.WithMappings ? new MappingReader(host).Read() : null,
            Configuration = request.WithConfiguration
                ? ConfigurationText.Describe(StatePaths.Settings, host.Settings.ReadText()) : null,
            Affinity = request.WithAffinity ? new AffinityReader(host, settings.Value).Read() : null,
        };
        report.Stamp("");
        return report;
    }

    private List<OtherGpu> ReadOtherGpus(bool driverAnswers) =>
    [
        .. host.Devices.GetGpus().Where(g => !driverAnswers || g.Driver != "nvidia")
            .Select(g => new OtherGpu(
                g.Address.ToString(),
                GpuBoard.Of(g.DeviceId).Name ?? string.Create(CultureInfo.InvariantCulture, $"10de:{g.DeviceId:x4}"),
                g.Driver, g.NumaNode, g.TotalFunctions, g.EnabledFunctions)),
    ];

    /// <summary>What the boot service left is of the past: one that cannot be read is no problem of the host.</summary>
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

    /// <summary>A wrong configuration of ours is reported and does not prevent reading the VMs.</summary>
    private HookSettings LoadSettings()
    {
        try
        {
            return host.Settings.Load();
        }
        catch (UnreadableDataException e)
        {
            host.Warn($"{e.Message}; chained scripts and kept types are not shown");
            return new HookSettings();
        }
    }

    /// <summary>GPUs that answer; what keeps all of them from it is the host's failure.</summary>
    private List<GpuInfo> ReadGpus(
        IGpuDriverSession driver, ClaimFile file, IReadOnlyList<FunctionReservation> reservations,
        IReadOnlyList<string>? only, List<HostProblem> problems)
    {
        var reader = new GpuReader(host, driver, file) { Reservations = reservations };
        var rows = new GpuRowReader(driver, file);
        var gpus = new List<GpuInfo>();
        VgpuException? failure = null;
        foreach (var gpu in reader.Gpus.Where(g => only is null || only.Contains(g.Address.ToString())))
        {
            try
            {
                gpus.Add(rows.Read(reader.Read(gpu)));
            }
            catch (VgpuException e)
            {
                failure ??= e;
                problems.Add(HostProblem.Of(e, gpu.Address.ToString()));
            }
        }

        return failure is null || gpus.Count > 0 ? gpus : throw failure;
    }

    /// <summary>What cannot be read, or not by this user, is a problem, and does not keep the rest from being
    /// read.</summary>
    private static T Try<T>(Func<T> read, T none, List<HostProblem> problems)
    {
        try
        {
            return read();
        }
        catch (VgpuException e)
        {
            problems.Add(HostProblem.Of(e));
            return none;
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
/// <param name="WithMappings">Whether cluster mappings are read too.</param>
/// <param name="WithHookState">Whether more about claims, and the holder of the host lock, are read too.</param>
/// <param name="WithOtherGpus">Whether GPUs that NVIDIA's driver does not have are read too.</param>
/// <param name="MustHaveGpus">Whether a missing driver is a failure all the same where PCI shows no GPU.</param>
/// <param name="Gpus">Addresses of the only GPUs that are read, and no VM; null for all GPUs and VMs.</param>
/// <param name="WithConfiguration">Whether the hook's configuration is read too.</param>
public sealed record ReadHostRequest(
    bool DriverMayBeMissing = false, bool WithChoices = false, bool WithAffinity = false, bool WithHookState = false,
    bool WithOtherGpus = false, bool MustHaveGpus = false, IReadOnlyList<string>? Gpus = null,
    bool WithMappings = false, bool WithConfiguration = false);
