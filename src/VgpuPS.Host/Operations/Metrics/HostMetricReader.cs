using VgpuPS.Core.Boot;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Metrics;
using VgpuPS.Core.Text;
using VgpuPS.Host.Operations.VmStart;

namespace VgpuPS.Host.Operations.Metrics;

/// <summary>Reads what needs neither the driver nor the host lock: a few files.</summary>
/// <param name="host">The host.</param>
/// <param name="found">Takes what is read.</param>
internal sealed class HostMetricReader(HostPorts host, MetricCollection found)
{
    /// <summary>Parts that can fail.</summary>
    public const string Claims = "claims", Boot = "boot", Pci = "pci", Driver = "driver", Vms = "vms",
        Hook = "hook", Doctor = "doctor";

    // A name in Proxmox is a DNS name; one that somebody wrote by hand is as long as it likes.
    private const int MaxName = 128;

    /// <summary>Claims that count; none where they cannot be read.</summary>
    public ClaimFile File { get; private set; } = ClaimFile.Empty;

    /// <summary>GPUs, ascending address; none where they cannot be read.</summary>
    public IReadOnlyList<PhysicalFunction> Gpus { get; private set; } = [];

    /// <summary>Reads it.</summary>
    public void Read()
    {
        found.Add(HostMetrics.Build, 1, ProgramVersion.Own);
        found.Add(HostMetrics.Host, 1, host.Proxmox.Node, host.Proxmox.KernelRelease);
        Try(Claims, ReadClaims);
        Try(Boot, ReadBoot);
        Try(Hook, () => AddAll(RecordMetrics.Of(host.Counters.Load())));
        Try(Doctor, () => AddAll(host.DoctorRecord.Load() is { } record ? RecordMetrics.Of(record) : []));
        Try(Pci, ReadFunctions);
    }

    /// <summary>Names of VMs.</summary>
    public void ReadNames(IEnumerable<VmId> vms)
    {
        foreach (var vm in vms.Distinct().Order())
        {
            Try(Vms, () =>
            {
                if (VmConfigReader.FindName(host.Proxmox.ReadConfig(vm, null)) is { } name)
                {
                    found.Add(HostMetrics.Vm, 1, vm.ToString(), Shorten(VisibleText.Of(name)));
                }
            });
        }
    }

    /// <summary>Runs a part; what cannot be read is remembered, and does not keep the rest from being read.</summary>
    public void Try(string part, Action read)
    {
        try
        {
            read();
        }
        catch (ObjectNotFoundException) when (part == Vms)
        {
            // Its VM was destroyed, or moved to another node, since.
        }
        catch (VgpuException)
        {
            found.Fail(part);
        }
    }

    private static string Shorten(string name) => name.Length <= MaxName ? name
        : name[..(char.IsHighSurrogate(name[MaxName - 2]) ? MaxName - 2 : MaxName - 1)] + '…';

    private void AddAll(IEnumerable<MetricSample> samples)
    {
        foreach (var sample in samples)
        {
            found.Add(sample.Family, sample.Value, [.. sample.Labels]);
        }
    }

    private void ReadClaims()
    {
        File = host.Claims.Load();
        foreach (var state in Enum.GetValues<ClaimState>())
        {
            found.Add(
                HostMetrics.Claims, File.Claims.Count(c => c.State == state), state.ToString().ToLowerInvariant());
        }

        var stale = File.Claims.Select(c => c.Vm).Distinct().Where(vm => ClaimSweeper.IsStale(host, File, vm)).ToList();
        found.Add(HostMetrics.Orphans, File.Claims.Count(c => stale.Contains(c.Vm)), "claim");
    }

    private void ReadBoot()
    {
        if (host.BootStatus.Load() is not { } status)
        {
            return;
        }

        // While it works it has neither done its work nor failed to.
        if (status.State != BootStatus.Running)
        {
            found.Add(HostMetrics.BootSuccess, status.State == BootStatus.Done ? 1 : 0);
        }

        if (DateTimeOffset.TryParse(
            status.Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            found.Add(HostMetrics.BootTime, time.ToUnixTimeMilliseconds() / 1000.0);
        }

        found.Add(HostMetrics.BootDuration, status.Seconds);
        foreach (var outcome in new[] { BootGpuStatus.Restored, BootGpuStatus.Unchanged, BootGpuStatus.Failed })
        {
            found.Add(HostMetrics.BootGpus, status.Gpus.Count(g => g.Outcome == outcome), outcome);
        }
    }

    private void ReadFunctions()
    {
        Gpus = host.Devices.GetGpus();
        foreach (var gpu in Gpus)
        {
            found.Add(GpuMetrics.Functions, gpu.TotalFunctions, gpu.Address.ToString());
            found.Add(GpuMetrics.FunctionsEnabled, gpu.EnabledFunctions, gpu.Address.ToString());
        }
    }
}
