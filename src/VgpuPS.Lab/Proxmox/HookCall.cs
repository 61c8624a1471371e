using System.Text.Json.Nodes;

namespace VgpuPS.Lab.Proxmox;

/// <summary>One call of a VM's hookscript.</summary>
/// <remarks>
/// Source: facts/proxmox.md (a), PVE::GuestHelpers check_hookscript and exec_hookscript; recordings.
/// </remarks>
internal sealed class HookCall(PveHost host)
{
    /// <summary>Calls the hookscript, if the VM has one.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="config">Its configuration as loaded, whatever the file says by now.</param>
    /// <param name="phase">pre-start, post-start, pre-stop or post-stop.</param>
    /// <param name="migratedFrom">PVE_MIGRATED_FROM, null when not set.</param>
    /// <param name="cancellationToken">Ends the wait, which has no limit of its own.</param>
    /// <exception cref="ProxmoxFailure">It failed in pre-start; other phases only warn.</exception>
    public async Task CallAsync(
        VmId vm, VmConfig config, string phase, string? migratedFrom, CancellationToken cancellationToken)
    {
        if (config.HookScript is not { } volume)
        {
            return;
        }

        var (path, error) = Check(volume);
        var began = host.Machine.Clock.GetUtcNow();
        RecordCall(vm, phase, migratedFrom, path is not null);
        if (path is not null)
        {
            var result = await host.Machine.RunHookAsync(path, vm, phase, migratedFrom, cancellationToken)
                .ConfigureAwait(false);
            RecordOutput(result);
            error = Error(result, $"{path} {vm} {phase}");
        }

        RecordEnd(phase, error is null, host.Machine.Clock.GetUtcNow() - began);
        if (error is null)
        {
            return;
        }

        var text = $"hookscript error for {vm} on {phase}: {error}";
        if (phase == "pre-start")
        {
            throw new ProxmoxFailure(text);
        }

        host.Warn(text);
    }

    /// <summary>Where a hookscript leads, or Proxmox's refusal; checked when it is set and again at every
    /// phase.</summary>
    public (string? Path, string? Error) Check(string volume)
    {
        var storages = StorageConfig.Read(Encoding.UTF8.GetBytes(host.ReadText(PvePaths.Storages) ?? ""));
        var found = SnippetVolumes.Resolve(volume, storages);
        return found.Path is null ? (null, found.Error)
            : host.Files.GetInfo(found.Path) switch
            {
                not { Kind: HostFileKind.File } => (null, $"script '{volume}' does not exist"),
                { IsExecutable: false } => (null, $"script '{volume}' is not executable"),
                _ => (found.Path, null),
            };
    }

    private static string? Error(LabHookResult result, string command) => result switch
    {
        { Succeeded: true } => null,
        { Signal: { } signal } => $"command '{command}' failed: got signal {signal}",
        { ExitCode: { } code } => $"command '{command}' failed: exit code {code}",
        _ => $"command '{command}' failed: open3: exec of {command} failed: {result.Error}.",
    };

    private void RecordCall(VmId vm, string phase, string? migratedFrom, bool ran)
    {
        var entry = host.Timeline.Record("hook", ("phase", phase), ("ran", ran));
        if (host.Timeline.HasStates)
        {
            entry["confFiles"] = LabHostState.ConfigFiles(host.Files);
            entry["seen"] = LabHostState.Read(host.Machine, vm);
        }

        if (!ran)
        {
            return;
        }

        var environment = new JsonObject { ["LC_ALL"] = "C", ["LVM_SUPPRESS_FD_WARNINGS"] = "1" };
        if (migratedFrom is not null)
        {
            environment["PVE_MIGRATED_FROM"] = migratedFrom;
        }

        entry["argv"] = LabTimeline.List([vm.ToString(), phase]);
        entry["env"] = environment;
        entry["stdinBytes"] = 0;
    }

    private void RecordOutput(LabHookResult result)
    {
        var isExecuted = result.ExitCode is not null || result.Signal is not null;
        foreach (var (stream, text) in (ReadOnlySpan<(string, string)>)
            [("stdout", result.Output), ("stderr", isExecuted ? result.Error : "")])
        {
            if (text.Length > 0)
            {
                host.Timeline.Record("hook-output", ("stream", stream), ("text", text));
            }
        }
    }

    private void RecordEnd(string phase, bool ok, TimeSpan took)
    {
        var entry = host.Timeline.Record("hook-end", ("phase", phase), ("ok", ok));
        if (took >= TimeSpan.FromSeconds(1))
        {
            entry["seconds"] = (int)took.TotalSeconds;
        }
    }
}
