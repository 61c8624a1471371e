using System.Globalization;
using VgpuPS.Core.Boot;
using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Operations.Inventory;

/// <summary>Writes a host's report for display: a diagram of each GPU, then functions, types and claims.</summary>
public static class HostReportText
{
    /// <summary>All of it, line by line.</summary>
    public static IReadOnlyList<DiagramLine> Lines(HostReport report)
    {
        var lines = new List<DiagramLine> { DiagramLine.Of($"node {report.Node}, NVIDIA driver {report.DriverVersion}") };
        if (report.Boot is { } boot)
        {
            var problems = boot.Problems.Concat(boot.Gpus.Select(g => g.Problem).OfType<BootProblem>()).ToList();
            lines.Add(DiagramLine.Of($"boot service: {boot.State} at "
                + $"{boot.Time}{(boot.Gpus.Count == 0 ? "" : $", {boot.Gpus.Count(g => g.Problem is null)} of {boot.Gpus.Count} GPUs match the layout")}"));
            lines.AddRange(problems.Select(p => DiagramLine.Of($"  {p.Message}")));
        }

        if (report.Gpus.Count == 0)
        {
            lines.Add(DiagramLine.Of("no GPU is bound to the nvidia driver"));
        }

        foreach (var gpu in report.Gpus)
        {
            lines.Add(DiagramLine.Of(""));
            lines.AddRange(GpuDiagram.Draw(gpu));
            lines.AddRange(gpu.Vgpus.Select(v => Vgpu(v, report)));
            lines.AddRange(Functions(gpu).Concat(Types(gpu)).Select(text => DiagramLine.Of(text)));
        }

        lines.AddRange(report.Claims.Select(c => DiagramLine.Of(
            $"claim: VM {c.VmId} {c.Entry}, type nvidia-{c.Type}, {c.State}, {c.Function ?? "no function yet"}")));
        return lines;
    }

    private static DiagramLine Vgpu(VgpuReport vgpu, HostReport report)
    {
        var name = vgpu.VmId is { } id ? report.Vms.FirstOrDefault(v => v.Id == id)?.Name : null;
        var owner = vgpu.VmId is null ? "unknown VM" : name is null ? $"VM {vgpu.VmId}" : $"VM {vgpu.VmId} ({name})";
        return DiagramLine.Of(
            $"  vgpu {vgpu.Function}  {vgpu.TypeName} (nvidia-{vgpu.Type})  {owner}{(vgpu.IsRunning ? ", running" : ", not running")}",
            vgpu.IsRunning ? DiagramStyle.InUse : DiagramStyle.Idle);
    }

    private static IEnumerable<string> Functions(GpuReport gpu)
    {
        foreach (var other in gpu.Functions.Where(f => f.Driver != "nvidia"))
        {
            yield return $"  function {other.Address} is bound to {other.Driver ?? "no driver"} and cannot carry a "
                + "vGPU";
        }

        var free = gpu.Functions.Where(f => f.CurrentType is null && f.Driver == "nvidia").ToList();
        if (free.Count > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"  {free.Count} free functions: {string.Join(' ', free.Select(f => f.Address))}");
        }
    }

    private static IEnumerable<string> Types(GpuReport gpu) => gpu.Types.Select(t => string.Create(
        CultureInfo.InvariantCulture,
        $"  type nvidia-{t.Id}  {t.Name}  {t.FramebufferMiB} MiB  {(t.Profile is null ? "time-sliced" : $"on a {t.Profile}")}  {When(gpu, t)}"));

    private static string When(GpuReport gpu, VgpuTypeReport type) => (type, gpu.Mig?.Current ?? false) switch
    {
        ({ IsCreatable: true }, _) => "can be created now",
        ({ Profile: null }, true) => "not in MIG mode",
        ({ Profile: not null }, false) => "only in MIG mode",
        ({ Profile: not null }, true) => "once it has its instance",
        _ => gpu.EnabledFunctions == 0 && gpu.TotalFunctions > 0 ? "once VFs are enabled" : "no capacity now",
    };
}
