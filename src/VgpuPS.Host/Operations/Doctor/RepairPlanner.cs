using VgpuPS.Core.Platform;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Operations.VmStart;

namespace VgpuPS.Host.Operations.Doctor;

/// <summary>Finds the step that repairs each finding; several findings may have one step.</summary>
/// <param name="host">The host.</param>
/// <param name="request">What is asked.</param>
/// <param name="progress">Notified by changes that the steps are made of.</param>
internal sealed class RepairPlanner(HostPorts host, RepairHostRequest request, IProgress<StepProgress> progress)
{
    private static readonly string[] s_swept = ["StaleClaim", "IdleHookInstance", "ClaimsUnreadable"];
    private static readonly string[] s_hookFile = ["HookFileMissing", "HookNotExecutable", "HookOutdated"];

    /// <summary>Plans; services first, since what follows may need them.</summary>
    public IReadOnlyList<ChangeStep> Plan(IReadOnlyList<VgpuHostTestInfo> findings)
    {
        var ids = findings.Where(f => f.Repairable).Select(f => f.Check).ToHashSet(StringComparer.Ordinal);
        List<ChangeStep> steps = [.. PlanServices(ids)];
        if (ids.Contains("SnippetsNotAllowed"))
        {
            steps.AddRange(PlanStorages());
        }

        if (ids.Overlaps(s_hookFile))
        {
            steps.AddRange(PlanHookFiles());
        }

        if (ids.Overlaps(s_swept))
        {
            steps.Add(Step(
                "sweep: release orphaned objects of VMs that neither run nor start",
                token => new SweepHost(host).RunAsync(token)));
        }

        if (findings.FirstOrDefault(f => f is { Check: "LayoutDiffers", Repairable: true }) is { } layout)
        {
            steps.Add(Step($"apply the layout: {layout.Evidence}", token => new ApplyLayout(host).RunAsync(
                new ApplyLayoutRequest { Source = request.Source }, progress, token)));
        }

        return steps;
    }

    private IEnumerable<ChangeStep> PlanServices(HashSet<string> ids)
    {
        List<string> start = [];
        if (ids.Contains("VgpudFailed"))
        {
            start.Add(HostUnits.Vgpud);
        }

        if (ids.Contains("VgpuManagerDown"))
        {
            start.Add(HostUnits.VgpuManager);
        }

        if (start.Count > 0)
        {
            yield return Step($"start {string.Join(" and ", start)}", token => host.Services.StartAsync(start, token));
        }

        foreach (var unit in new[]
        {
            ("BootServiceDisabled", HostUnits.Boot),
            ("SweepTimerDisabled", HostUnits.SweepTimer)
        }.Where(u => ids.Contains(u.Item1)))
        {
            yield return Step($"enable {unit.Item2}",
                token => host.Services.EnableAsync(unit.Item2, isEnabled: true, now: true, token));
        }
    }

    private IEnumerable<ChangeStep> PlanStorages()
    {
        var storages = StorageConfig.Read(host.Proxmox.ReadStorages() ?? []);
        foreach (var storage in HookVolumes().Select(v => storages.Find(v.Split(':')[0])).OfType<StorageEntry>()
            .Where(s => !s.AllowsSnippets).DistinctBy(s => s.Id))
        {
            string[] content = [.. storage.Content.Append("snippets").Distinct()];
            yield return Step(
                $"allow snippets on storage {storage.Id}",
                token => host.Install.SetStorageContentAsync(storage.Id, content, token));
        }
    }

    private IEnumerable<ChangeStep> PlanHookFiles()
    {
        var storages = new SnippetStorages(host);
        foreach (var path in HookVolumes().Select(storages.Resolve).OfType<string>().Distinct(StringComparer.Ordinal)
            .Where(p => host.HookFiles.Find(p) is not { IsRight: true }))
        {
            yield return Step($"write the hook to {path} (copy of {HookVolume.InstalledPath})", _ =>
            {
                host.HookFiles.Install(path);
                return Task.CompletedTask;
            });
        }
    }

    private ChangeStep Step(string text, Func<CancellationToken, Task> run) =>
        new(text, run) { Event = new StepEvent("repairHost", host.Proxmox.Node, "", text) };

    private IEnumerable<string> HookVolumes() => host.Proxmox.GetVms().Order()
        .Select(v => VmFinder.Read(host, v).Config.NextValue("hookscript")).OfType<string>().Where(HookVolume.IsOurs)
        .Distinct();
}
