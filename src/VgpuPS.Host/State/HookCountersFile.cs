using VgpuPS.Core.Metrics;

namespace VgpuPS.Host.State;

/// <summary>
/// The hook's counters in <c>/run/vgpups/counters.json</c>, written whole under a lock of their own: the host lock may
/// be what a run failed for.
/// </summary>
/// <param name="files">The host's files.</param>
/// <param name="ownLock">The lock.</param>
public sealed class HookCountersFile(IHostFiles files, IHostLock ownLock)
{
    private const int SizeLimit = 64 * 1024;

    // Others that count need a few file calls each.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1);

    /// <summary>Reads them; empty where the hook has not run since the boot.</summary>
    /// <exception cref="UnreadableDataException">They are not readable.</exception>
    public HookCounters Load() =>
        new CheckedFiles(files, "the file of the hook's counters").Find(StatePaths.Counters, SizeLimit) is { } content
            ? HookCountersFormat.Read(content, StatePaths.Counters) : HookCounters.Empty;

    /// <summary>
    /// Counts a run. One that cannot be counted (no space, a file that cannot be written, another run that keeps the
    /// lock) is lost; what cannot be read is begun anew. Never fails.
    /// </summary>
    /// <param name="phase">Its phase.</param>
    /// <param name="errorId">What it failed with; null where it did not.</param>
    /// <param name="isNewRun">Whether the run is not counted yet.</param>
    public async Task CountAsync(string phase, string? errorId, bool isNewRun = true)
    {
        try
        {
            var held = await ownLock.AcquireAsync($"counting {phase}", s_limit, CancellationToken.None)
                .ConfigureAwait(false);
            await using (held.ConfigureAwait(false))
            {
                files.WriteWhole(
                    StatePaths.Counters, HookCountersFormat.Write(LoadOrBegin().With(phase, errorId, isNewRun)),
                    StatePaths.PrivateMode);
            }
        }
        catch (Exception failure) when (failure is VgpuException or HostFileException)
        {
            // A VM's start does not depend on being counted.
        }
    }

    private HookCounters LoadOrBegin()
    {
        try
        {
            return Load();
        }
        catch (UnreadableDataException)
        {
            return HookCounters.Empty;
        }
    }
}
