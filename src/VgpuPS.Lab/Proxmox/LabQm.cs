using VgpuPS.Host.Proxmox;
using VgpuPS.Lab.Guests;

namespace VgpuPS.Lab.Proxmox;

/// <summary>The program <c>qm</c>, as far as the lab goes: set, config, pending, start, shutdown, stop, migrate, list,
/// status.</summary>
/// <remarks>
/// Source: facts/proxmox.md (g) for forms; the task's own texts as <see cref="LabProxmox"/> says. Assumed: exit code
/// 255 of a failed task, 2 of wrong arguments; the texts about wrong arguments; that a start needs quorum.
/// </remarks>
internal sealed partial class LabQm(LabHost host)
{
    /// <summary>Where the program is.</summary>
    public const string Path = QmConfigWriter.Tool;

    private const int TaskFailed = 255;
    private const int WrongArguments = 2;

    private readonly Lazy<LabProxmox> _proxmox = new(() => Proxmox(host, new LabTimeline(withStates: false)));

    /// <summary>Runs a command line.</summary>
    public async Task<ProcessResult> RunAsync(
        IReadOnlyList<string> arguments, string input, CancellationToken cancellationToken)
    {
        if (host.State.Setup.CallersAreUnprivileged)
        {
            return Fail(TaskFailed, "please run as root");
        }

        if (arguments is ["list"])
        {
            return List();
        }

        string[] all = [.. arguments];
        if (all is ["guest", var what, var id, .. var words] && VmId.TryParse(id, out var asked))
        {
            return new LabGuestAgent(host).Run(asked, Read(asked), [what, .. words], input, cancellationToken);
        }

        if (arguments.Count < 2 || !VmId.TryParse(arguments[1], out var vm))
        {
            return Fail(WrongArguments, "400 not enough arguments\nqm <COMMAND> <vmid> [OPTIONS]");
        }

        return (arguments[0], arguments.Count) switch
        {
            ("start", _) when host.State.Joined is { IsQuorate: false } =>
                Fail(TaskFailed, "cluster not ready - no quorum?"),
            ("set", _) => await SetAsync(vm, [.. arguments.Skip(2)], cancellationToken).ConfigureAwait(false),
            ("config", 2) => Show(vm, isPending: false),
            ("pending", 2) => Show(vm, isPending: true),
            ("status", 2) => Status(vm),
            ("start" or "shutdown" or "stop", _) => await PowerAsync(
                arguments[0], vm, [.. arguments.Skip(2)], cancellationToken).ConfigureAwait(false),
            ("migrate", > 2) => await MigrateAsync(vm, [.. arguments.Skip(2)], cancellationToken).ConfigureAwait(false),
            _ => Fail(WrongArguments, $"ERROR: unknown command 'qm {string.Join(' ', arguments)}' in the lab"),
        };
    }

    private static LabProxmox Proxmox(LabHost host, LabTimeline timeline) =>
        new(host, new LabProxmoxOptions(host.State.Setup.Node, Generation(host)), timeline);

    private static PveGeneration Generation(LabHost host) =>
        LabRelease.Of(host.State.Setup.PveVersion).Generation;

    private async Task<ProcessResult> SetAsync(VmId vm, List<string> options, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        string? digest = null;
        string[] deletions = [];
        for (var at = 0; at < options.Count; at++)
        {
            var name = options[at].TrimStart('-');
            var equals = name.IndexOf('=', StringComparison.Ordinal);
            if (!options[at].StartsWith('-') || (equals < 0 && at + 1 >= options.Count))
            {
                return Fail(WrongArguments, "400 unable to parse option\nqm set <vmid> [OPTIONS]");
            }

            var value = equals < 0 ? options[++at] : name[(equals + 1)..];
            switch (equals < 0 ? name : name[..equals])
            {
                case "digest":
                    digest = value;
                    break;
                case "delete":
                    deletions = value.Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries);
                    break;
                case var key when Check(key, value) is { } wrong:
                    return Fail(WrongArguments, wrong);
                case var key:
                    values[key] = value;
                    break;
            }
        }

        return deletions.FirstOrDefault(values.ContainsKey) is { } both
            ? Fail(
                WrongArguments, $"400 Parameter verification failed.\ndelete: you can't use '-{both}' and -delete "
                    + $"{both}' at the same time")
            : From(
                await _proxmox.Value.SetAsync(vm, values, deletions, digest, cancellationToken).ConfigureAwait(false));
    }

    // By the reader's own rules: a line that it would drop is refused here, as Proxmox does.
    private string? Check(string key, string value)
    {
        var config = VmConfigReader.Read($"{key}: {value}\n", Generation(host));
        return config.Dropped switch
        {
            [] => null,
            [{ Kind: DroppedLineKind.UnknownKey }, ..] =>
                $"Unknown option: {key}\n400 unable to parse option\nqm set <vmid> [OPTIONS]",
            [var dropped, ..] =>
                $"400 Parameter verification failed.\n{key}: invalid format - {dropped.Reason}\n\nqm set <vmid> "
                    + "[OPTIONS]",
        };
    }

    private ProcessResult Show(VmId vm, bool isPending)
    {
        if (Read(vm) is not { } config)
        {
            return Missing(vm);
        }

        var text = new StringBuilder();
        var keys = config.Main.Keys.Concat(config.Pending.Keys).Distinct().Order(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            var (now, next) = (config.Main[key], config.NextValue(key));
            if (!isPending)
            {
                text.Append(next is null ? "" : $"{key}: {next}\n");
                continue;
            }

            text.Append(now is null ? "" : $"cur {key}: {now}\n");
            text.Append(next == now ? "" : next is null ? $"del {key}\n" : $"new {key}: {next}\n");
        }

        return Say(text.ToString());
    }

    private ProcessResult Status(VmId vm) =>
        Read(vm) is null ? Missing(vm) : Say(host.GetQemuPid(vm) is null ? "status: stopped\n" : "status: running\n");

    private ProcessResult List()
    {
        var text = new StringBuilder("      VMID NAME                 STATUS     MEM(MB)    BOOTDISK(GB) PID       \n");
        foreach (var name in host.Files.List($"{PvePaths.Nodes}/{host.State.Setup.Node}/qemu-server") ?? [])
        {
            if (name.EndsWith(".conf", StringComparison.Ordinal) && VmId.TryParse(name[..^5], out var vm)
                && Read(vm) is { } config)
            {
                var pid = host.GetQemuPid(vm);
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{vm,10} {config.Name ?? $"VM {vm}",-20} {(pid is null ? "stopped" : "running"),-10} "
                        + $"{config.MemoryMiB ?? 512,-10} {32.0,12:0.00} {pid ?? 0,-10}\n");
            }
        }

        return Say(text.ToString());
    }

    /// <summary>A VM's name; null where it has none.</summary>
    public string? NameOf(VmId vm) => Read(vm)?.Name;

    private VmConfig? Read(VmId vm)
    {
        try
        {
            var path = PvePaths.Config(host.State.Setup.Node, vm);
            return VmConfigReader.Read(host.Files.Read(path, PvePaths.ReadLimit), Generation(host));
        }
        catch (HostFileException)
        {
            return null;
        }
    }

    private ProcessResult Missing(VmId vm) => Fail(
        TaskFailed, $"Configuration file 'nodes/{host.State.Setup.Node}/qemu-server/{vm}.conf' does not exist");

    private static ProcessResult From(LabTaskResult result) => result.Error is { } error
        ? Fail(TaskFailed, error)
        : Say(string.Concat(result.Output.Select(line => line + "\n")));

    private static ProcessResult Say(string output) => new(0, null, false, 0, output, "");

    private static ProcessResult Fail(int code, string error) => new(code, null, false, 0, "", error + "\n");
}
