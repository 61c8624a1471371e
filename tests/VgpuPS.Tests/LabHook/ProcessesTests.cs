using CliWrap;
using CliWrap.Buffered;
using VgpuPS.Core.Guests;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using VgpuPS.Tests.Hook;
using Xunit;

namespace VgpuPS.Tests.LabHook;

/// <summary>Real processes on one host in a file, started at once, some of them killed at a random moment.</summary>
public sealed class ProcessesTests : IDisposable
{
    private const int Vms = 4;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    // In memory: every change of the host is a file written whole, and a disk is asked to flush it.
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"vgpu-lab-{Guid.NewGuid():N}")).FullName;

    private readonly LabNode _node;

    public ProcessesTests()
    {
        _node = new LabNode(LabHost.Init(State, new LabOptions { Gpus = ["A30", "A30"], Backend = LabBackend.Vfio }));
        _node.Host.Edit(state => state.Gpus.ForEach(gpu =>
        {
            gpu.MigCurrent = gpu.MigPending = true;
            gpu.FunctionCount = gpu.Model.TotalFunctions;
        }));
        for (var index = 0; index < Vms; index++)
        {
            var function = _node.Host.State.Gpus[index % 2].FunctionAt(index / 2);
            _node.CreateVm(new VmId(101 + index), $"0={function},mdev=nvidia-689");
        }
    }

    private string State => Path.Combine(_folder, "host.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task All_that_fit_start_at_once_and_stop_at_once_and_nothing_is_left()
    {
        var before = _node.Picture();
        await AllAsync("start");
        Refresh();
        Assert.Equal(Vms, _node.Host.State.Processes.Count);
        Assert.All(_node.Host.State.Gpus, gpu =>
        {
            Assert.Equal(Vms / 2, gpu.Instances.Count);
            Assert.All(gpu.Instances, i => Assert.Single(i.ComputeInstances));
            Assert.Equal(Vms / 2, gpu.Vgpus.Where(v => v.Holder is not null).Select(v => v.GpuInstance).Distinct().Count());
        });
        await AllAsync("stop");
        Refresh();
        Assert.Equal(before, _node.Picture());
    }

    [Fact]
    public async Task Killed_ones_leave_nothing_that_a_sweep_does_not_settle()
    {
        const int Seed = 20260105;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        var before = _node.Picture();
        var kills = Enumerable.Range(0, Vms).Select(_ => new CancellationTokenSource(s_patience)).ToList();
        var starts = kills.Select((kill, index) => RunAsync("start", 101 + index, kill.Token)).ToList();
        foreach (var kill in kills.Where((_, index) => index % 2 == 0))
        {
            await Task.Delay(random.Next(250), TestContext.Current.CancellationToken);
            await kill.CancelAsync();
        }

        foreach (var start in starts)
        {
            await ((Task)start).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        kills.ForEach(kill => kill.Dispose());
        foreach (var vm in Enumerable.Range(101, Vms).Select(id => new VmId(id)))
        {
            // A start killed between QEMU and its pid file leaves one that Proxmox does not know.
            await _node.Proxmox.KillQemuAsync(vm);
            Assert.Null((await _node.Proxmox.CleanupAsync(vm, clean: false, guest: false, TestContext.Current.CancellationToken)).Error);
        }

        Assert.Equal(0, _node.Hook("sweep").ExitCode);
        Assert.Equal(Things(before), Things(_node.Picture()));
        await AllAsync("start");
        await AllAsync("stop");
        Refresh();
        Assert.Equal(Things(before), Things(_node.Picture()));
    }

    // Any call reads what other processes have written.
    private void Refresh() => _ = _node.Host.KernelLog;

    private async Task AllAsync(string verb)
    {
        using var limit = new CancellationTokenSource(s_patience);
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
    private static string Things(string picture) => string.Join(
        '\n', picture.Split('\n').Where(line => !line.StartsWith("reservations ", StringComparison.Ordinal)));
}
