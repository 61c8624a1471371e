using VgpuPS.Core.Advice;
using VgpuPS.Host.Operations.Advice;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;

namespace VgpuPS.Tests.Advising;

/// <summary>GPUs of simulated hosts as advice sees them.</summary>
internal static class AdviceLab
{
    /// <summary>GPUs of a host on its first day, MIG mode off.</summary>
    public static AdviceHost Read(params string[] models)
    {
        var node = LabHostNode.Create(new LabOptions { Gpus = models });
        var host = new ReadAdviceHost(node.Connect(_ => { })).Run(new ReadAdviceHostRequest());
        host.Stamp("lab");
        return host;
    }

    /// <summary>All that is advised, best first.</summary>
    public static IReadOnlyList<IReadOnlyList<VgpuAdviceInfo>> Ask(
        AdviceHost host, params Tenant[] tenants) => new VgpuAdvisor(tenants, [host], []).Advise();

    /// <summary>What the recommendation gives to whom, and with which GPUs.</summary>
    public static string Recommend(AdviceHost host, params Tenant[] tenants)
    {
        var row = Ask(host, tenants)[0][0];
        return string.Join("; ", row.Tenants) + " | " + string.Join("; ", row.Gpus.Select(g =>
            $"{g.GpuIndex} {(g.Sharing == "MigBacked" ? "MIG" : g.Scheduler)}"))
            + (row.Unsatisfied.Count == 0 ? "" : " | " + string.Join("; ", row.Unsatisfied.Select(u =>
                $"{u.Tenant} {u.Count} {(u.IsPlaced ? "partly" : "none")}")));
    }
}
