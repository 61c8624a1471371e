using VgpuPS.Core.Claims;
using VgpuPS.Core.Cpu;
using VgpuPS.Core.Layout;
using VgpuPS.Core.Platform;
using VgpuPS.Core.Rows;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Operations.Affinity;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Operations.VmVgpus;

namespace VgpuPS.Host.Operations.Doctor;

/// <summary>The host as the checks see it: each part is read once, when the first check asks, and a part that cannot be
/// read throws for every check that asks.</summary>
internal sealed class DoctorSnapshot
{
    private readonly Lazy<Fact<HostReport>> _report;
    private readonly Lazy<Fact<IReadOnlyList<PhysicalFunction>>> _gpus;
    private readonly Lazy<Fact<HookSettings>> _settings;
    private readonly Lazy<Fact<HostLayout?>> _layout;
    private readonly Lazy<Fact<ClaimFile>> _claims;
    private readonly Lazy<Fact<IReadOnlyList<VgpuHookTestInfo>>> _hooks;
    private readonly Lazy<Fact<IReadOnlyList<VmSnapshot>>> _vms;
    private readonly Lazy<Fact<IReadOnlyList<VmVgpuAffinityInfo>>> _affinity;
    private readonly Lazy<Fact<CpuTopology>> _topology;
    private readonly Lazy<Fact<IReadOnlyList<ContainerConfig>>> _containers;
    private readonly Lazy<Fact<IReadOnlyList<DriverObstacle>>> _obstacles;
    private readonly Lazy<Fact<VgpuManagerLog>> _managerLog;

    public DoctorSnapshot(HostPorts host, HostFacts facts)
    {
        Host = host with { Warn = _ => { } };
        Facts = facts;
        _report = Once(() => new ReadHost(Host).Run(new ReadHostRequest()));
        _gpus = Once(() => Host.Devices.GetGpus());
        _settings = Once(() => Host.Settings.Load());
        _layout = Once(() => Host.Layout.Load());
        _claims = Once(() => Host.Claims.Load());
        _hooks = Once(() => new TestVgpuHook(Host).Run(new TestVgpuHookRequest()));
        _vms = Once(() => VmSnapshot.ReadAll(Host, Settings));
        _affinity = Once(() => new AffinityReader(Host, Settings).Read());
        _containers = Once(Host.Proxmox.ReadContainers);
        _topology = Once(() => Host.Cpus.Read());
        _managerLog = Once(() => ReadManagerLog(Host, Facts));
        _obstacles = Once(() => DriverObstacles.Find(Facts, [.. Gpus.Select(g => g.Address)], WholeGpus.Find(Host)));
    }

    public HostPorts Host { get; }

    public HostFacts Facts { get; }

    /// <summary>What is on the GPUs, by the driver.</summary>
    public HostReport Report => _report.Value.Value;

    /// <summary>GPUs as PCI shows them.</summary>
    public IReadOnlyList<PhysicalFunction> Gpus => _gpus.Value.Value;

    public HookSettings Settings => _settings.Value.Value;

    public HostLayout? Layout => _layout.Value.Value;

    public ClaimFile Claims => _claims.Value.Value;

    /// <summary>What is wrong and right with the hook of VMs.</summary>
    public IReadOnlyList<VgpuHookTestInfo> Hooks => _hooks.Value.Value;

    /// <summary>VMs of the node with the vGPUs that they request, templates left out.</summary>
    public IReadOnlyList<VmSnapshot> Vms => _vms.Value.Value;

    /// <summary>CPUs and memory of VMs with vGPUs.</summary>
    public IReadOnlyList<VmVgpuAffinityInfo> Affinity => _affinity.Value.Value;

    /// <summary>The host's CPUs and NUMA nodes.</summary>
    public CpuTopology Topology => _topology.Value.Value;

    /// <summary>The node's containers.</summary>
    public IReadOnlyList<ContainerConfig> Containers => _containers.Value.Value;

    /// <summary>What keeps the driver from its GPUs at a boot.</summary>
    public IReadOnlyList<DriverObstacle> Obstacles => _obstacles.Value.Value;

    public DriverFacts Driver => Facts.Driver.Value;

    public string Kernel => Facts.Kernel.Value;

    /// <summary>Whether the vGPU host driver is loaded and answers, so that it can be asked about GPUs.</summary>
    public bool DriverAnswers => _report.Value.IsRead;

    /// <summary>Why the driver does not answer; null where it does.</summary>
    public VgpuException? DriverProblem
    {
        get
        {
            try
            {
                _ = Report;
                return null;
            }
            catch (HostNotReadyException e)
            {
                return e;
            }
        }
    }

    /// <summary>What is to be done until GPUs match the layout.</summary>
    public Fact<ChangePlan> LayoutPlan { get; private set; } = VgpuPS.Core.Platform.Facts.Read(
        () => new ChangePlan("", [], []));

    /// <summary>Plans what the layout asks for, once; without a layout there is nothing to plan.</summary>
    public async Task PlanLayoutAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (Layout is { } layout)
            {
                var result = await new ApplyLayout(Host).RunAsync(
                    new ApplyLayoutRequest { Gpus = layout.Gpus, IsPlanOnly = true, Force = true, Reset = true },
                    new NoProgress(), cancellationToken).ConfigureAwait(false);
                LayoutPlan = VgpuPS.Core.Platform.Facts.Read(() => result.Plan);
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LayoutPlan = VgpuPS.Core.Platform.Facts.Unread<ChangePlan>(
                ProgramFaultException.Explain(failure, "plan of the layout"));
        }
    }

    /// <summary>Whether any fault keeps the driver from loading that another check reports.</summary>
    public bool IsRefusedBySecureBoot => Facts.Boot.Value.IsSecureBoot && !Driver.IsLoaded && FindInLog(
        "unavailable key is rejected", "bad shim signature", "required key not available") is not null;

    /// <summary>The last line of the kernel log that holds one of the phrases; null for none.</summary>
    public LogLine? FindInLog(params string[] phrases) => Facts.KernelLog.Value.LastOrDefault(l => l.Has(phrases));

    /// <summary>What the kernel's part of the driver last reported, for evidence; empty where it reported nothing, or
    /// the log may not be read.</summary>
    /// <param name="about">Text that its lines have, such as an address; null for any.</param>
    public string QuoteDriver(string? about = null)
    {
        List<LogLine> lines = Facts.KernelLog.IsRead
            ? [.. Facts.KernelLog.Value.Where(l => l.Has(["NVRM", "nvidia"]) && (about is null || l.Has([about])))]
            : [];
        return lines.Count == 0 ? "" : $"; {HostLog.QuoteErrors(lines)}";
    }

    /// <summary>What the vGPU manager logged, by VM.</summary>
    public VgpuManagerLog ManagerLog => _managerLog.Value.Value;

    /// <summary>When a vGPU last came up, by the manager's journal; null where none did, or that is unknown.</summary>
    public LogLine? LastGoodStart => Facts.JournalOf(HostUnits.VgpuManager)
        .LastOrDefault(l => l.Has(["display_init inst: 0 successful", "license state: Licensed"]));

    private static VgpuManagerLog ReadManagerLog(HostPorts host, HostFacts facts)
    {
        var vms = new Lazy<Dictionary<string, VmId>>(() => VmUuids.Find(host.Proxmox));
        return VgpuManagerLog.Read(
            facts.JournalOf(HostUnits.VgpuManager), u => vms.Value.TryGetValue(u, out var vm) ? vm : null);
    }

    private static Lazy<Fact<T>> Once<T>(Func<T> read) => new(() => VgpuPS.Core.Platform.Facts.Read(read));
}

/// <summary>Takes progress that nobody looks at.</summary>
internal sealed class NoProgress : IProgress<StepProgress>
{
    public void Report(StepProgress value)
    {
    }
}
