using System.Text;
using System.Text.Json;
using VgpuPS.Core.Json;
using VgpuPS.Core.Rows;
using VgpuPS.Core.Text;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;

namespace VgpuPS.Fuzz;

/// <summary>What travels between a module and an agent: frames, requests, and a host's report.</summary>
internal static class FrameTargets
{
    private static readonly string[] s_frames =
    [
        """{"kind":"Hello","hello":{"protocol":2,"version":"0.1.0","node":"pve1","user":"root","isRoot":true,"useCases":["showHost"]}}""",
        """{"kind":"Run","id":7,"useCase":"showHost","body":{"withChoices":true}}""",
        """{"kind":"Progress","id":7,"progress":{"step":1,"count":2,"text":"a"}}""",
        """{"kind":"Failure","id":7,"failure":{"kind":"CapacityException","errorId":"NoFreePlacement","message":"m","recommendedAction":"r","target":"t","status":3,"exitCode":1}}""",
        """{"kind":"Result","id":7,"body":{"plan":{"target":"x","steps":[],"losses":[]},"objects":[]}}""",
        """{"kind":"Warning","id":7,"text":"w"}""", """{"kind":"Cancel","id":7}""", """{"kind":"Ping"}""",
    ];

    private static readonly string[] s_requests =
    [
        "{}", """{"vm":"101"}""", """{"vms":["101"],"expiresWithinSeconds":5}""", """{"checks":["Iommu*"]}""",
        """{"sources":["hook"],"actions":["*"],"vmIds":[101],"last":3}""",
        """{"gpu":"0","profiles":["1g.6gb"],"count":1}""",
        """{"gpu":"0000:4b:00.0","gpuInstanceId":1,"profile":"1g.6gb"}""",
        """{"function":"0000:4b:00.4","type":"A30-6C"}""",
        """{"gpus":[{"gpu":"0000:4b:00.0","sriov":true,"instances":[{"profile":"1g.6gb"}]}],"isPlanOnly":true}""",
        """{"vm":"101","type":"A30-1-6C","memoryMiB":6144,"isPlanOnly":true}""",
        """{"vm":"101","token":"t","tokenName":"t.tok"}""",
        """{"vm":"101","path":"/root/x.run","isPlanOnly":true}""", """{"withChoices":true,"driverMayBeMissing":true}""",
    ];

    [ThreadStatic]
    private static LabHostNode? s_node;

    [ThreadStatic]
    private static int s_uses;

    private static readonly Lazy<byte[]> s_report = new(() => JsonSerializer.SerializeToUtf8Bytes(
        new ReadHost(LabHostNode.Create(new LabOptions { WithVms = true }).Connect(_ => { })).Run(
            new ReadHostRequest(WithChoices: true)),
        UseCaseJsonContext.Default.HostReport));

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("frames", [.. s_frames.Select(Encoding.UTF8.GetBytes)], Frame) { IsJson = true },
        new("report", [s_report.Value], Report) { Batch = 150, IsJson = true },
        .. HostUseCases.All.Select(
            u => new FuzzTarget($"request-{u.Name}", [.. s_requests.Select(Encoding.UTF8.GetBytes)],
                raw => Request(u, raw)) { Batch = 12, IsJson = true }),
    ];

    private static void Frame(byte[] raw)
    {
        if (AgentProtocol.TryRead(raw) is not { } frame)
        {
            return;
        }

        foreach (var text in new[]
        {
            frame.Text,
            frame.Progress?.Text,
            frame.Hello?.Node,
            frame.Hello?.Version,
            frame.Hello?.User,
            frame.Failure?.Target
        })
        {
            if (text is not null && VisibleText.Of(text) != text)
            {
                throw new BrokenRuleException("a frame brings what no terminal may be given");
            }
        }

        if (frame.Failure is { Message: not null, RecommendedAction: not null, ErrorId: not null } failure)
        {
            _ = failure.ToException("pve1").Message;
        }
    }

    private static void Report(byte[] raw)
    {
        if (Parse(raw) is not { } json)
        {
            return;
        }

        HostReport report;
        try
        {
            report = HostUseCases.ReadHost.ReadResult(json, "pve1");
        }
        catch (Exception e) when (JsonText.IsRefusal(e))
        {
            return;
        }

        _ = report.ToHost("ssh");
        foreach (var gpu in report.Gpus)
        {
            _ = (gpu.Creatable.Count, gpu.FreeFunctions, report.PlacementsOf(gpu).Count(), GpuDiagram.Row(gpu));
        }
    }

    private static void Request(UseCase useCase, byte[] raw)
    {
        if (Parse(raw) is not { } json)
        {
            return;
        }

        // A host that has been changed now and then, and is a new one soon.
        if (s_node is null || ++s_uses % 300 == 0)
        {
            s_node = LabHostNode.Create(new LabOptions { WithVms = true });
        }

        var node = s_node;
        using var process = node.Host.BeginActor(useCase.Name);
        using var stop = new CancellationTokenSource();
        useCase.RunAsync(node.Connect(_ => { }), json, new Silent(), stop.Token).GetAwaiter().GetResult();
    }

    private static JsonElement? Parse(byte[] raw)
    {
        try
        {
            using var document = JsonDocument.Parse(raw);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed class Silent : IProgress<StepProgress>
    {
        public void Report(StepProgress value)
        {
        }
    }
}
