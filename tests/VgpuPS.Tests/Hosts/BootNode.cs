using VgpuPS.Core.Boot;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Proxmox;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hosts;

/// <summary>A node of two A30 with a layout: instances on one, time slices with equal shares on the other.</summary>
internal sealed class BootNode
{
    public const string Layout = """
        {"version":1,"gpus":[
          {"gpu":"0000:4b:00.0","sriov":true,"mig":true,"instances":[{"profile":"2g.12gb"},{"profile":"1g.6gb","placement":"2:1"}]},
          {"gpu":"0000:ca:00.0","sriov":true,"mig":false,"scheduler":{"policy":"equalShare"}}]}
        """;

    public const string Want = "GPU 0000:4b:00.0";

    public BootNode()
    {
        Node = LabNodes.A30(LabBackend.Vfio, functions: false, gpus: 2);
        Node.Host.Edit(s => s.Gpus[1].MigCurrent = s.Gpus[1].MigPending = false);
        PutLayout(Layout);
    }

    public LabHostNode Node { get; }

    public BootStatus Status => new ReadHost(Node.Connect(_ => { })).Run(new ReadHostRequest(true)).Boot!;

    public void PutLayout(string text) => Node.Host.Put("/etc/vgpups/layout.json", text);

    public ProcessResult Restart(string unit) =>
        Node.Host.Processes.RunAsync(
            new("/usr/bin/systemctl", ["restart", unit], TimeSpan.FromSeconds(9)), default).Result;

    public LabHookResult Boots(int code, params string[] options)
    {
        var result = Node.Hook(["boot", .. options]);
        Assert.True(code == result.ExitCode, $"exit {result.ExitCode}: {result.Error}{result.Output}");
        return result;
    }

    public void IsRestored()
    {
        var gpus = Node.Host.State.Gpus;
        Assert.Equal([(16, true), (16, false)], gpus.Select(g => (g.FunctionCount, g.MigCurrent)));
        Assert.Equal(["0+2 1", "2+1 1"],
            gpus[0].Instances.OrderBy(i => i.Start).Select(i => $"{i.Start}+{i.Size} {i.ComputeInstances.Count}"));
        Assert.Equal(2u, gpus[1].SchedulerPolicy);
    }

    public string Gpus() => string.Join(' ', Node.Host.State.Gpus.SelectMany(g => g.Instances).Select(i => i.Serial));

    public static void Says(LabHookResult result, params string[] words) =>
        Assert.All(words, word => Assert.Contains(word, result.Error, StringComparison.Ordinal));
}
