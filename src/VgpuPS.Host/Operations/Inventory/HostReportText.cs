using System.Text.Json.Serialization;
using VgpuPS.Core.Boot;
using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Operations.Inventory;

/// <summary>Writes a host's report for display: a diagram of each GPU, then functions, types and claims.</summary>
public static class HostReportText
{
    /// <summary>All of it, line by line.</summary>
    public static IReadOnlyList<DiagramLine> Lines(HostReport report)
    {
        var lines =
            new List<DiagramLine> { DiagramLine.Of($"node {report.Node}, NVIDIA driver {report.DriverVersion}") };
        if (report.Boot is { } boot)
        {
            var problems = boot.Problems.Concat(boot.Gpus.Select(g => g.Problem).OfType<BootProblem>()).ToList();
            lines.Add(DiagramLine.Of($"boot service: {boot.State} at "
                + $"{boot.Time}{(boot.Gpus.Count == 0 ? ""
                    : $", {boot.Gpus.Count(g => g.Problem is null)} of {boot.Gpus.Count} GPUs match the layout")}"));
            lines.AddRange(problems.Select(p => DiagramLine.Of($"  {p.Message}")));
        }

        if (report.Gpus.Count == 0 && report.Problems.All(p => p.Gpu is null))
        {
            lines.Add(DiagramLine.Of("no GPU is bound to the nvidia driver"));
        }

        foreach (var gpu in report.Gpus)
        {
            lines.Add(DiagramLine.Of(""));
            lines.AddRange(GpuDiagram.Draw(gpu));
            lines.AddRange(gpu.Vgpus.Select(Vgpu));
            lines.AddRange(Functions(gpu).Concat(Types(gpu)).Select(text => DiagramLine.Of(text)));
        }

        lines.AddRange(report.Problems.Where(p => p.Gpu is not null)
            .SelectMany(p => new[] { "", $"GPU {p.Gpu} cannot be read: {p.Message}" }).Select(t => DiagramLine.Of(t)));
        lines.AddRange(report.Claims.Select(c => DiagramLine.Of(
            $"claim: VM {c.VmId} {c.Entry}, type nvidia-{c.Type}, {c.State}, {Describe(c)}")));
        return lines;
    }

    /// <summary>A claim that is held for a VM's return has no function, and can have the one that its entry names
    /// alone.</summary>
    private static string Describe(ClaimReport claim) => claim.Function ?? claim.Candidates switch
    {
        [] => "no function yet",
        [var only] => $"for {only}",
        var several => string.Create(CultureInfo.InvariantCulture, $"for one of {several.Count} functions"),
    };

    private static DiagramLine Vgpu(VgpuInfo vgpu)
    {
        var owner = vgpu.VmId is null
            ? "unknown VM" : vgpu.VmName is null ? $"VM {vgpu.VmId}" : $"VM {vgpu.VmId} ({vgpu.VmName})";
        return DiagramLine.Of(
            $"  vgpu {vgpu.FunctionAddress}  {vgpu.VgpuType} (nvidia-{vgpu.VgpuTypeId})  "
                + $"{owner}{(vgpu.IsRunning ? ", running" : ", not running")}",
            vgpu.IsRunning ? DiagramStyle.InUse : DiagramStyle.Idle);
    }

    private static IEnumerable<string> Functions(GpuInfo gpu)
    {
        foreach (var other in gpu.Functions.Where(f => f.Driver != "nvidia"))
        {
            yield return $"  function {other.FunctionAddress} is bound to {other.Driver ?? "no driver"} and cannot "
                + "carry a vGPU";
        }

        var lacking = gpu.Functions.Where(f => f is { Driver: "nvidia", HasTypes: false }).ToList();
        if (lacking.Count > 0)
        {
            yield return $"  {FunctionTypes.Describe(lacking.Select(f => f.FunctionAddress))}: see vgpu-hook doctor";
        }

        var free = gpu.Functions.Where(f => f is { VgpuTypeId: null, Driver: "nvidia", HasTypes: true }).ToList();
        if (free.Count > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"  {free.Count} free functions: {string.Join(' ', free.Select(f => f.FunctionAddress))}");
        }
    }

    private static IEnumerable<string> Types(GpuInfo gpu) => gpu.Types.Select(t => string.Create(
        CultureInfo.InvariantCulture,
        $"  type nvidia-{t.VgpuTypeId}  {t.VgpuType}  {t.FramebufferMiB} MiB  "
            + $"{(t.Profile is null ? "time-sliced" : $"on a {t.Profile}")}  {When(gpu, t)}"));

    private static string When(GpuInfo gpu, VgpuTypeInfo type) => (type, gpu.MigCurrent ?? false) switch
    {
        ({ IsCreatable: true }, _) => "can be created now",
        ({ Profile: null }, true) => "not in MIG mode",
        ({ Profile: not null }, false) => "only in MIG mode",
        ({ Profile: not null }, true) => "once it has its instance",
        _ => gpu.EnabledFunctions == 0 && gpu.TotalFunctions > 0 ? "once VFs are enabled" : "no capacity now",
    };
}

/// <summary>How the host's report is written for programs: camelCase, indented.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(HostReport))]
public sealed partial class HostReportJsonContext : JsonSerializerContext;
