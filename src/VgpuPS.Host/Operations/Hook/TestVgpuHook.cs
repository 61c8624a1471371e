using VgpuPS.Core.Rows;
using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.Hook;

/// <summary>Looks whether the hook of VMs is registered, there, executable, of this version, and its chain
/// readable.</summary>
internal sealed class TestVgpuHook(HostPorts host)
{
    private static readonly string[] s_units = ["vgpups.service", "vgpups-sweep.timer"];

    /// <summary>Makes the checks; nothing is changed.</summary>
    /// <exception cref="ObjectNotFoundException">A VM that is named does not exist.</exception>
    /// <exception cref="VgpuException">This is not a Proxmox host, or our configuration cannot be read.</exception>
    public IReadOnlyList<VgpuHookTestInfo> Run(TestVgpuHookRequest request)
    {
        host.ConfigWriter.RequireProxmox();
        var settings = host.Settings.Load();
        var storages = new SnippetStorages(host);
        var isNamed = request.Vms.Count > 0;
        return
        [
            .. isNamed
                ? request.Vms.Select(v => VmFinder.Find(host, v)).SelectMany(v => Check(v, settings, storages))
                : host.Proxmox.GetVms().Order().SelectMany(v => CheckOne(v, settings, storages)),
            Row(
                null, null, "Installed", host.HookFiles.IsInstalled, HookVolume.InstalledPath,
                host.HookFiles.IsInstalled ? null : $"install the package: {HookVolume.InstalledPath} is missing"),
            .. s_units.Select(u => (Unit: u, IsEnabled: host.Services.IsEnabled(u))).Where(u => u.IsEnabled is not null)
                .Select(u => Row(
                    null, null, "Unit", u.IsEnabled == true, u.Unit,
                    u.IsEnabled == true ? null : $"enable it: systemctl enable --now {u.Unit}")),
        ];
    }

    /// <summary>A VM that cannot be read has a row that says so, and keeps no other from its own.</summary>
    private IReadOnlyList<VgpuHookTestInfo> CheckOne(
        VmId vm, HookSettings settings, SnippetStorages storages)
    {
        try
        {
            var subject = VmFinder.Read(host, vm);
            return IsConcerned(subject, settings) ? [.. Check(subject, settings, storages)] : [];
        }
        catch (ObjectNotFoundException)
        {
            // Moved or destroyed since the list was read.
            return [];
        }
        catch (Exception e) when (e is not AccessDeniedException)
        {
            var failure = ProgramFaultException.Explain(e, $"VM {vm}", vm.ToString());
            return [Row(vm.Value, null, "Readable", false, failure.Message, failure.RecommendedAction)];
        }
    }

    private static bool IsConcerned(VmSubject vm, HookSettings settings) =>
        HookVolume.IsOurs(vm.Config.NextValue("hookscript"))
        || vm.Config.NextHostPci.Any(e => VgpuEntries.TryGetType(e, vm.Id, settings, out _));

    private IEnumerable<VgpuHookTestInfo> Check(
        VmSubject vm, HookSettings settings, SnippetStorages storages)
    {
        var register = $"register it: Register-VgpuHook -VmId {vm.Id}";
        var current = vm.Config.NextValue("hookscript");
        var isOurs = current is not null && storages.HoldsHook(current);
        yield return Own("Registered", isOurs, current ?? "no hookscript", register);
        if (!isOurs)
        {
            yield break;
        }

        var path = storages.Resolve(current!);
        var file = path is null ? null : host.HookFiles.Find(path);
        yield return Own("File", file is not null, path ?? $"{current} points to no file", register);
        yield return Own(
            "Storage", storages.IsListed(current!), $"snippets in the content of {current!.Split(':')[0]}",
            storages.AllowCommand(current) is { } allow ? $"allow it: {allow}" : register);
        if (file is not null)
        {
            yield return Own("Executable", file.IsExecutable, path!, $"make it executable: chmod 755 {path}");
            yield return Own(
                "Content", file.IsHook,
                file.IsHook ? $"same as {HookVolume.InstalledPath}"
                    : $"another program than {HookVolume.InstalledPath}, perhaps of another version",
                register);
        }

        if (settings.Chain.GetValueOrDefault(vm.Id.ToString()) is { } chained)
        {
            var script = host.HookFiles.Find(chained.Path);
            yield return Own(
                "Chain", script is { IsExecutable: true },
                script is null ? $"{chained.Path} does not exist"
                    : script.IsExecutable ? chained.Path : $"{chained.Path} is not executable",
                script is null
                    ? $"restore it, or remove VM {vm.Id} from \"chain\" in /etc/vgpups/config.json"
                    : $"make it executable: chmod 755 {chained.Path}");
        }

        VgpuHookTestInfo Own(string check, bool passed, string detail, string action) =>
            Row(vm.Id.Value, vm.Config.Name, check, passed, detail, passed ? null : action);
    }

    private static VgpuHookTestInfo Row(
        int? vm, string? name, string check, bool passed, string detail, string? action) => new()
        {
            VmId = vm,
            VmName = name,
            Check = check,
            Passed = passed,
            Detail = detail,
            RecommendedAction = action,
        };
}

/// <summary>Asks whether the hook of VMs is as it must be.</summary>
public sealed record TestVgpuHookRequest
{
    /// <summary>VMs, by number or name; none for all of the node that have a vGPU or the hook.</summary>
    public IReadOnlyList<string> Vms { get; set; } = [];
}
