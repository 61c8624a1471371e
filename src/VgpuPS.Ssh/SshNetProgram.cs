using System.IO.Pipelines;
using System.Text;
using Renci.SshNet;
using Renci.SshNet.Common;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Ssh;

namespace VgpuPS.Ssh;

/// <summary>A program on a host, over a connection of its own, which lives on one thread from connecting to its
/// end.</summary>
/// <remarks>
/// Reads of the library hold their thread until something comes, and end only with their stream: on the pool's threads
/// twenty idle sessions would hold up everything else.
/// </remarks>
internal sealed class SshNetProgram : ISshProgram
{
    private const int BlockSize = 32 << 10;
    private const int MaxErrorText = 16 << 10;
    private const int ConnectionEnded = 255;
    private const int SignalBase = 128;

    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_maxWrite = TimeSpan.FromSeconds(30);

    private readonly SshDestination _destination;
    private readonly string _text;
    private readonly Login _login;
    private readonly HostKeyCheck _hostKeys;
    private readonly Pipe _output = new(new PipeOptions(useSynchronizationContext: false));
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private SshCommand? _command;
    private HostConnectionException? _refusal;
    private bool _hasKey;
    private volatile bool _isAbandoned;

    /// <param name="destination">The host.</param>
    /// <param name="text">What to run there.</param>
    /// <param name="login">The login; it is disposed of here.</param>
    /// <param name="hostKeys">Says whether the host is who it should be.</param>
    public SshNetProgram(SshDestination destination, string text, Login login, HostKeyCheck hostKeys)
    {
        (_destination, _text, _login, _hostKeys) = (destination, text, login, hostKeys);
        Output = _output.Reader.AsStream();
    }

    public Stream Input { get; private set; } = Stream.Null;

    public Stream Output { get; }

    /// <summary>Connects and starts the program.</summary>
    /// <exception cref="VgpuException">It did not come about.</exception>
    public async Task StartAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        new Thread(() => Live(limit)) { IsBackground = true, Name = $"ssh {_destination.Name}" }.Start();
        try
        {
            await _started.Task.WaitAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // A step of the library that waits gives up by its own limit; no caller waits for that here.
            Abandon();
            cancellationToken.ThrowIfCancellationRequested();
            throw SshErrors.Explain(_destination, null, "");
        }
    }

    public async Task<(int? ExitCode, string Error)> WaitAsync(TimeSpan limit)
    {
        int? exitCode = null;
        try
        {
            exitCode = await _ended.Task.WaitAsync(limit).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Abandon();
            await Task.WhenAny(_ended.Task, Task.Delay(s_goodbye)).ConfigureAwait(false);
        }

        lock (_gate)
        {
            return (exitCode, _error.ToString());
        }
    }

    /// <summary>Ends it: first by ending its input, then by closing the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await Input.DisposeAsync().ConfigureAwait(false);
        await WaitAsync(s_goodbye).ConfigureAwait(false);
        await Task.WhenAny(_closed.Task, Task.Delay(s_goodbye)).ConfigureAwait(false);
    }

    /// <summary>The connection's thread: nothing may leave it, an exception would end the process.</summary>
    private void Live(TimeSpan limit)
    {
        var exitCode = ConnectionEnded;
        try
        {
            using var client = new SshClient(Describe(limit));
            client.HostKeyReceived += CheckKey;
            Connect(client);
            using var command = client.CreateCommand(_text);
            var run = command.ExecuteAsync();
            Input = new ProgramInput(command.CreateInputStream());
            lock (_gate)
            {
                _command = command;
            }

            _started.TrySetResult();
            Read(command);
            exitCode = ReadEnd(command, run);
            _ended.TrySetResult(exitCode);
        }
        catch (Exception e)
        {
            Note(e.Message);
            _started.TrySetException(_refusal ?? SshNetErrors.Explain(_destination, e, _hasKey, _login));
        }
        finally
        {
            _login.Dispose();
            _ended.TrySetResult(exitCode);
            _output.Writer.Complete();
            _closed.TrySetResult();
        }
    }

    private ConnectionInfo Describe(TimeSpan limit)
    {
        var info = new ConnectionInfo(
            _destination.Host, _destination.Port ?? 22, _destination.User!, _login.Methods)
        {
            Timeout = limit,
        };
        var algorithms = info.HostKeyAlgorithms;

        // Of a certificate its authority would have to be checked: hosts that have one show their plain key as well.
        foreach (var name in algorithms.Keys.Where(n => n.Contains("-cert-", StringComparison.Ordinal)).ToList())
        {
            algorithms.Remove(name);
        }

        foreach (var name in _hostKeys.Algorithms(_destination).Reverse().Where(algorithms.ContainsKey))
        {
            algorithms.SetPosition(name, 0);
        }

        return info;
    }

    private void Connect(SshClient client)
    {
        client.Connect();
        _login.Dispose();
        client.ConnectionInfo.Timeout = s_maxWrite;
    }

    private void CheckKey(object? sender, HostKeyEventArgs shown)
    {
        _hasKey = true;
        _refusal = _hostKeys.Refuse(_destination, shown.HostKey);
        shown.CanTrust = _refusal is null && !_isAbandoned;
    }

    private void Read(SshCommand command)
    {
        var output = _output.Writer.AsStream();
        var buffer = new byte[BlockSize];
        while (!_isAbandoned && command.OutputStream.Read(buffer) is > 0 and var count)
        {
            output.Write(buffer, 0, count);
            output.Flush();

            // What came to standard error is taken as well: a host could fill the memory with it.
            ReadError(command, buffer);
        }
    }

    private int ReadEnd(SshCommand command, Task run)
    {
        command.ExtendedOutputStream.Dispose();
        ReadError(command, new byte[BlockSize]);
        if (run.Exception?.InnerException is { } lost)
        {
            Note(lost.Message);
        }

        return command.ExitStatus ?? (command.ExitSignal is { } signal ? SignalBase + Number(signal) : ConnectionEnded);
    }

    private void ReadError(SshCommand command, byte[] buffer)
    {
        while (command.ExtendedOutputStream.Length > 0
            && command.ExtendedOutputStream.Read(buffer) is > 0 and var count)
        {
            Note(Encoding.UTF8.GetString(buffer, 0, count));
        }
    }

    private void Note(string text)
    {
        lock (_gate)
        {
            _error.Append(text);
            if (_error.Length > MaxErrorText)
            {
                _error.Remove(0, _error.Length - MaxErrorText);
            }
        }
    }

    private void Abandon()
    {
        lock (_gate)
        {
            _isAbandoned = true;

            // What ends a read that waits.
            _command?.OutputStream.Dispose();
        }
    }

    /// <remarks>Source: RFC 4254 6.10 names signals without SIG; their numbers on Linux: signal(7).</remarks>
    private static int Number(string signal) => signal switch
    {
        "HUP" => 1,
        "INT" => 2,
        "ABRT" => 6,
        "KILL" => 9,
        "SEGV" => 11,
        "PIPE" => 13,
        "TERM" => 15,
        _ => 0,
    };
}
