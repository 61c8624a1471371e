using System.Text;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Proxmox;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hosts;

/// <summary>A node in a situation that Proxmox brings about, and what the hook said in it.</summary>
internal sealed class Situation
{
    public const string First = "0000:4b:00.4";
    public const string Second = "0000:4b:00.5";
    public const string Settings = "/etc/vgpups/config.json";

    private readonly StringBuilder _said = new();

    public Situation(LabHostNode node)
    {
        Node = node;
        Node.HookOutput = (output, error) => _said.Append(output).Append(error);
    }

    /// <summary>Both generations with both back ends.</summary>
    public static TheoryData<string, LabBackend> Hosts { get; } = new()
    {
        { "8.4", LabBackend.Mdev }, { "8.4", LabBackend.Vfio }, { "9.2", LabBackend.Mdev }, { "9.2", LabBackend.Vfio },
    };

    public LabHostNode Node { get; }

    public LabHost Host => Node.Host;

    /// <summary>All that hookscripts printed since the last look.</summary>
    public string Said
    {
        get
        {
            var said = _said.ToString();
            _said.Clear();
            return said;
        }
    }

    public static Situation Of(
        string pve, LabBackend backend, bool mig = true, bool functions = true, params string[] models) =>
        new(LabNodes.Of(models.Length == 0 ? ["A30"] : models, backend, mig, functions, pve));

    public ClaimFile Claims => Node.Connect(_ => { }).Claims.Load();

    public LabGpu Gpu(int index = 0) => Host.State.Gpus[index];

    public Situation Vm(int vm, params string[] hostPci)
    {
        Node.CreateVm(new VmId(vm), hostPci);
        return this;
    }

    public void Starts(int vm)
    {
        var started = Node.Start(vm);
        if (!started.Succeeded)
        {
            Assert.Fail($"start of {vm}: {started.Error} {Said}");
        }
    }

    /// <summary>The start fails, and the hook said these words.</summary>
    public void Refuses(int vm, params string[] words)
    {
        Assert.NotNull(Node.Start(vm).Error);
        var said = Said;
        foreach (var word in words)
        {
            Assert.Contains(word, said, StringComparison.Ordinal);
        }
    }

    public void Stops(int vm) => Node.StopAndCleanUp(vm);

    public void CleansUp(int vm, bool clean = true, bool guest = false) =>
        Assert.Null(Run(vm, (p, id) => p.CleanupAsync(id, clean, guest)));

    /// <summary>The error of a <c>qm cleanup</c> that may fail.</summary>
    public string? Cleanup(int vm) => Run(vm, (p, id) => p.CleanupAsync(id, clean: true, guest: false));

    public void Kills(int vm) => Assert.Null(Run(vm, (p, id) => p.KillQemuAsync(id)));

    public string? Reboots(int vm) => Run(vm, (p, id) => p.RebootAsync(id));

    public string? BacksUp(int vm) => Run(vm, (p, id) => p.BackupStoppedAsync(id));

    /// <summary>Runs a task of Proxmox on a VM.</summary>
    /// <returns>Its error; null when it succeeded.</returns>
    public string? Run(int vm, Func<LabProxmox, VmId, Task<LabTaskResult>> task) =>
        task(Node.Proxmox, new VmId(vm)).Result.Error;

    public string? StartFrom(int vm, string node) => Run(vm, (p, id) => p.StartAsync(id, node));

    public string? MoveAway(int vm, string node) => Run(vm, (p, id) => p.MigrationSourceEndAsync(id, node));

    public LabHookResult HookFrom(string source, params string[] arguments) =>
        Node.RunHookAsync(arguments, source).Result;

    public void Sweeps()
    {
        var swept = Node.Hook("sweep");
        Assert.True(swept.Succeeded, swept.Error);
    }

    public void Waits(double minutes) => Host.Clock.Advance(TimeSpan.FromMinutes(minutes));

    public bool IsRunning(int vm) => Host.GetQemuPid(new VmId(vm)) is not null;

    public void Is(string snapshot) => Assert.Equal(snapshot, Node.Snapshot());

    /// <summary>What Proxmox holds from before a start's pre-start to after its post-start.</summary>
    public IHostFileLock HoldConfigLock(int vm) =>
        Host.Files.TryLock($"/run/lock/qemu-server/lock-{vm}.conf", FileModes.Mode644)!;

    /// <summary>Takes the hookscript out of a VM's configuration.</summary>
    public void WithoutHook(int vm) => EditConfig(vm, lines => lines.Where(
        l => !l.StartsWith("hookscript:", StringComparison.Ordinal)));

    /// <summary>Sets or clears <c>lock:</c> of a VM's configuration.</summary>
    public void SetLock(int vm, string? value) => EditConfig(vm, lines => lines
        .Where(l => !l.StartsWith("lock:", StringComparison.Ordinal))
        .Prepend(value is null ? "" : $"lock: {value}").Where(l => l.Length > 0));

    private void EditConfig(int vm, Func<IEnumerable<string>, IEnumerable<string>> edit)
    {
        var path = Node.ConfigPath(new VmId(vm));
        var lines = Encoding.UTF8.GetString(Host.Files.Read(path, 1 << 20)).Split('\n');
        Host.Put(path, string.Join('\n', edit(lines)) + "\n");
    }

    /// <summary>Moves a VM's configuration between nodes, as a migration does.</summary>
    public void MoveConfig(int vm, string from, string to)
    {
        var path = $"/etc/pve/nodes/{from}/qemu-server/{vm}.conf";
        Host.Put($"/etc/pve/nodes/{to}/qemu-server/{vm}.conf", Encoding.UTF8.GetString(Host.Files.Read(path, 1 << 20)));
        Host.Files.Delete(path);
    }

    /// <summary>A person creates a GPU instance, with a compute instance of a number of slices where told.</summary>
    public GpuInstanceId PersonCreates(string profile, Placement placement, int? computeSlices = null)
    {
        using var driver = Node.Connect(_ => { }).Driver.Open();
        var gpu = PciAddress.Parse(LabNodes.Gpu);
        var instance = driver.CreateInstance(
            gpu, driver.GetProfiles(gpu).First(p => p.Name == profile).Id, placement)!.Value;
        if (computeSlices is { } slices)
        {
            PersonFills(instance, slices);
        }

        return instance;
    }

    public void PersonFills(GpuInstanceId instance, int slices)
    {
        using var driver = Node.Connect(_ => { }).Driver.Open();
        var gpu = PciAddress.Parse(LabNodes.Gpu);
        driver.CreateComputeInstance(
            gpu, instance, driver.GetComputeProfiles(gpu, instance).First(p => p.ComputeSlices == slices).Id);
    }

    /// <summary>What a call did on the seams, from a start of tracing to its end.</summary>
    public IReadOnlyList<string> Trace(Action work, string actor)
    {
        Host.Gate.Clear();
        Host.Gate.IsTracing = true;
        work();
        Host.Gate.IsTracing = false;
        var prefix = $"{actor}: ";
        return [.. Host.Gate.Trace.Where(t => t.StartsWith(prefix, StringComparison.Ordinal))
            .Select(t => t[prefix.Length..])];
    }
}
