using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace VgpuPS.Host.Ssh;

/// <summary>A running OpenSSH client whose input and output are a connection to a program on the host.</summary>
/// <remarks>
/// It is in a session of its own where the system has <c>setsid</c>, so that Ctrl+C in the terminal stops a command and
/// not the connection. It ends with its input: nothing is left when this process is killed. Process and not CliWrap,
/// which is for children that run once: a duplex stream needs two pipes there whose ends have to be completed by hand,
/// or a write after the client's death hangs. Neither is faster.
/// </remarks>
internal sealed class SshProcess : ISshProgram
{
    private const string SessionStarter = "/usr/bin/setsid";
    private const int MaxErrorText = 16 << 10;

    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_stderrWait = TimeSpan.FromMilliseconds(500);

    private readonly Process _process;
    private readonly StringBuilder _error = new();
    private readonly Task _readingError;

    private SshProcess(Process process)
    {
        _process = process;
        _readingError = ReadErrorAsync();
    }

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Starts one.</summary>
    /// <param name="program">The client, absolute path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="HostConnectionException">It cannot be started.</exception>
    public static SshProcess Start(string program, IReadOnlyList<string> arguments)
    {
        var isApart = File.Exists(SessionStarter);
        var start = new ProcessStartInfo(isApart ? SessionStarter : program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = Path.GetPathRoot(program) ?? "",
        };
        if (OperatingSystem.IsWindows())
        {
            start.CreateNewProcessGroup = true;
        }

        foreach (var argument in isApart ? [program, .. arguments] : arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // Texts of the client are distinguished by their words.
        start.Environment["LC_ALL"] = "C";
        try
        {
            return new SshProcess(Process.Start(start) ?? throw new Win32Exception());
        }
        catch (Win32Exception e)
        {
            throw new HostConnectionException(
                ErrorIds.SshNotFound, $"{program} cannot be started: {e.Message}", "see whether it works: ssh -V",
                program, e);
        }
    }

    public async Task<(int? ExitCode, string Error)> WaitAsync(TimeSpan limit)
    {
        var hasEnded = await TryWaitAsync(limit).ConfigureAwait(false);
        if (!hasEnded)
        {
            Kill();
            await TryWaitAsync(s_goodbye).ConfigureAwait(false);
        }

        // A client that runs on in the background for later connections would keep the pipe open for ever.
        await Task.WhenAny(_readingError, Task.Delay(s_stderrWait)).ConfigureAwait(false);
        lock (_error)
        {
            return (hasEnded ? _process.ExitCode : null, _error.ToString());
        }
    }

    /// <summary>Ends it: first by ending its input, then by force.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Input.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // It has ended already.
        }

        await WaitAsync(s_goodbye).ConfigureAwait(false);
        _process.Dispose();
    }

    private async Task<bool> TryWaitAsync(TimeSpan limit)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(limit).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended meanwhile.
        }
    }

    private async Task ReadErrorAsync()
    {
        var buffer = new char[1024];
        try
        {
            while (await _process.StandardError.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var count)
            {
                lock (_error)
                {
                    _error.Append(buffer, 0, count);
                    if (_error.Length > MaxErrorText)
                    {
                        _error.Remove(0, _error.Length - MaxErrorText);
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Nothing more comes.
        }
    }
}
