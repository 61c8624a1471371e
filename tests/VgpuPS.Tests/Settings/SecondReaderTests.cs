using System.IO.Pipes;
using System.Text;
using System.Text.Json;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Layout;
using VgpuPS.Hook;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Sessions;
using VgpuPS.LabHook;
using Xunit;
using JsonSerializer = System.Text.Json.JsonSerializer;

namespace VgpuPS.Tests.Settings;

/// <summary>
/// Every JSON document that hook, agent and boot service write is read by System.Text.Json and by Newtonsoft.Json, and
/// both find the same in it: what others write programs for must not depend on how lenient a reader is.
/// </summary>
public sealed class SecondReaderTests
{
    private const string Odd = "Grüße \"a\" \\ / <b> & 'c' \u2028 \u0001 \U0001F600";

    private static readonly AgentFrameKind[] s_answers =
    [
        AgentFrameKind.Hello, AgentFrameKind.Pong, AgentFrameKind.Progress, AgentFrameKind.Result,
        AgentFrameKind.Failure,
    ];

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    private readonly BootNode _host = new();

    [Theory]
    [InlineData("show", "--json")]
    [InlineData("doctor", "--json")]
    public void What_the_hook_prints(params string[] arguments)
    {
        RunVm();
        Same(_host.Node.Hook(arguments).Output);
    }

    [Theory]
    [InlineData("/run/vgpups/claims.json")]
    [InlineData("/run/vgpups/boot.json")]
    [InlineData("/run/vgpups/counters.json")]
    [InlineData("/var/log/vgpups/events.jsonl")]
    public void Files_on_the_host(string path)
    {
        _host.Node.Host.Reboot();
        _host.Boots(0);
        RunVm();
        var lines = Read(path);
        foreach (var document in path.EndsWith(".jsonl", StringComparison.Ordinal) ? lines.Split('\n')[..^1] : [lines])
        {
            Same(document);
        }
    }

    [Fact]
    public async Task Frames_of_the_agent_and_the_layout_that_it_saves()
    {
        var layout = LayoutFormat.Read(Encoding.UTF8.GetBytes(BootNode.Layout), "layout.json");
        AgentFrame[] requests =
        [
            Request(1, HostUseCases.ReadHost, new ReadHostRequest()),
            Request(2, HostUseCases.ApplyLayout, new ApplyLayoutRequest { Gpus = layout.Gpus, Source = Odd }),
            Request(3, HostUseCases.TestVmVgpu, new TestVmVgpuRequest { Vm = Odd }),
            Request(4, HostUseCases.SaveLayout, new SaveLayoutRequest { Layout = layout, Source = "test" }),
            new(AgentFrameKind.Ping),
        ];
        var lines = await AskAsync(requests);
        Assert.All(lines, Same);
        var kinds = lines.Select(l => AgentProtocol.TryRead(Encoding.UTF8.GetBytes(l))!.Kind).ToHashSet();
        Assert.Empty(s_answers.Except(kinds));
        Same(Read("/etc/vgpups/layout.json"));
        var events = Read("/var/log/vgpups/events.jsonl").Split('\n')[..^1];
        Assert.All(events, Same);
        Assert.Contains(events, e => JObject.Parse(e).Descendants().OfType<JValue>().Any(v => Equals(v.Value, Odd)));
    }

    [Fact]
    public void A_difference_between_the_readers_would_be_seen()
    {
        Assert.ThrowsAny<Exception>(() => Same("{\"a\":1,\"a\":1}"));
        Assert.ThrowsAny<Exception>(() => Same("{\"a\":1,}"));
        Assert.ThrowsAny<Exception>(() => Same("{\"a\":1} // end"));
    }

    [Theory]
    [InlineData("1", "\"1\"")]
    [InlineData("1", "1.5")]
    [InlineData("null", "\"\"")]
    [InlineData("\"2026-01-02T03:04:05Z\"", "\"2026-01-02T03:04:05.0Z\"")]
    public void Two_values_are_not_taken_for_one(string one, string other) => Assert.False(
        JToken.DeepEquals(Second($"[{one}]"), First(JsonDocument.Parse($"[{other}]").RootElement)));

    private static void Same(string text)
    {
        using var document = JsonDocument.Parse(text, s_strict);
        var (first, second) = (First(document.RootElement), Second(text));
        Assert.True(first.HasValues, text);
        Assert.True(JToken.DeepEquals(first, second), $"{first}\nis not\n{second}");
    }

    private static JToken Second(string text)
    {
        using var reader = new JsonTextReader(new StringReader(text))
        {
            DateParseHandling = DateParseHandling.None,
            FloatParseHandling = FloatParseHandling.Decimal,
        };
        var token = JToken.Load(
            reader, new JsonLoadSettings { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error });
        Assert.False(reader.Read());
        return token;
    }

    private static JToken First(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object =>
            new JObject(element.EnumerateObject().Select(p => new JProperty(p.Name, First(p.Value)))),
        JsonValueKind.Array => new JArray(element.EnumerateArray().Select(First)),
        JsonValueKind.String => new JValue(element.GetString()),
        JsonValueKind.Number => element.TryGetInt64(out var whole)
            ? new JValue(whole) : new JValue(element.GetDecimal()),
        JsonValueKind.True or JsonValueKind.False => new JValue(element.GetBoolean()),
        _ => JValue.CreateNull(),
    };

    private static AgentFrame Request<TRequest, TResult>(int id, UseCase<TRequest, TResult> useCase, TRequest request)
        where TRequest : notnull
        where TResult : notnull => new(AgentFrameKind.Run)
        {
            Id = id,
            UseCase = useCase.Name,
            Body = JsonSerializer.SerializeToElement(request, useCase.RequestJson),
        };

    private void RunVm()
    {
        _host.Boots(0);
        _host.Node.CreateVm(new VmId(101), "0=0000:4b:00.4,mdev=nvidia-690");
        Assert.Null(_host.Node.Start(101).Error);
    }

    private string Read(string path) => Encoding.UTF8.GetString(_host.Node.Host.Files.Read(path, 1 << 20));

    /// <summary>Lines of an agent, from its first to the answer to the last of some requests.</summary>
    private async Task<List<string>> AskAsync(IReadOnlyList<AgentFrame> requests)
    {
        await using var toAgent = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var fromAgent = new AnonymousPipeServerStream(PipeDirection.In);
        var server = new AgentServer(
            AgentCommand.Introduce("pve1", true), LabUseCases.All,
            (useCase, request, observer, token) => _host.Node.RunAsync(
                useCase.Name, observer, ports => useCase.RunAsync(ports, request, observer, token)),
            TimeProvider.System);
        await using var channel = new AgentChannel(
            new AnonymousPipeClientStream(PipeDirection.In, toAgent.ClientSafePipeHandle),
            new AnonymousPipeClientStream(PipeDirection.Out, fromAgent.ClientSafePipeHandle));
        var stop = TestContext.Current.CancellationToken;
        var serving = server.RunAsync(channel, stop);
        using var reader = new StreamReader(fromAgent, Encoding.UTF8);
        var lines = new List<string>();
        foreach (var request in requests)
        {
            // One after the other, so that each finds what those before it have done.
            await toAgent.WriteAsync(AgentProtocol.Write(request), stop);
            while (!IsAnswer(lines.LastOrDefault(), request.Id) && await reader.ReadLineAsync(stop) is { } line)
            {
                lines.AddRange(line.Length == 0 ? [] : [line]);
            }
        }

        toAgent.Close();
        await serving;
        return lines;
    }

    private static bool IsAnswer(string? line, int id) =>
        line is not null && AgentProtocol.TryRead(Encoding.UTF8.GetBytes(line)) is { } frame && frame.Id == id
        && frame.Kind is AgentFrameKind.Pong or AgentFrameKind.Result or AgentFrameKind.Failure;
}
