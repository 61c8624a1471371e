using CliWrap;
using CliWrap.Buffered;
using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.LabHook;

/// <summary>Real processes on one host in a file, started at once, some of them killed in the midst of their
/// work.</summary>
[Trait("Duration", "Long")]
public sealed class ProcessesTests : IDisposable
{
    private const int Vms = 4;
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(3);

    // In memory: every change of the host is a file written whole, and a disk is asked to flush it.
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"vgpu-lab-{Guid.NewGuid():N}")).FullName;

    private readonly LabHostNode _node;

    public ProcessesTests()
    {
        _node = new LabHostNode(
            LabHost.Init(State, new LabOptions { Gpus = ["A30", "A30"], Backend = LabBackend.Vfio }));
        _node.Host.Edit(state => state.Gpus.ForEach(gpu =>
        {
            gpu.MigCurrent = gpu.MigPending = true;
            gpu.FunctionCount = gpu.Model.TotalFunctions;
        }));
        for (var index = 0; index < Vms; index++)
        {
            _node.CreateVm(new VmId(101 + index), $"0={FunctionOf(index)},mdev=nvidia-689");
        }
    }

    private string FunctionOf(int index) => _node.Host.State.Gpus[index % 2].FunctionAt(index / 2).ToString();

    private string State => Path.Combine(_folder, "host.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task All_that_fit_start_at_once_and_stop_at_once_and_nothing_is_left()
    {
        var before = _node.Snapshot();
        await AllAsync("start");
        Refresh();
        Assert.Equal(Vms, _node.Host.State.Processes.Count);
        Assert.All(_node.Host.State.Gpus, gpu =>
        {
            Assert.Equal(Vms / 2, gpu.Instances.Count);
            Assert.All(gpu.Instances, i => Assert.Single(i.ComputeInstances));
            Assert.Equal(
                Vms / 2, gpu.Vgpus.Where(v => v.Holder is not null).Select(v => v.GpuInstance).Distinct().Count());
        });
        await AllAsync("stop");
        Refresh();
        Assert.Equal(before, _node.Snapshot());
    }

    [Fact]
    public async Task Killed_ones_leave_nothing_that_a_sweep_does_not_repair()
    {
        var before = _node.Snapshot();
        var third = FunctionOf(2);
        using var limit = new CancellationTokenSource(s_timeout);
        var others = Task.WhenAll(RunAsync("start", 102, limit.Token), RunAsync("start", 104, limit.Token));
        var killed = await Task.WhenAll(
            KillAsync(101,
                host => host.Locks.Exists(l => l.Owner.StartsWith("hook 101 pre-start", StringComparison.Ordinal))),
            KillAsync(103, host => host.Gpus.Exists(gpu => gpu.Vgpus.Exists(vgpu => vgpu.Function == third))));
        Assert.Contains(true, killed);
        Assert.All(await others, other => Assert.True(other.IsSuccess, other.StandardError));
        foreach (var vm in Enumerable.Range(101, Vms).Select(id => new VmId(id)))
        {
            // A start killed between QEMU and its pid file leaves one that Proxmox does not know.
            await _node.Proxmox.KillQemuAsync(vm);
            Assert.Null(
                (await _node.Proxmox.CleanupAsync(
                    vm, clean: false, guest: false, TestContext.Current.CancellationToken)).Error);
        }

        Assert.Equal(0, _node.Hook("sweep").ExitCode);
        Assert.Equal(Things(before), Things(_node.Snapshot()));
        for (var vm = 101; vm < 101 + Vms; vm++)
        {
            Assert.Null(_node.Start(vm).Error);
        }

        for (var vm = 101; vm < 101 + Vms; vm++)
        {
            _node.StopAndCleanUp(vm);
        }

        Assert.Equal(Things(before), Things(_node.Snapshot()));
    }

    /// <summary>Starts a VM in a process, and kills that once the host says how far it is.</summary>
    /// <returns>Whether it was killed before it had ended.</returns>
    private async Task<bool> KillAsync(int vm, Func<LabState, bool> isTime)
    {
        using var kill = new CancellationTokenSource(s_timeout);
        Task start = RunAsync("start", vm, kill.Token);
        while (!start.IsCompleted && !isTime(_node.Host.State))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
            Refresh();
        }

        await kill.CancelAsync();
        await start.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return start.IsCanceled;
    }

    // Any call reads what other processes have written.
    private void Refresh() => _ = _node.Host.KernelLog;

    private async Task AllAsync(string verb)
    {
        using var limit = new CancellationTokenSource(s_timeout);
        var vms = Enumerable.Range(101, Vms).ToList();
        var results = await Task.WhenAll(vms.Select(vm => RunAsync(verb, vm, limit.Token)));
        foreach (var (vm, result) in vms.Zip(results))
        {
            Assert.True(result.IsSuccess, $"vm {verb} {vm}: {result.ExitCode} {result.StandardError}");
        }
    }

    /// <summary>A process of <c>vgpu-lab</c>; a token that is cancelled kills it.</summary>
    private Task<BufferedCommandResult> RunAsync(string verb, int vm, CancellationToken kill) => Cli.Wrap("dotnet")
        .WithArguments([Path.Combine(AppContext.BaseDirectory, "vgpu-lab.dll"), "--state", State, "vm", verb, $"{vm}"])
        .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(kill).Task;

    // A reservation of a process that is gone is stale, and Proxmox drops it when it wants the function.
    private static string Things(string snapshot) => string.Join(
        '\n', snapshot.Split('\n').Where(line => !line.StartsWith("reservations ", StringComparison.Ordinal)));
}
