using VgpuPS.Core.Errors;
using VgpuPS.Core.Proxmox;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Systemd;

namespace VgpuPS.Host.Proxmox;

public sealed partial class HostInstallFiles
{
    /// <summary>Proxmox's program for storages.</summary>
    public const string StorageTool = "/usr/sbin/pvesm";

    /// <summary>What removes a folder.</summary>
    public const string RemoveFolderTool = "/usr/bin/rmdir";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public Task RemoveFolderAsync(string path, CancellationToken cancellationToken) => processes.RunAsync(
        new ProcessRequest(RemoveFolderTool, ["--ignore-fail-on-non-empty", "--", path], s_limit), cancellationToken);

    /// <inheritdoc/>
    public Task ReloadUnitsAsync(CancellationToken cancellationToken) =>
        RunAsync(SystemctlServices.Tool, ["daemon-reload"], cancellationToken);

    /// <inheritdoc/>
    public async Task EnableUnitAsync(string unit, bool isEnabled, bool now, CancellationToken cancellationToken)
    {
        string[] arguments = [isEnabled ? "enable" : "disable", .. now ? (string[])["--now"] : [], unit];
        var result = await RunAsync(SystemctlServices.Tool, arguments, cancellationToken).ConfigureAwait(false);
        if (new HookFileStore(files).IsUnitEnabled(unit) != isEnabled)
        {
            throw Failed(SystemctlServices.Tool, arguments, result, $"systemd did not {arguments[0]} {unit}, and did not say so");
        }
    }

    /// <inheritdoc/>
    public async Task SetStorageContentAsync(
        string storage, IReadOnlyList<string> content, CancellationToken cancellationToken)
    {
        string[] arguments = ["set", storage, "--content", string.Join(',', content)];
        var result = await RunAsync(StorageTool, arguments, cancellationToken).ConfigureAwait(false);
        var kept = VgpuPS.Core.Proxmox.StorageConfig.Read(Read(ProxmoxPaths.Storages) ?? []).Find(storage);
        if (kept is null || content.Except(kept.Content, StringComparer.Ordinal).Any())
        {
            throw Failed(StorageTool, arguments, result, $"storage {storage} does not have the content {arguments[^1]} after it was set");
        }
    }

    private async Task<ProcessResult> RunAsync(
        string tool, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(new ProcessRequest(tool, arguments, s_limit), cancellationToken)
            .ConfigureAwait(false);
        return result.ExitCode == 0 ? result : throw Failed(tool, arguments, result, result switch
        {
            { StartErrno: > 0 } => $"{tool} cannot be started: {Errno.Describe(result.StartErrno)}",
            { TimedOut: true } => $"{tool} did not end within {s_limit.TotalSeconds:0} s",
            _ => $"{tool} failed: {(result.Error + result.Output).Trim()}",
        });
    }

    private static HostCommandException Failed(
        string tool, IReadOnlyList<string> arguments, ProcessResult result, string message)
    {
        var command = $"{tool[(tool.LastIndexOf('/') + 1)..]} {string.Join(' ', arguments)}";
        return new HostCommandException(
            ErrorIds.HostCommandFailed, message, $"Try it by hand: {command}", command, result.ExitCode, result.Error + result.Output, tool);
    }
}
