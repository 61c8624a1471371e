using VgpuPS.Core.Events;
using VgpuPS.Core.Platform;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.State;

namespace VgpuPS.Host.Operations.Setup;

/// <summary>Takes the product off its host; GPUs, instances and VM configurations stay as they are.</summary>
internal sealed class UninstallHost(HostPorts host)
{
    private static readonly string[] s_configuration =
        ["/etc/vgpups/config.json", "/etc/vgpups/layout.json", "/var/log/vgpups/events.jsonl"];

    private static readonly string[] s_runtime = ["/run/vgpups/claims.json", "/run/vgpups/boot.json",
        "/run/vgpups/counters.json", "/run/vgpups/counters.lock", "/run/vgpups/doctor.json", "/run/vgpups/lock.waiting",
        "/run/vgpups/lock"];

    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        UninstallHostRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        host.ConfigWriter.RequireProxmox();
        if (host.Install.PackageVersion is { } package)
        {
            throw new InvalidRequestException(
                ErrorIds.InstalledByPackage,
                $"node {host.Proxmox.Node} has the product from the Debian package vgpups {package}",
                "remove it there: dpkg -r vgpups; with its configuration: dpkg -P vgpups", host.Proxmox.Node);
        }

        var storages = new SnippetStorages(host);
        RequireUnused(storages);
        var steps = Plan(request, storages);
        if (request.RemoveConfiguration)
        {
            await AddBootFilesAsync(request, steps, cancellationToken).ConfigureAwait(false);
        }

        return await Executor.RunAsync(
            host with { Events = request.RemoveConfiguration ? new NoEvents() : host.Events }, request,
            $"node {host.Proxmox.Node}", steps, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A VM whose hookscript is gone does not start at all, so none may have it.</summary>
    private void RequireUnused(SnippetStorages storages)
    {
        var planner = new HookPlanner(host, host.Settings.Load());
        var copies = storages.Copies();
        var users = host.Proxmox.GetVms().Order().Select(v => VmFinder.Read(host, v))
            .Where(v => v.Config.NextValue("hookscript") is { } volume
                && (storages.HoldsHook(volume) || copies.Contains(storages.Resolve(volume))))
            .Select(v => v.Label).ToList();
        var others = FindUsersElsewhere(storages, copies);
        if (users.Count + others.Count > 0)
        {
            throw new ResourceBusyException(
                ErrorIds.HookInUse,
                $"{users.Count + others.Count} VMs have the hook, and would not start without it: "
                    + $"{string.Join(", ", users.Concat(others))}",
                others.Count == 0 ? "unregister it from them first: Get-VgpuHook | Unregister-VgpuHook -Force"
                    : "unregister it from them first, on their nodes too: Get-VgpuHook | Unregister-VgpuHook -Force; "
                        + "for a node that is down: "
                    + "edit /etc/pve/nodes/<node>/qemu-server/<vm>.conf",
                host.Proxmox.Node);
        }
    }

    /// <summary>
    /// VMs of other nodes whose hookscript is a copy that goes away here. The cluster's file system has their
    /// configurations whether their node is up or not.
    /// </summary>
    private List<string> FindUsersElsewhere(SnippetStorages storages, IReadOnlyList<string> copies)
    {
        var users = new List<string>();
        foreach (var (vm, node) in copies.Count == 0 ? [] : host.Proxmox.GetVmsElsewhere())
        {
            try
            {
                var config = VmConfigReader.Read(host.Proxmox.ReadConfig(vm, node), PveGeneration.Pve9);
                string?[] volumes = [config.NextValue("hookscript"), config.Main["hookscript"]];
                if (volumes.OfType<string>().Any(v => storages.IsSharedWith(v, node, copies)))
                {
                    users.Add($"VM {vm}{(config.Name is { } name ? $" ({name})" : "")} of node {node}");
                }
            }
            catch (ObjectNotFoundException)
            {
                // Moved or destroyed since the list was read.
            }
        }

        return users;
    }

    private List<ChangeStep> Plan(UninstallHostRequest request, SnippetStorages storages)
    {
        var steps = new List<ChangeStep>();
        foreach (var unit in host.Install.Units.Keys.Select(Name).Where(u => host.Services.IsEnabled(u) == true))
        {
            steps.Add(new ChangeStep(
                $"stop and disable {unit}", "disable", unit,
                token => host.Services.EnableAsync(unit, isEnabled: false, now: true, token)));
        }

        var units = host.Install.Units.Keys.Where(p => host.Install.Read(p) is not null).ToList();
        steps.AddRange(units.Select(Remove));
        if (units.Count > 0)
        {
            steps.Add(new ChangeStep("reload systemd's units", "reload", "systemd", host.Services.ReloadAsync));
        }

        steps.AddRange(storages.Copies().Append(HookVolume.InstalledPath)
            .Concat(s_runtime).Concat(request.RemoveConfiguration ? s_configuration : [])
            .Where(p => host.Install.Read(p) is not null).Select(Remove));
        if (steps.Count > 0)
        {
            steps.Add(
                new ChangeStep("remove the folders that are empty now", "uninstall", "folders", RemoveFoldersAsync));
        }

        return steps;
    }

    /// <summary>What was given to the kernel by a file of ours goes with it; what stands in others' files is
    /// theirs.</summary>
    private async Task AddBootFilesAsync(
        UninstallHostRequest request, List<ChangeStep> steps, CancellationToken cancellationToken)
    {
        if (host.Install.Read(GrubDropIn.Path) is not null)
        {
            var boot = (await host.Platform.ReadAsync(cancellationToken).ConfigureAwait(false)).Boot.Value;
            steps.Insert(0, boot.Loader == BootLoader.Grub
                ? new ChangeStep(
                    $"remove {GrubDropIn.Path} and run {boot.RefreshCommand}: "
                        + "the next boot has the parameters of the other files again", "uninstall", GrubDropIn.Path,
                    token => host.Preparation.SetGrubAsync(boot, null, new LoaderExpectation(null, [], []), token))
                : Remove(GrubDropIn.Path));
        }

        foreach (var edited in ((string[])[BootFacts.GrubPath, BootFacts.KernelPath])
            .Where(p => !request.IsPlanOnly && host.Install.Read($"{p}.vgpups.bak") is not null))
        {
            host.Warn(
                $"{edited} was edited when the host was prepared and is left as it is; its original is "
                    + $"{edited}.vgpups.bak");
        }
    }

    private async Task RemoveFoldersAsync(CancellationToken cancellationToken)
    {
        foreach (var folder in (string[])[
            "/usr/lib/vgpups", "/run/vgpups", "/etc/vgpups", "/var/log/vgpups", UploadFolder.Root, UploadFolder.Parent,
            .. host.Install.Units.Keys.Select(p => p[..p.LastIndexOf('/')])
                .Where(f => f.EndsWith(".d", StringComparison.Ordinal))])
        {
            await host.Install.RemoveFolderAsync(folder, cancellationToken).ConfigureAwait(false);
        }
    }

    private ChangeStep Remove(string path) => new($"remove {path}", "uninstall", path, () => host.Install.Remove(path));

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>The log itself goes, so nothing is written to it any more.</summary>
    private sealed class NoEvents : IEventLog
    {
        public void Write(HostEvent entry)
        {
        }
    }
}

/// <summary>Requests the product to be taken off its host.</summary>
public sealed record UninstallHostRequest : ChangeRequest
{
    /// <summary>Whether configuration, layout and log go as well.</summary>
    public bool RemoveConfiguration { get; init; }
}
