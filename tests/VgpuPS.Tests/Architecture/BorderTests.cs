using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Text;
using VgpuPS.Host;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using VgpuPS.Sessions;
using VgpuPS.Tests.Ssh;
using Xunit;

namespace VgpuPS.Tests.Architecture;

/// <summary>
/// No text from a guest, an agent or a host's file reaches a face but as visible text, and one function makes it so.
/// The doors are looked up in the sources; that nothing gets past them is tried with a host whose every file is
/// hostile.
/// </summary>
public sealed class BorderTests
{
    private const string Hostile = "\e]0;PWN\a\e[2Jevil\u202E\u2028";
    private const string Escaped = @"\u001b]0;PWN\u0007\u001b[2Jevil\u202e\u2028\n1. DELETE EVERYTHING";

    private static readonly string[] s_folders = ["src", "hookscripts", "module"];

    public static TheoryData<string, string, string> Doors => new()
    {
        // The pattern, where alone it may stand, and why.
        { @"char\.IsControl", "src/VgpuPS.Host/Ssh/SshCommandLine.cs "
            + "hookscripts/VgpuPS.LabHook/Commands/VmCommands.cs", "those refuse; VisibleText shows" },
        { @"new GuestResult\(", "src/VgpuPS.Core/Guests/GuestEndpoint.cs", "what a guest says is cleaned by its way" },
        { @"Console\.(Out|Error)\b", "hookscripts/VgpuPS.Hook/Program.cs hookscripts/VgpuPS.LabHook/Terminal.cs "
            + "src/VgpuPS.Live/LiveScreen.cs "
            + "hookscripts/VgpuPS.LabHook/Program.cs", "HookText and Terminal write" },
        { @"new StepProgress\(", "src/VgpuPS.Host/Execution/Executor.cs module/Changing/FileUploads.cs",
            "the engine reports a step when it begins, and the sender a part" },
        { @"Console\.Write", "", "HookText and Terminal write" },
        { @"(?<!sink|Current)\.Write(Warning|Verbose|Progress|Information)\(", "module/Sessions/CommandSink.cs "
            + "module/Sessions/PlanConfirmation.cs", "the sink writes, and plans are results of sessions" },
    };

    [Theory]
    [MemberData(nameof(Doors))]
    public void A_door_is_at_one_place(string pattern, string places, string why)
    {
        var allowed = places.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var found = Sources().Where(f => Regex.IsMatch(File.ReadAllText(f), pattern))
            .Select(f => Path.GetRelativePath(Checkout.Root, f).Replace('\\', '/'))
            .Where(f => !f.StartsWith("src/VgpuPS.Lab/", StringComparison.Ordinal) && !allowed.Contains(f)
                && !f.StartsWith("module/Help/", StringComparison.Ordinal));
        Assert.True(!found.Any(), $"{pattern} in {string.Join(", ", found)}: {why}");
    }

    [Fact]
    public void Every_session_shows_results_of_a_use_case_through_it()
    {
        var sessions = new[] { typeof(LocalHostSession).Assembly, typeof(HostWiring).Assembly }.SelectMany(
            a => a.GetTypes())
            .Where(t => t.IsClass && t.IsAssignableTo(typeof(IHostSession))).Select(t => t.Name).ToList();
        Assert.NotEmpty(sessions);
        foreach (var session in sessions)
        {
            var text = File.ReadAllText(Sources().Single(f => Path.GetFileName(f) == session + ".cs"));
            Assert.True(
                text.Contains("useCase.Show(", StringComparison.Ordinal)
                    || text.Contains("_client.RunAsync(", StringComparison.Ordinal),
                $"{session} gives a result that is not cleaned");
        }

        var client = File.ReadAllText(Sources().Single(f => Path.GetFileName(f) == "AgentClient.cs"));
        Assert.Contains("useCase.ReadResult(", client, StringComparison.Ordinal);
        Assert.DoesNotContain("ResultJson", client, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("show")]
    [InlineData("show --json")]
    [InlineData("doctor")]
    [InlineData("doctor --json")]
    [InlineData("plan 101")]
    [InlineData("plan 102")]
    [InlineData("101 pre-start")]
    [InlineData("102 pre-start")]
    [InlineData("boot --timeout 1")]
    [InlineData("sweep")]
    [InlineData("\e]0;x\a")]
    [InlineData("101 \e[2J")]
    [InlineData("plan \u202E")]
    [InlineData("doctor \e[2J")]
    public void The_hook_prints_visible_text_on_a_hostile_host(string arguments)
    {
        var node = HostileHost();
        var result = node.Hook(arguments.Split(' '));
        var said = result.Output + result.Error;
        Assert.True(said.Length > 0 || arguments == "sweep", arguments);
        Assert.Equal(said, VisibleText.Of(said, keepLines: true));
        Assert.DoesNotContain("\n1. DELETE", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_gives_visible_text_from_a_hostile_host()
    {
        var node = HostileHost();
        await using var session = new LabHostSession("lab", node);
        var token = TestContext.Current.CancellationToken;
        var observer = new RecordingObserver();
        var report = await session.RunAsync(
            HostUseCases.ReadHost, new ReadHostRequest(WithChoices: true, DriverMayBeMissing: true), observer, token);
        AssertVisible(JsonSerializer.SerializeToElement(report, HostUseCases.ReadHost.ResultJson));
        Assert.Contains(report.Vms, v => v.Name?.Contains(@"\e[2J", StringComparison.Ordinal) == true);
        AssertVisible(JsonSerializer.SerializeToElement(
            await session.RunAsync(HostUseCases.RunDoctor, new RunDoctorRequest(), observer, token),
            HostUseCases.RunDoctor.ResultJson));
        AssertVisible(JsonSerializer.SerializeToElement(
            await session.RunAsync(HostUseCases.TestVgpuHook, new TestVgpuHookRequest(), observer, token),
            HostUseCases.TestVgpuHook.ResultJson));
        AssertVisible(JsonSerializer.SerializeToElement(
            await session.RunAsync(HostUseCases.TestVmVgpu, new TestVmVgpuRequest { Vm = "102" }, observer, token),
            HostUseCases.TestVmVgpu.ResultJson));
        var events = await session.RunAsync(HostUseCases.ReadEvents, new ReadEventsRequest(), observer, token);
        Assert.NotEmpty(events.Events);
        AssertVisible(JsonSerializer.SerializeToElement(events, HostUseCases.ReadEvents.ResultJson));
        var failure = await Assert.ThrowsAnyAsync<VgpuException>(() => session.RunAsync(
            HostUseCases.TestVmVgpu, new TestVmVgpuRequest { Vm = Hostile }, observer, token));
        Assert.Equal(failure.Message, VisibleText.Of(failure.Message));
    }

    private static IEnumerable<string> Sources() => s_folders
        .SelectMany(f => Directory.EnumerateFiles(Path.Combine(Checkout.Root, f), "*.cs", SearchOption.AllDirectories))
        .Where(f =>
            !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static void AssertVisible(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                Assert.Equal(element.GetString(), VisibleText.Of(element.GetString()!));
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    AssertVisible(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    Assert.Equal(member.Name, VisibleText.Of(member.Name));
                    AssertVisible(member.Value);
                }

                break;
            default:
                break;
        }
    }

    private static LabHostNode HostileHost()
    {
        var node = LabNodes.A30(LabBackend.Vfio);
        node.CreateVm(new VmId(101), "0=0000:4b:00.4,mdev=nvidia-689");
        node.CreateVm(new VmId(102), $"0=0000:4b:00.5,mdev=nvidia-689{Hostile}");
        Append(node, node.ConfigPath(new VmId(101)), $"name: web{Hostile}\n#description {Hostile}\n");
        node.Host.Put(
            "/etc/pve/storage.cfg", $"dir: local\n\tpath /var/lib/vz\n\tcontent snippets,{Hostile}\n\ndir: "
                + $"x{Hostile}\n\tpath /x{Hostile}\n\tcontent snippets\n");
        node.Host.Put("/etc/pve/mapping/pci.cfg",
            $"gpus{Hostile}\n\tmdev 1\n\tmap id=10de:20b7,node=pve1,path=0000:4b:00.4{Hostile}\n");
        node.Host.Put("/etc/vgpups/config.json", $$$$"""{"chain":{"777":{"path":"/root/{{{{Escaped}}}}"}}}""");
        node.Host.Put(
            "/etc/vgpups/layout.json", $$$"""{"version":1,"gpus":[{"gpu":"GPU-{{{Escaped}}}","mig":true}]}""");
        node.Host.Put("/run/vgpups/boot.json", $$$"""
            {"state":"failed","time":"{{{Escaped}}}","seconds":1,"notes":["{{{Escaped}}}"],"gpus":[{"gpu":"{{{Escaped}}}","outcome":"failed"}],
            "problems":[{"errorId":"{{{Escaped}}}","message":"{{{Escaped}}}","recommendedAction":"{{{Escaped}}}"}]}
            """);
        node.Host.Put("/var/log/vgpups/events.jsonl", $$$"""
            {"time":"2026-01-01T00:00:00.000Z","source":"{{{Escaped}}}","vm":101,"action":"{{{Escaped}}}","target":"{{{Escaped}}}","before":"","after":""}
            """ + "\n");
        node.Host.Put(
            "/var/lib/dpkg/status", $"Package: qemu-server\nStatus: install ok installed\nVersion: 9.2.6{Hostile}\n\n");
        node.Host.Put("/etc/modprobe.d/site.conf", $"blacklist nvidia # {Hostile}\noptions nvidia {Hostile}\n");
        node.Host.Edit(s => s.KernelLog.Add($"NVRM: {Hostile} GPU 0000:4b:00.0: RmInitAdapter failed"));
        return node;
    }

    private static void Append(LabHostNode node, string path, string text) =>
        node.Host.Put(path, Encoding.UTF8.GetString(node.Host.Files.Read(path, 1 << 20)) + text);
}
