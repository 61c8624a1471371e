using VgpuPS.Host.Operations.Hook;

namespace VgpuPS.Host.Operations.Setup;

/// <summary>Installs the product on its host; what is right already is left alone, so it is idempotent.</summary>
/// <remarks>
/// No lock is taken: every file is replaced whole, a hook that runs keeps its program, and the sweep runs by the new
/// one.
/// </remarks>
internal sealed class InstallHost(HostPorts host)
{
    /// <summary>The default configuration.</summary>
    public const string ConfigPath = "/etc/vgpups/config.json";

    private static readonly (string Unit, bool Now)[] s_enabled = [("vgpups.service", false),
        ("vgpups-sweep.timer", true)];

    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        InstallHostRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        host.ConfigWriter.RequireProxmox();
        if (host.Install.PackageVersion is { } package)
        {
            throw new InvalidRequestException(
                ErrorIds.InstalledByPackage,
                $"node {host.Proxmox.Node} has the Debian package vgpups {package}, which owns its files",
                "update it there: dpkg -i vgpups_VERSION_amd64.deb; or remove it first: dpkg -r vgpups",
                host.Proxmox.Node);
        }

        if (request.IsUpdate && !host.HookFiles.IsInstalled)
        {
            throw new ObjectNotFoundException(
                ErrorIds.HookNotInstalled, $"node {host.Proxmox.Node} has no vgpu-hook that could be updated",
                $"install it: Install-VgpuHost -HostName {host.Proxmox.Node}", host.Proxmox.Node);
        }

        var steps = Plan(request);
        return await Executor.RunAsync(host, request, $"node {host.Proxmox.Node}", steps, progress, cancellationToken)
            .ConfigureAwait(false);
    }

    private List<ChangeStep> Plan(InstallHostRequest request)
    {
        var source = request.Program ?? host.Install.RunningProgram;
        var wanted = Checksum(source)
            ?? throw new ObjectNotFoundException(
                ErrorIds.HookNotInstalled, $"there is no program {source} on node {host.Proxmox.Node}",
                "name the published program: Install-VgpuHost -Path out/hook/vgpu-hook", source);
        if (request.Sha256 is { } expected && !string.Equals(expected, wanted, StringComparison.OrdinalIgnoreCase))
        {
            throw new UnreadableDataException(
                ErrorIds.ReadBackMismatch,
                $"the program arrived with SHA-256 {wanted}, and {expected} was sent",
                "send it again: Install-VgpuHost", source);
        }

        var steps = new List<ChangeStep>();
        AddProgram(steps, source, wanted);
        AddUnits(steps);
        if (host.Install.Read(ConfigPath) is null)
        {
            steps.Add(new ChangeStep(
                $"write the default configuration to {ConfigPath}", "install", ConfigPath,
                () => host.Install.Write(ConfigPath, "{}\n"u8, isExecutable: false)));
        }

        AddSnippets(steps, request, source);
        return steps;
    }

    private string? Checksum(string path) => host.Install.Read(path) is { } content ? Sha256.Of(content) : null;

    private void AddProgram(List<ChangeStep> steps, string source, string wanted)
    {
        var present = Checksum(HookVolume.InstalledPath);
        if (present == wanted && host.HookFiles.IsInstalled)
        {
            return;
        }

        steps.Add(new ChangeStep(
            $"{(present is null ? "write" : "replace")} the program {HookVolume.InstalledPath}", "install",
            HookVolume.InstalledPath, () =>
            {
                host.Install.Write(HookVolume.InstalledPath, host.Install.Read(source), isExecutable: true);
                if (Checksum(HookVolume.InstalledPath) != wanted)
                {
                    throw new HostNotReadyException(
                        ErrorIds.ReadBackMismatch,
                        $"{HookVolume.InstalledPath} does not have the SHA-256 {wanted} after it was written",
                        "look at the storage: df -h /usr/lib; journalctl -k -p err", HookVolume.InstalledPath);
                }
            }));
    }

    private void AddUnits(List<ChangeStep> steps)
    {
        var changed = host.Install.Units
            .Where(u => host.Install.Read(u.Key) is not { } present || !present.AsSpan().SequenceEqual(u.Value))
            .ToList();
        foreach (var (path, content) in changed)
        {
            steps.Add(new ChangeStep(
                $"write the unit {path}", "install", path,
                () => host.Install.Write(path, content, isExecutable: false)));
        }

        if (changed.Count > 0)
        {
            steps.Add(new ChangeStep("reload systemd's units", "reload", "systemd", host.Services.ReloadAsync));
        }

        foreach (var (unit, now) in s_enabled.Where(u => host.Services.IsEnabled(u.Unit) != true))
        {
            steps.Add(new ChangeStep(
                now ? $"enable and start {unit}" : $"enable {unit}, which restores the layout at every boot", "enable",
                unit,
                token => host.Services.EnableAsync(unit, isEnabled: true, now, token)));
        }
    }

    private void AddSnippets(List<ChangeStep> steps, InstallHostRequest request, string source)
    {
        var storages = new SnippetStorages(host);
        var volume = storages.Find(request.Storage);
        if (volume is null)
        {
            var (storage, content) = storages.Allowable(request.Storage);
            if (!request.EnableSnippets)
            {
                throw new HostNotReadyException(
                    ErrorIds.NoSnippetStorage, $"storage {storage} of node {host.Proxmox.Node} does not allow "
                        + "snippets, and the hook is one",
                    "allow it with -EnableSnippets, or by hand: "
                    + $"pvesm set {storage} --content {string.Join(',', content)}", storage);
            }

            steps.Add(new ChangeStep(
                $"allow snippets on storage {storage}", "allowSnippets", storage,
                token => host.Install.SetStorageContentAsync(storage, content, token)));
            volume = HookVolume.On(storage);
        }

        var program = host.Install.Read(source);
        foreach (var path in storages.Copies().Append(storages.Resolve(volume)!).Distinct(StringComparer.Ordinal))
        {
            if (host.Install.Read(path) is not { } present || !present.AsSpan().SequenceEqual(program)
                || host.HookFiles.Find(path) is not { IsExecutable: true })
            {
                steps.Add(new ChangeStep(
                    $"write the hook to {path}", "install", path,
                    () => host.Install.Write(path, program, isExecutable: true)));
            }
        }
    }
}

/// <summary>
/// Requests the program that runs to be installed on its host: program, units, snippet, default configuration.
/// </summary>
public sealed record InstallHostRequest : ChangeRequest
{
    /// <summary>The program to install, a path on the host; null for the one that runs.</summary>
    public string? Program { get; init; }

    /// <summary>SHA-256 that the program must have, hexadecimal; null where it is unknown.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Storage for the snippet; null for the present one, or the best.</summary>
    public string? Storage { get; init; }

    /// <summary>Whether a storage may be allowed to hold snippets where none is.</summary>
    public bool EnableSnippets { get; init; }

    /// <summary>Whether only a host that has the product already is meant.</summary>
    public bool IsUpdate { get; init; }
}
