using VgpuPS.Core.Proxmox;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.LabHook.Commands;

/// <summary>A VM's life as <c>qm</c> and qmeventd run it.</summary>
internal sealed class VmCommands(LabHostNode node, Terminal terminal, TextWriter error)
{
    /// <summary>Exit code of a task of Proxmox that failed (assumed: Perl's die).</summary>
    private const int TaskFailed = 255;

    private const int LargestConfig = 1 << 20;
    private const int ConfigMode = FileModes.Mode640;

    /// <summary>Runs <c>vm VERB …</c>.</summary>
    public async Task<int> RunAsync(LabOptionsReader options, CancellationToken cancellationToken)
    {
        var devices = options.TakeAll("--hostpci");
        var words = options.Remaining.Skip(1).ToList();
        if (devices.Count > 0 && words is not ["create", ..])
        {
            throw LabOptionsReader.Wrong("--hostpci belongs to vm create");
        }

        return words switch
        {
            ["create", var id] => Create(ReadId(id), devices),
            ["import", var file] => Import(file, ReadId(Path.GetFileNameWithoutExtension(file))),
            ["import", var file, var id] => Import(file, ReadId(id)),
            ["start", var id] => await StartAsync(ReadId(id), cancellationToken).ConfigureAwait(false),
            ["stop", var id] => await EndAsync(
                ReadId(id), node.Proxmox.StopAsync, isGuest: false, cancellationToken).ConfigureAwait(false),
            ["shutdown", var id] => await EndAsync(
                ReadId(id), (vm, ct) => node.Proxmox.ShutdownAsync(vm, null, ct), isGuest: true, cancellationToken)
                .ConfigureAwait(false),
            ["crash", var id] => await CrashAsync(ReadId(id), cancellationToken).ConfigureAwait(false),
            ["restart", var id] => await EndAsync(
                ReadId(id), node.Proxmox.RebootAsync, isGuest: true, cancellationToken).ConfigureAwait(false),
            _ => throw LabOptionsReader.Wrong($"not understood: vm {string.Join(' ', words)}"),
        };
    }

    private int Create(VmId vm, IReadOnlyList<string> devices)
    {
        RequireNew(vm);
        foreach (var device in devices)
        {
            var at = device.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || !device[..at].All(char.IsAsciiDigit) || device.Any(char.IsControl))
            {
                throw LabOptionsReader.Wrong(
                    $"--hostpci '{device}' is not N=VALUE, such as 0=0000:4b:00.4,mdev=nvidia-689");
            }
        }

        node.CreateVm(vm, devices);
        terminal.WriteLine($"VM {vm} is in {node.ConfigPath(vm)}, with the hook {LabHostNode.HookVolume}");
        return 0;
    }

    private int Import(string file, VmId vm)
    {
        RequireNew(vm);
        var content = LocalFile.Read(file, LargestConfig);
        node.Host.Files.WriteWhole(node.ConfigPath(vm), content, ConfigMode);
        var hook = VmConfigReader.Read(content, node.Generation).HookScript;
        terminal.WriteLine($"VM {vm} is in {node.ConfigPath(vm)}, "
            + $"{(hook is null ? "without a hookscript: Proxmox calls none" : $"with the hook {hook}")}");
        return 0;
    }

    private void RequireNew(VmId vm)
    {
        if (node.Host.Files.GetInfo(node.ConfigPath(vm)) is not null)
        {
            throw new InvalidRequestException(
                ErrorIds.VmExists, $"VM {vm} already exists",
                $"use another number, or see it: vgpu-lab cat {node.ConfigPath(vm)}",
                vm.ToString());
        }
    }

    private async Task<int> StartAsync(VmId vm, CancellationToken cancellationToken) =>
        Report(await RunTaskAsync(() => node.Proxmox.StartAsync(vm, null, cancellationToken)).ConfigureAwait(false));

    private async Task<int> EndAsync(
        VmId vm, Func<VmId, CancellationToken, Task<LabTaskResult>> end, bool isGuest,
        CancellationToken cancellationToken) =>
        Report(await RunTaskAsync(() => node.Proxmox.EndAsync(vm, end, isGuest, cancellationToken))
            .ConfigureAwait(false));

    private async Task<int> CrashAsync(VmId vm, CancellationToken cancellationToken)
    {
        if (node.Host.GetQemuPid(vm) is null)
        {
            throw new InvalidRequestException(
                ErrorIds.VmNotRunning, $"VM {vm} does not run", $"start it: vgpu-lab vm start {vm}", vm.ToString());
        }

        await node.Proxmox.KillQemuAsync(vm).ConfigureAwait(false);
        return Report(await RunTaskAsync(
            () => node.Proxmox.CleanupAsync(vm, false, false, cancellationToken)).ConfigureAwait(false));
    }

    /// <summary>Runs a task; what hookscripts and Proxmox print goes to the caller, as in a task's log.</summary>
    private async Task<LabTaskResult> RunTaskAsync(Func<Task<LabTaskResult>> task)
    {
        node.HookOutput = (text, errorText) =>
        {
            terminal.Output.Write(text);
            error.Write(errorText);
        };
        var before = node.Proxmox.Timeline.Events.Count;
        var began = node.Host.Clock.GetTimestamp();
        var result = await task().ConfigureAwait(false);
        foreach (var entry in node.Proxmox.Timeline.Events.Skip(before))
        {
            if ((string?)entry["event"] == "warning")
            {
                error.WriteLine((string?)entry["text"]);
            }
        }

        if (node.HasTiming)
        {
            terminal.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"took {node.Host.Clock.GetElapsedTime(began).TotalSeconds:0.0} s of the host's time"));
        }

        return result;
    }

    private int Report(LabTaskResult result)
    {
        if (result.Error is { } text)
        {
            error.WriteLine(text);
            return TaskFailed;
        }

        return 0;
    }

    private static VmId ReadId(string text) => VmId.TryParse(text, out var vm)
        ? vm
        : throw LabOptionsReader.Wrong($"'{text}' is not a VM number (100 to 999999999)");
}
