using System.Management.Automation;
using System.Text.Json;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using VgpuPS.Sessions;
using VgpuPS.Tests.Module;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>
/// Base of tests that run commands: a PowerShell with the module, and a simulated host <c>lab</c> that is the only
/// session. Sessions belong to the process, so these tests run one after the other, beside all others.
/// </summary>
[Collection(nameof(HostSessions))]
[Trait("Duration", "Long")]
public abstract class EngineTests : IDisposable
{
    /// <summary>One for all of them: opening another takes as long as half a test.</summary>
    private static readonly Lazy<Engine> s_engine = new();

    private static readonly UseCase<LabVmRequest, LabVmResult> s_look = new(
        "look", LabUseCases.StartVm.RequestJson, LabUseCases.StartVm.ResultJson,
        (host, _, _, _) => Task.FromResult(new LabVmResult(null, [Look(((LabPorts)host).Node)])));

    private readonly Engine _engine = s_engine.Value;
    private string? _folder;

    protected EngineTests()
    {
        _engine.Reset();
        Lab();
    }

    /// <summary>Models of the host's GPUs.</summary>
    protected virtual string Models => "A30, A30";

    public void Dispose()
    {
        HostSessions.RemoveAllAsync().GetAwaiter().GetResult();
        if (_folder is not null)
        {
            Directory.Delete(_folder, true);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>A new host <c>lab</c>, and no other session.</summary>
    /// <param name="models">Models of its GPUs as they are typed; those of the class without it.</param>
    /// <param name="options">Further parameters of Connect-VgpuHost.</param>
    protected void Lab(string? models = null, string options = "")
    {
        HostSessions.RemoveAllAsync().GetAwaiter().GetResult();
        Run($"Connect-VgpuHost -Lab {models ?? Models} {options}");
    }

    /// <summary>A new host <c>lab</c> whose inside the test can see, and no other session.</summary>
    private protected static async Task<LabHostNode> OpenLabAsync(LabOptions? options = null)
    {
        await HostSessions.RemoveAllAsync();
        var node = LabHostNode.Create(options ?? new LabOptions { WithVms = true });
        await HostSessions.AddAsync(
            "lab", "lab", name => Task.FromResult<IHostSession>(new LabHostSession(name, node)));
        return node;
    }

    /// <summary>A file of the test's own, that is gone with it.</summary>
    protected string PathOf(string name)
    {
        _folder ??= Directory.CreateTempSubdirectory("vgpups-test-").FullName;
        return Path.Combine(_folder, name);
    }

    /// <summary>Runs a script; an error fails the test.</summary>
    internal EngineResult Run(string script)
    {
        var result = Try(script);
        Assert.True(result.Errors.Count == 0, $"{script}: {string.Join("; ", result.Errors)}");
        return result;
    }

    /// <summary>Sets a variable of the scripts.</summary>
    private protected void Set(string name, object value) => _engine.Set(name, value);

    /// <summary>Runs a script that may write errors.</summary>
    internal EngineResult Try(string script) => _engine.Run(script);

    /// <summary>Ends the script that runs, as Ctrl+C does; from any thread.</summary>
    private protected void Interrupt() => _engine.Interrupt();

    /// <summary>Runs a script that must fail; its first error.</summary>
    protected ErrorRecord Refusal(string script)
    {
        var errors = Try(script).Errors;
        Assert.True(errors.Count > 0, $"{script}: no error");
        return errors[0];
    }

    /// <summary>Runs a script that must fail in this way; parts of message and advice may be named.</summary>
    protected void AssertRefused(
        string script, string id, ErrorCategory category, string message = "", string action = "")
    {
        var failure = Refusal(script);
        Assert.Equal((id, category), (failure.FullyQualifiedErrorId.Split(',')[0], failure.CategoryInfo.Category));
        Assert.Contains(message, failure.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.ErrorDetails.RecommendedAction);
        Assert.Contains(action, failure.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    /// <summary>Runs a script that must fail; id of its first error, without the command's name.</summary>
    protected string RefusalId(string script) => Refusal(script).FullyQualifiedErrorId.Split(',')[0];

    /// <summary>Objects that a script writes, as .NET has them.</summary>
    protected object[] Values(string script, bool canFail = false) =>
        [.. (canFail ? Try(script) : Run(script)).Output.Select(o => o?.BaseObject!)];

    /// <summary>The one object that a script writes.</summary>
    protected T One<T>(string script) => Assert.IsType<T>(Assert.Single(Values(script)), exactMatch: false);

    /// <summary>What a script's objects look like at a console of some width.</summary>
    protected string Show(string script, int width = 120) =>
        One<string>($"& {{ {script} }} | Out-String -Width {width}");

    /// <summary>What the Tab key offers at the end of a line.</summary>
    /// <remarks>Completers are quiet where a host does not answer within a second, as may be on a busy machine: then
    /// once more.</remarks>
    protected IReadOnlyList<string> Complete(string typed)
    {
        for (var i = 1; ; i++)
        {
            var words = _engine.Complete(typed);
            if (words.Count > 0 || i == 5)
            {
                return words;
            }
        }
    }

    /// <summary>The same, asked once: for words that are not to come.</summary>
    protected IReadOnlyList<string> CompleteOnce(string typed) => _engine.Complete(typed);

    /// <summary>Answers the next questions with letters; without any nobody is there.</summary>
    protected void Answer(string letters)
    {
        _engine.Host.Answers.Clear();
        foreach (var letter in letters)
        {
            _engine.Host.Answers.Enqueue(letter);
        }
    }

    /// <summary>
    /// All that the simulated hosts are made of, the inside of their guests too, as text: equal texts mean that nothing
    /// has changed.
    /// </summary>
    protected static string State() =>
        string.Join('\n', HostSessions.ForReading(null).Where(s => s.Kind == "lab").Select(s =>
        s.RunAsync(s_look, new LabVmRequest(0), new SinkObserver(new RecordingSink(), "State"), CancellationToken.None)
            .GetAwaiter().GetResult().Log[0]));

    private static string Look(LabHostNode node) => HostSnapshot.Take(node)
        + JsonSerializer.Serialize(node.Host.State.Guests, LabStateJsonContext.Default.ListLabGuest);

    /// <summary>Runs a script in another runspace, on a thread of its own, as a thread job does.</summary>
    internal static async Task<EngineResult> RunElsewhereAsync(string script)
    {
        var result = await Task.Factory.StartNew(
            () =>
            {
                using var engine = new Engine();
                return engine.Run(script);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.Empty(result.Errors);
        return result;
    }
}
