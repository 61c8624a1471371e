using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace VgpuPS.KernelBed.Guest;

/// <summary>
/// A workstation's end of an agent, in lines of its own making: what travels is held against its written form, not
/// against the product's reader.
/// </summary>
internal sealed class AgentPeer : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly Dictionary<int, TaskCompletionSource<PeerAnswer>> _asked = [];
    private readonly Dictionary<int, int> _steps = [];
    private readonly TaskCompletionSource<JsonElement> _handshake = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _pong = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private int _last;

    internal AgentPeer()
    {
        _process = Programs.Start(Bed.Hook, ["agent"], null, keepInput: true);
        _ = Task.Run(ReadAsync);
    }

    /// <summary>The agent's first frame.</summary>
    internal Task<JsonElement> HelloAsync() => _handshake.Task.WaitAsync(s_limit);

    /// <summary>Runs a use case.</summary>
    /// <param name="useCase">Its name.</param>
    /// <param name="body">The request as JSON.</param>
    internal Task<PeerAnswer> AskAsync(string useCase, string body)
    {
        var answer = new TaskCompletionSource<PeerAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        int id;
        lock (_gate)
        {
            id = ++_last;
            _asked[id] = answer;
            _steps[id] = 0;
        }

        Send(string.Create(
            CultureInfo.InvariantCulture, $$"""{"kind":"Run","id":{{id}},"useCase":"{{useCase}}","body":{{body}}}"""));
        return answer.Task.WaitAsync(s_limit);
    }

    /// <summary>Asks for a sign of life.</summary>
    internal Task PingAsync()
    {
        Send("""{"kind":"Ping"}""");
        return _pong.Task.WaitAsync(s_limit);
    }

    /// <summary>Closes the agent's input and gives its exit code.</summary>
    internal async Task<int> EndAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(s_limit);
        return _process.ExitCode;
    }

    /// <summary>Kills the agent, as a connection that breaks does to what it leaves.</summary>
    internal void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void Send(string line)
    {
        lock (_gate)
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Length > 0)
            {
                using var frame = JsonDocument.Parse(line);
                Take(frame.RootElement.Clone());
            }
        }

        var error = await _process.StandardError.ReadToEndAsync();
        var gone = new InvalidOperationException($"The agent has ended. {error}");
        _handshake.TrySetException(gone);
        lock (_gate)
        {
            foreach (var answer in _asked.Values)
            {
                answer.TrySetException(gone);
            }
        }
    }

    private void Take(JsonElement frame)
    {
        var kind = frame.GetProperty("kind").GetString()!;
        var id = frame.TryGetProperty("id", out var number) ? number.GetInt32() : 0;
        lock (_gate)
        {
            switch (kind)
            {
                case "Hello":
                    _handshake.TrySetResult(frame.GetProperty("hello"));
                    break;
                case "Pong":
                    _pong.TrySetResult();
                    break;
                case "Progress":
                    _steps[id]++;
                    break;
                case "Warning":
                    break;
                default:
                    _asked[id].TrySetResult(new PeerAnswer(kind, frame, _steps[id]));
                    break;
            }
        }
    }
}

/// <summary>What an agent answered.</summary>
/// <param name="Kind">Kind of the last frame.</param>
/// <param name="Frame">That frame.</param>
/// <param name="Steps">Steps that were told before it.</param>
internal sealed record PeerAnswer(string Kind, JsonElement Frame, int Steps)
{
    /// <summary>Whether it went well.</summary>
    internal bool IsResult => Kind == "Result";

    /// <summary>The result.</summary>
    internal JsonElement Body => Frame.GetProperty("body");

    /// <summary>Whether it failed with this error, what to do being told.</summary>
    internal bool HasFailed(string errorId) => Kind == "Failure" && Frame.GetProperty("failure") is var failure
        && failure.GetProperty("errorId").GetString() == errorId
        && failure.GetProperty("recommendedAction").GetString() is { Length: > 0 };

    /// <summary>The frame as it came.</summary>
    public override string ToString() => Frame.GetRawText();
}
