using System.Text;

namespace VgpuPS.Host.State;

/// <summary>A lock: an flock on <c>/run/vgpups/lock</c> or another file, which says in plain text who holds
/// it.</summary>
/// <param name="files">The host's files.</param>
/// <param name="clock">Paces and limits the wait.</param>
/// <param name="processId">This process, for those who wait behind it.</param>
/// <param name="path">The file.</param>
/// <param name="what">What it is, for display.</param>
/// <param name="then">What to do again once its holder has ended, for display; null where whoever asks says
/// it.</param>
/// <remarks>
/// Who waits holds a second lock meanwhile, on the file beside it that ends in <c>.waiting</c>: who wants to share asks
/// there first. Collections that overlap would keep a start from the lock for ever without it.
/// </remarks>
internal sealed class HostLockFile(
    IHostFiles files, TimeProvider clock, int processId, string path = StatePaths.Lock, string what = "host lock",
    string? then = null) : IHostLock
{
    private const int HolderLimit = 4096;
    private const int StatusLimit = 1 << 16;

    private static readonly TimeSpan s_minPause = TimeSpan.FromMilliseconds(2);

    // Many that wait must leave the holder its processor: sixteen took nine tenths of one at 50 ms (measured on kernel
    // 6.12 in an emulator). The more there are, the sooner one of them looks.
    private static readonly TimeSpan s_maxPause = TimeSpan.FromMilliseconds(250);

    private readonly string _waiting = path + StatePaths.WaitingEnding;

    /// <summary>The flock held now, for a program that must inherit it; null when it is not held.</summary>
    public IHostFileLock? Held { get; private set; }

    /// <summary>Waits for the lock.</summary>
    /// <param name="holder">Who asks: <c>VM 101 pre-start</c>.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ResourceBusyException">Not had in time (<see cref="ErrorIds.LockTimeout"/>).</exception>
    /// <exception cref="AccessDeniedException">Not root.</exception>
    public async Task<IAsyncDisposable> AcquireAsync(
        string holder, TimeSpan limit, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        var pause = s_minPause;
        IHostFileLock? waiting = null;
        MakeFolder();
        try
        {
            while (true)
            {
                if (TryTake() is { } taken)
                {
                    Held = taken;
                    Announce(taken, holder);
                    return new Release(this, taken);
                }

                var remaining = limit - clock.GetElapsedTime(since);
                if (remaining <= TimeSpan.Zero)
                {
                    throw NotHad(holder, limit);
                }

                waiting ??= TryWait();
                await Task.Delay(pause < remaining ? pause : remaining, clock, cancellationToken)
                    .ConfigureAwait(false);
                pause = pause * 2 < s_maxPause ? pause * 2 : s_maxPause;
            }
        }
        finally
        {
            waiting?.Dispose();
        }
    }

    /// <inheritdoc/>
    public ISharedHostLock? TryShare()
    {
        MakeFolder();
        if (IsWanted())
        {
            return null;
        }

        try
        {
            return files.TryShareLock(path, StatePaths.PrivateMode) is { } taken ? new Shared(this, taken) : null;
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForWrite(failure, $"the {what}");
        }
    }

    private void MakeFolder()
    {
        try
        {
            files.CreateDirectory(StatePaths.RunFolder, StatePaths.RunFolderMode);
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForWrite(failure, $"the folder of the {what}");
        }
    }

    private IHostFileLock? TryTake()
    {
        try
        {
            return files.TryLock(path, StatePaths.PrivateMode);
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForWrite(failure, $"the {what}");
        }
    }

    /// <summary>Says that somebody waits; null where another has said so, or it cannot be said.</summary>
    private IHostFileLock? TryWait()
    {
        try
        {
            return files.TryLock(_waiting, StatePaths.PrivateMode);
        }
        catch (HostFileException)
        {
            // A full /run costs those who wait their turn before those who share, and no more.
            return null;
        }
    }

    private bool IsWanted()
    {
        try
        {
            using var free = files.TryShareLock(_waiting, StatePaths.PrivateMode);
            return free is null;
        }
        catch (HostFileException)
        {
            return false;
        }
    }

    private void Announce(IHostFileLock taken, string holder)
    {
        try
        {
            taken.WriteHolder(string.Create(
                CultureInfo.InvariantCulture,
                $"pid {processId}: {holder} since {clock.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'}"));
        }
        catch (HostFileException)
        {
            // A full /run leaves waiters without a name; the lock itself is held all the same.
        }
    }

    private ResourceBusyException NotHad(string asker, TimeSpan limit) => new(
        ErrorIds.LockTimeout,
        string.Create(
            CultureInfo.InvariantCulture,
            $"the {what} {path} was not free within {limit.TotalSeconds:0.#} s; held by {ReadHolder()}"),
        $"see what its holder does (fuser -v {path}), and when it has ended {then ?? Again(asker)}",
        path);

    /// <summary>What whoever asked for the host lock does again.</summary>
    private static string Again(string asker) => asker.Split(' ') switch
    {
        ["VM", var vm, "pre-start"] => $"start the VM again: qm start {vm}",
        ["VM", _, _] => "finish it: vgpu-hook sweep",
        ["sweep"] or ["boot"] => $"run it again: vgpu-hook {asker}",
        _ => $"run it again: {asker}",
    };

    private string ReadHolder()
    {
        try
        {
            var text = Encoding.UTF8.GetString(files.Read(path, HolderLimit));
            var line = text.Split('\n')[0].Trim();
            return line.Length == 0 ? "an unknown process" : line + DescribeState(line);
        }
        catch (HostFileException)
        {
            return "an unknown process";
        }
    }

    /// <summary>What the holder's process is at, where that matters: a call of the driver may hang in the
    /// kernel.</summary>
    /// <remarks>Source: proc_pid_status(5): D is a sleep that no signal ends, T stopped.</remarks>
    private string DescribeState(string line)
    {
        const string Beginning = "pid ";
        const string State = "State:";
        var pid = line.StartsWith(Beginning, StringComparison.Ordinal) ? line[Beginning.Length..].Split(':')[0] : "";
        if (!int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return "";
        }

        try
        {
            var state = Encoding.ASCII.GetString(files.Read($"/proc/{number}/status", StatusLimit)).Split('\n')
                .FirstOrDefault(l => l.StartsWith(State, StringComparison.Ordinal))?[State.Length..].Trim() ?? "";
            return state.StartsWith('D') || state.StartsWith('T') ? $" (now in state {state})" : "";
        }
        catch (HostFileException)
        {
            return "";
        }
    }

    private sealed class Shared(HostLockFile owner, IHostFileLock taken) : ISharedHostLock
    {
        public bool IsWanted => owner.IsWanted();

        public void Dispose() => taken.Dispose();
    }

    // The holder's text stays: a program that inherited the lock goes on holding it.
    private sealed class Release(HostLockFile owner, IHostFileLock taken) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            if (ReferenceEquals(owner.Held, taken))
            {
                owner.Held = null;
                taken.Dispose();
            }

            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>The one lock under which anything on this host's GPUs is changed.</summary>
public interface IHostLock
{
    /// <summary>Waits for the lock.</summary>
    /// <param name="holder">Who asks, for the message to those who wait behind: <c>VM 101 pre-start</c>.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ResourceBusyException">Not had in time; the message names the holder.</exception>
    Task<IAsyncDisposable> AcquireAsync(string holder, TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>
    /// Shares the lock with others that only read, without waiting; whoever changes anything waits meanwhile, so it is
    /// kept for a second at most, and given back once it is wanted.
    /// </summary>
    /// <returns>What gives it back; null while somebody holds the lock or waits for it.</returns>
    /// <exception cref="AccessDeniedException">Not root.</exception>
    ISharedHostLock? TryShare();
}

/// <summary>The host lock, shared; disposing it gives it back.</summary>
public interface ISharedHostLock : IDisposable
{
    /// <summary>Whether somebody waits for the lock that is shared.</summary>
    bool IsWanted { get; }
}
