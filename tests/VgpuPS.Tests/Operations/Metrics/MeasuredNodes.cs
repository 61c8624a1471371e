using VgpuPS.Core.Gpu;
using VgpuPS.Core.Metrics;
using VgpuPS.Host.Operations.Metrics;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Operations.Metrics;

/// <summary>Nodes whose vGPUs have loads, and what a collection says of them.</summary>
internal static class MeasuredNodes
{
    /// <summary>A30 without MIG mode: VMs 101 and 102 with a vGPU each, equal share, loads of 40 % and 15 %.</summary>
    public static LabHostNode TimeSliced(LabBackend backend = LabBackend.Vfio)
    {
        var node = LabNodes.A30(backend, mig: false);
        node.Host.Edit(s => s.Gpus[0].SchedulerPolicy = 2);
        Start(node, 101, "0000:4b:00.4,mdev=nvidia-684");
        Start(node, 102, "0000:4b:00.5,mdev=nvidia-684");
        Load(node, 101, new LabVgpuLoad
        {
            Sm = 40,
            Memory = 25,
            Encoder = 7,
            Decoder = 3,
            Jpeg = 2,
            OpticalFlow = 1,
            FramebufferMiB = 2048,
            EncoderSessions = 1,
            EncoderFps = 60,
            EncoderLatencyUs = 4200,
        });
        Load(node, 102, new LabVgpuLoad { Sm = 15, Memory = 5 });
        return node;
    }

    /// <summary>A GPU with MIG mode on: VM 101 on an instance of one slice with a load of 70 %.</summary>
    public static LabHostNode Mig(string model, Func<string, bool> isType)
    {
        var node = LabNodes.Of([model], LabBackend.Vfio);
        var gpu = node.Host.State.Gpus[0];
        Start(node, 101, $"{gpu.FunctionAt(0)},mdev=nvidia-{gpu.Model.Types.First(t => isType(t.Name)).Id}");
        Load(node, 101, new LabVgpuLoad { Sm = 70, Memory = 30, Tensor = 55, Occupancy = 20 });
        return node;
    }

    public static void Start(LabHostNode node, int vm, string entry)
    {
        node.CreateVm(new VmId(vm), $"0={entry}");
        Assert.Null(node.Start(vm).Error);
    }

    public static void Load(LabHostNode node, int vm, LabVgpuLoad load) => node.Host.Edit(s =>
    {
        var pid = s.Processes.Single(p => p.Vm == vm).Pid;
        s.Gpus.SelectMany(g => g.Vgpus).Single(v => v.Holder == pid).Load = load;
    });

    public static async Task<Measured> CollectAsync(this LabHostNode node) =>
        new(await new ReadMetrics(node.Connect(_ => { })).CollectAsync(default));
}

/// <summary>Samples that a test asks about.</summary>
internal sealed class Measured(IReadOnlyList<MetricSample> samples)
{
    public IReadOnlyList<MetricSample> Samples => samples;

    public string Text => MetricText.Write(samples);

    /// <summary>The value of the only sample that has all these labels; null for none.</summary>
    public double? Value(MetricFamily family, params (string Name, string Value)[] labels) =>
        samples.SingleOrDefault(s => s.Family == family
            && labels.All(l => s.Pairs.Contains(KeyValuePair.Create(l.Name, l.Value))))?.Value;

    /// <summary>Why a GPU does not have a metric; empty where it has.</summary>
    public string? Absence(MetricFamily family, string gpu)
    {
        var sample = samples.Single(s => s.Family == HostMetrics.Supported
            && s.Pairs.Contains(KeyValuePair.Create("metric", family.Name))
            && s.Pairs.Contains(KeyValuePair.Create("gpu", gpu)));
        var reason = sample.Pairs.FirstOrDefault(p => p.Key == "reason").Value ?? "";
        Assert.Equal(reason.Length == 0 ? 1 : 0, sample.Value);
        return reason;
    }
}
