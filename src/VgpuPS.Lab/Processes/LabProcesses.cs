using VgpuPS.Lab.Cluster;
using VgpuPS.Lab.Files;
using VgpuPS.Lab.Guests;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Lab.Processes;

/// <summary>Programs of the simulated machine: NVIDIA's <c>sriov-manage</c> and <c>nvidia-smi</c>, Proxmox's <c>qm</c>,
/// and those added.</summary>
public sealed partial class LabProcesses : IProcessRunner
{
    private readonly LabHost _host;
    private readonly LabQm _qm;
    private readonly LabPvesh _pvesh;

    internal LabProcesses(LabHost host)
    {
        _host = host;
        _qm = new LabQm(host);
        _pvesh = new LabPvesh(host);
        HaManager = new LabHaManager(host, _pvesh, _qm.MigrateForHaAsync);
    }

    /// <summary>The program of high availability.</summary>
    internal LabHaManager HaManager { get; }

    /// <summary>Further programs by absolute path.</summary>
    public IDictionary<string, Func<ProcessRequest, ProcessResult>> Programs { get; } =
        new Dictionary<string, Func<ProcessRequest, ProcessResult>>(StringComparer.Ordinal);

    /// <summary>Takes the command line of every program; null for none.</summary>
    public Action<string>? CommandLines { get; set; }

    /// <summary>How long <c>sriov-manage</c> takes.</summary>
    public TimeSpan SriovTime { get; set; }

    /// <inheritdoc/>
    public Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CommandLines?.Invoke(string.Join(' ', [request.FileName, .. request.Arguments]));
        Func<Task<ProcessResult>>? proxmox = request.FileName switch
        {
            LabQm.Path => () => _qm.RunAsync(request.Arguments, request.Input, cancellationToken),
            LabPvesh.Path => () => _pvesh.RunAsync(request.Arguments, cancellationToken),
            LabHaManager.Path => () => HaManager.RunAsync(request.Arguments, cancellationToken),
            LabSsh.Path => () => Task.FromResult(LabSsh.Run(_host, request, _qm.NameOf, cancellationToken)),
            _ => null,
        };
        return proxmox is not null && !Programs.ContainsKey(request.FileName)
            ? RunProxmoxAsync(request.FileName, proxmox) : Task.FromResult(Run(request));
    }

    /// <inheritdoc/>
    public Task<AttributeWriteResult> WriteAttributeAsync(
        string path, string value, TimeSpan deadline, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Write(path, value, deadline));
    }

    // They work on the machine itself, with locks and waits, so the machine is not held while they run.
    private async Task<ProcessResult> RunProxmoxAsync(string path, Func<Task<ProcessResult>> run)
    {
        using (var call = _host.Enter($"run {path}"))
        {
            if (call.Refusal is { } code)
            {
                return Exit(code, "");
            }

            if (call.IsLie)
            {
                return Exit(0, "");
            }
        }

        if (path != LabSsh.Path && _host.Files.GetInfo(path) is null)
        {
            return new ProcessResult(null, null, false, Errno.ENOENT, "", "");
        }

        using var process = _host.BeginActor(path[(path.LastIndexOf('/') + 1)..]);
        return await run().ConfigureAwait(false);
    }

    private static ProcessResult Exit(int code, string output) => new(code, null, false, 0, output, "");

    private AttributeWriteResult Write(string path, string value, TimeSpan deadline)
    {
        try
        {
            if (_host.Files.WriteOnce(path, value) is { } removal)
            {
                if (!_host.BlockUntil(() => removal.Holder is null, deadline, $"write {path}"))
                {
                    return new AttributeWriteResult(false, null, 0);
                }

                _host.Files.FinishRemoval(removal);
            }

            return new AttributeWriteResult(true, null, 0);
        }
        catch (HostFileException failure)
        {
            return new AttributeWriteResult(true, failure.Operation, failure.Number);
        }
    }

    private ProcessResult Run(ProcessRequest request)
    {
        var isSriov = request.FileName == SriovTool;
        using (var call = _host.Enter($"run {request.FileName}"))
        {
            if (call.Refusal is { } code)
            {
                return Exit(code, "");
            }

            if (call.IsLie)
            {
                return Exit(0, "");
            }

            if (request.FileName is SmiTool or SriovTool && LabTree.Find(_host.State, request.FileName) is null)
            {
                return new ProcessResult(null, null, false, Errno.ENOENT, "", "");
            }

            if (request.FileName == SmiTool)
            {
                return RunSmi(request.Arguments);
            }

            if (LabSsh.Ask(_host, request) is { } answer)
            {
                return answer;
            }

            if (!isSriov && request.FileName != SystemctlTool)
            {
                return Programs.TryGetValue(request.FileName, out var program)
                    ? program(request)
                    : RunPlatform(request) ?? RunTool(request);
            }
        }

        if (!isSriov)
        {
            return Programs.TryGetValue(SystemctlTool, out var other)
                ? other(request) : RunSystemctl(request.Arguments);
        }

        if (request.Deadline >= TimeSpan.Zero && SriovTime > request.Deadline && request.LeaveRunningAtDeadline)
        {
            return LeaveRunning(request);
        }

        if (SriovTime > TimeSpan.Zero)
        {
            _host.Clock.Sleep(SriovTime);
        }

        return _host.With(_ => ManageSriov(request.Arguments));
    }

    // The tool goes on by itself, and the lock that it inherited with it.
    private ProcessResult LeaveRunning(ProcessRequest request)
    {
        var inherited = request.InheritedLock as LabFiles.LabFileLock;
        inherited?.Inherit();
        var remaining = SriovTime - request.Deadline;
        _host.Clock.Sleep(request.Deadline);
        _ = _host.Clock.CreateTimer(
            _ =>
            {
                _host.With(_ => ManageSriov(request.Arguments));
                inherited?.EndInheritance();
            },
            null, remaining, Timeout.InfiniteTimeSpan);
        return new ProcessResult(null, null, true, 0, "", "");
    }
}
