using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using VgpuPS.Host;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Operations.VmVgpus;

/// <summary>A node with the lab's own VMs, and use cases that are run on it as a face runs them.</summary>
internal sealed class VmLab
{
    public const string Gpu0 = "0000:4b:00.0";
    public const string Gpu1 = "0000:ca:00.0";

    public VmLab(
        string[]? gpus = null, bool[]? mig = null, bool functions = true, string pve = "9.2",
        LabBackend backend = LabBackend.Vfio)
    {
        Node = LabHostNode.Create(new LabOptions
        {
            Gpus = gpus ?? ["A30", "A30"],
            PveVersion = pve,
            Backend = backend,
            WithVms = true,
        });
        Host.Edit(state =>
        {
            for (var i = 0; i < state.Gpus.Count; i++)
            {
                state.Gpus[i].MigCurrent = state.Gpus[i].MigPending = mig is null || mig[i];
            }
        });
        foreach (var gpu in functions ? Host.State.Gpus.Select(g => g.Address).ToList() : [])
        {
            Assert.Equal(0, Host.Processes.RunAsync(
                new("/usr/lib/nvidia/sriov-manage", ["-e", gpu], TimeSpan.FromMinutes(1)), default).Result.ExitCode);
        }
    }

    public LabHostNode Node { get; }

    public LabHost Host => Node.Host;

    public List<string> Warnings { get; } = [];

    public List<StepProgress> Progress { get; } = [];

    public HostPorts Ports => Node.Connect(Warnings.Add);

    public string Snapshot => HostSnapshot.Take(Node);

    /// <summary>Plans, looks that the plan changed nothing, and does it.</summary>
    public ChangeResult Do<TRequest>(UseCase<TRequest, ChangeResult> useCase, TRequest request)
        where TRequest : ChangeRequest
    {
        var before = Snapshot;
        var planned = Plan(useCase, request);
        Assert.Equal(before, Snapshot);
        Assert.Empty(planned.Objects);
        var done = Run(useCase, request, isPlanOnly: false);
        Assert.Equal(planned.Plan.Steps, done.Plan.Steps);
        return done;
    }

    public ChangeResult Plan<TRequest>(UseCase<TRequest, ChangeResult> useCase, TRequest request)
        where TRequest : ChangeRequest => Run(useCase, request, isPlanOnly: true);

    public ChangeResult Run<TRequest>(UseCase<TRequest, ChangeResult> useCase, TRequest request, bool isPlanOnly)
        where TRequest : ChangeRequest
    {
        ChangeRequest asked = request;
        return useCase.RunAsync(
            Ports, (TRequest)(asked with { IsPlanOnly = isPlanOnly, Source = "test" }), new Collector(Progress),
            default)
            .GetAwaiter().GetResult();
    }

    /// <summary>It is refused, in the plan already, and nothing is changed.</summary>
    public T Refuses<T, TRequest>(
        UseCase<TRequest, ChangeResult> useCase, TRequest request, string errorId, params string[] words)
        where T : VgpuException
        where TRequest : ChangeRequest
    {
        var before = Snapshot;
        var refusal = Assert.Throws<T>(() => Plan(useCase, request));
        Assert.Throws<T>(() => Run(useCase, request, isPlanOnly: false));
        Assert.Equal(errorId, refusal.ErrorId);
        var said = $"{refusal.Message} {refusal.RecommendedAction}";
        foreach (var word in words)
        {
            Assert.Contains(word, said, StringComparison.Ordinal);
        }

        Assert.NotEmpty(refusal.RecommendedAction);
        Assert.Equal(before, Snapshot);
        return refusal;
    }

    public string Text(int vm) => Encoding.UTF8.GetString(Host.Files.Read(Node.ConfigPath(new VmId(vm)), 1 << 20));

    public VmConfig Config(int vm) => VmConfigReader.Read(Text(vm), Node.Generation);

    public string? Line(int vm, string key) => Config(vm).Main[key];

    /// <summary>Adds lines to a VM's configuration.</summary>
    public VmLab With(int vm, params string[] lines)
    {
        Host.Put(Node.ConfigPath(new VmId(vm)), string.Join('\n', lines) + "\n" + Text(vm));
        return this;
    }

    public VmLab PutFile(string path, string text, bool isExecutable = false)
    {
        Host.Put(path, text, isExecutable ? FileModes.Mode755 : LabEntry.FileMode);
        return this;
    }

    public string? ReadFile(string path) =>
        Host.Files.GetInfo(path) is null ? null : Encoding.UTF8.GetString(Host.Files.Read(path, 1 << 20));

    public VmLab Start(int vm)
    {
        Assert.Null(Node.Start(vm).Error);
        return this;
    }

    public VmLab Stop(int vm)
    {
        Assert.Null(Node.Stop(vm).Error);
        return this;
    }

    private sealed class Collector(List<StepProgress> found) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => found.Add(value);
    }
}
