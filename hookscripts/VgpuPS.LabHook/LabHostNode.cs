using System.Text;
using VgpuPS.Core.Proxmox;
using VgpuPS.Hook;
using VgpuPS.Host;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.LabHook;

/// <summary>A simulated Proxmox node with the hook installed: machine, Proxmox's part, and the hook's own
/// faces.</summary>
public sealed class LabHostNode
{
    /// <summary>The hookscript as a VM's configuration names it.</summary>
    public const string HookVolume = "local:snippets/vgpu-hook";

    private const string BenchFile = "/usr/lib/vgpups/vgpu-bench";
    private const string SnippetFile = "/var/lib/vz/snippets/vgpu-hook";
    private const int ExecutableMode = FileModes.Mode755;
    private const int KilledSignal = 9;
    private const int NotFound = 127;
    private const int LargestProgram = 256 << 20;

    // What Initialize-VgpuHost waits for; /bin/sh runs the driver's installer.
    private static readonly (string Program, int Seconds)[] s_programSeconds =
    [
        ("/usr/bin/apt-get", 20), ("/bin/sh", 60), ("/usr/sbin/update-initramfs", 15), ("/usr/sbin/update-grub", 4),
        ("/usr/sbin/proxmox-boot-tool", 8),
    ];

    private readonly AsyncLocal<Action<string, string>?> _hookOutput = new();
    private volatile Action<string, string>? _latestOutput;

    /// <summary>Installs the hook on a machine and wires it.</summary>
    /// <param name="host">The machine.</param>
    public LabHostNode(LabHost host)
    {
        Host = host;
        var setup = host.State.Setup;
        Generation = LabRelease.Of(setup.PveVersion).Generation;
        Proxmox = new LabProxmox(
            host, new LabProxmoxOptions(setup.Node, Generation), new LabTimeline(withStates: false));
        host.HookRunner = RunHookscriptAsync;
        if (host.IsUp && host.Files.GetInfo(VgpuPS.Core.Proxmox.HookVolume.InstalledPath) is null)
        {
            host.Put(VgpuPS.Core.Proxmox.HookVolume.InstalledPath, LabVms.HookMark, ExecutableMode);
            host.Put(SnippetFile, LabVms.HookMark, ExecutableMode);
            host.Put(BenchFile, LabVms.BenchMark, ExecutableMode);
        }

        // A VM that migrates there meets the hook too.
        foreach (var peer in host.Peers.Values.Where(p => p.HookRunner is null).ToList())
        {
            _ = new LabHostNode(peer);
        }
    }

    /// <summary>The machine.</summary>
    public LabHost Host { get; }

    /// <summary>Which Proxmox it plays.</summary>
    public PveGeneration Generation { get; }

    /// <summary>Proxmox's own part of a VM's life.</summary>
    public LabProxmox Proxmox { get; }

    /// <summary>What hookscripts printed (output, errors), for the one who started a task; null drops it.</summary>
    /// <remarks>Each task has its own, however many run at once; one that has none has the latest.</remarks>
    public Action<string, string>? HookOutput
    {
        get => _hookOutput.Value ?? _latestOutput;
        set => _latestOutput = _hookOutput.Value = value;
    }

    /// <summary>Whether calls take the host's time.</summary>
    public bool HasTiming { get; private set; }

    /// <summary>Makes a node in memory.</summary>
    /// <param name="options">What the machine is made of; null for two A30.</param>
    public static LabHostNode Create(LabOptions? options = null) => new(LabHost.Create(options));

    /// <summary>How long a program of a vgpu-hook takes to come along with a session.</summary>
    /// <remarks>Assumed: its size over a network.</remarks>
    public TimeSpan UploadTime => HasTiming ? TimeSpan.FromSeconds(3) : TimeSpan.Zero;

    /// <summary>Lets driver calls and programs take the time that real ones take, or none.</summary>
    /// <param name="isReal">Whether they take it.</param>
    /// <remarks>Source: design.md section 5: about 1 s for an instance, seconds for <c>sriov-manage</c>; assumed
    /// otherwise.</remarks>
    public void UseTiming(bool isReal)
    {
        HasTiming = isReal;
        Proxmox.VolumeActivation = isReal ? (_, ct) => Host.WaitAsync(TimeSpan.FromMilliseconds(500), ct) : null;
        if (!isReal)
        {
            return;
        }

        Host.Gate.Delay("nvmlDeviceCreateGpuInstance*", TimeSpan.FromSeconds(1));
        Host.Gate.Delay("nvmlGpuInstanceDestroy", TimeSpan.FromSeconds(1));
        Host.Gate.Delay("nvmlGpuInstanceCreateComputeInstance*", TimeSpan.FromMilliseconds(200));
        Host.Gate.Delay("nvmlComputeInstanceDestroy", TimeSpan.FromMilliseconds(200));
        Host.Gate.Delay("nvmlDeviceSetMigMode", TimeSpan.FromSeconds(3));
        Host.Processes.SriovTime = TimeSpan.FromSeconds(5);
        foreach (var (program, seconds) in s_programSeconds)
        {
            Host.Gate.Delay($"run {program}", TimeSpan.FromSeconds(seconds));
        }
    }

    /// <summary>The host as use cases see it.</summary>
    /// <param name="warn">Takes warnings.</param>
    public HostPorts Connect(Action<string> warn) => new LabPorts(
        HostWiring.Connect(Host.Nvml, Host.Files, Host.Processes, Host.Clock, Environment.ProcessId, warn), this);

    /// <summary>Runs a use case as a process of its own.</summary>
    /// <param name="name">Name of the process.</param>
    /// <param name="observer">Takes warnings.</param>
    /// <param name="run">The use case.</param>
    public async Task<T> RunAsync<T>(string name, ISessionObserver observer, Func<HostPorts, Task<T>> run)
    {
        using var process = Host.BeginActor(name);
        return await run(Connect(observer.Warn)).ConfigureAwait(false);
    }

    /// <summary>Runs <c>vgpu-hook</c> with arguments, as a process of its own.</summary>
    /// <param name="arguments">Its command line.</param>
    /// <param name="migratedFrom">Proxmox's PVE_MIGRATED_FROM.</param>
    /// <param name="chainedBy">What a chained script that calls it has in its environment.</param>
    /// <param name="cancellationToken">SIGTERM.</param>
    public async Task<LabHookResult> RunHookAsync(
        IReadOnlyList<string> arguments, string? migratedFrom = null, string? chainedBy = null,
        CancellationToken cancellationToken = default)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        using var process = Host.BeginActor($"hook {string.Join(' ', arguments)}");
        var text = new HookText(output, error);
        var commands = new HookCommands(Connect(text.Warn), Host.Processes, text, migratedFrom, chainedBy);
        var code = await commands.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        return process.Actor.HasCrashed
            ? new LabHookResult(null, KilledSignal, output.ToString(), "")
            : new LabHookResult(code, null, output.ToString(), error.ToString());
    }

    /// <summary>Answers a request for the metrics, as a process of its own.</summary>
    /// <param name="input">Where the request comes from.</param>
    /// <param name="output">Where the answer goes.</param>
    /// <param name="error">Failures, in two lines.</param>
    /// <param name="cancellationToken">SIGTERM.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> ServeMetricsAsync(
        Stream input, Stream output, TextWriter error, CancellationToken cancellationToken)
    {
        using var process = Host.BeginActor($"hook {MetricsCommand.Name} {MetricsCommand.Http}");
        var text = new HookText(TextWriter.Null, error);
        return await new MetricsCommand(Connect(text.Warn), text).ServeAsync(input, output, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Writes a VM's configuration with the hook on it.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="hostPci">Values by entry: <c>0=0000:4b:00.4,mdev=nvidia-690</c>.</param>
    public void CreateVm(VmId vm, params IEnumerable<string> hostPci)
    {
        if (Host.Files.GetInfo(SnippetFile) is null)
        {
            Host.Files.WriteWhole(
                SnippetFile, Host.Files.Read(VgpuPS.Core.Proxmox.HookVolume.InstalledPath, LargestProgram),
                ExecutableMode);
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"boot: order=scsi0\ncores: 4\nhookscript: {HookVolume}\n");
        foreach (var entry in hostPci)
        {
            var at = entry.IndexOf('=', StringComparison.Ordinal);
            text.Append(CultureInfo.InvariantCulture, $"hostpci{entry[..at]}: {entry[(at + 1)..]}\n");
        }

        // Proxmox refuses pcie=1 on the default machine.
        text.Append(hostPci.Any(e => e.Contains("pcie=1", StringComparison.Ordinal)) ? "machine: q35\n" : "")
            .Append(CultureInfo.InvariantCulture, $"memory: 8192\nname: vm{vm}\n");
        Host.Put(ConfigPath(vm), text.ToString());
    }

    /// <summary>Where a VM's configuration lies.</summary>
    /// <param name="vm">The VM.</param>
    public string ConfigPath(VmId vm) => $"/etc/pve/nodes/{Host.State.Setup.Node}/qemu-server/{vm}.conf";

    private async Task<LabHookResult> RunHookscriptAsync(
        string path, VmId vm, string phase, string? migratedFrom, CancellationToken cancellationToken)
    {
        string[] arguments = [vm.ToString(), phase];
        var result = IsHook(path)
            ? await RunHookAsync(arguments, migratedFrom, null, cancellationToken).ConfigureAwait(false)
            : RunOther(path, arguments);
        HookOutput?.Invoke(result.Output, result.Error);
        return result;
    }

    /// <summary>Whether a file is our hook: the lab's mark, or what an installation brought.</summary>
    private bool IsHook(string path)
    {
        try
        {
            var content = Host.Files.Read(path, LargestProgram).AsSpan();
            return Encoding.UTF8.GetString(content) == LabVms.HookMark
                || content.SequenceEqual(Host.Files.Read(VgpuPS.Core.Proxmox.HookVolume.InstalledPath, LargestProgram));
        }
        catch (HostFileException)
        {
            return false;
        }
    }

    private LabHookResult RunOther(string path, string[] arguments)
    {
        if (!Host.Processes.Programs.TryGetValue(path, out var program))
        {
            return new LabHookResult(NotFound, null, "", $"{path}: no such program in the lab\n");
        }

        var result = program(new ProcessRequest(path, arguments, Timeout.InfiniteTimeSpan));
        return new LabHookResult(result.ExitCode, result.Signal, result.Output, result.Error);
    }
}
