using System.Collections.Concurrent;
using System.Globalization;

namespace VgpuPS.Sessions;

/// <summary>The open host sessions of this process, shared by its runspaces.</summary>
internal static class HostSessions
{
    /// <summary>Name of the session with this machine, which needs no connecting.</summary>
    public const string LocalName = "localhost";

    private static readonly ConcurrentDictionary<string, IHostSession> s_open = new(StringComparer.OrdinalIgnoreCase);
    private static readonly LocalHostSession s_local = new(LocalName);

    /// <summary>Connected sessions by name.</summary>
    public static IReadOnlyList<IHostSession> Connected =>
        [.. s_open.Values.OrderBy(s => s.Name, StringComparer.OrdinalIgnoreCase)];

    /// <summary>Sessions that a reading command asks.</summary>
    /// <param name="names">Names and wildcards that were given; null for all that are connected, or this machine where
    /// none is.</param>
    /// <exception cref="ObjectNotFoundException">One of them is not open.</exception>
    public static IReadOnlyList<IHostSession> ForReading(IReadOnlyList<string>? names) =>
        names is { Count: > 0 } ? [.. names.SelectMany(FindAll).Distinct()]
        : s_open.IsEmpty ? [s_local] : Connected;

    /// <summary>The session that a changing command works on.</summary>
    /// <param name="names">Names that were given; null for the only one that is connected, or this machine where none
    /// is.</param>
    /// <exception cref="InvalidRequestException">Several are connected and none was named.</exception>
    /// <exception cref="ObjectNotFoundException">The one that was named is not open.</exception>
    public static IReadOnlyList<IHostSession> ForChanging(IReadOnlyList<string>? names)
    {
        var sessions = ForReading(names);
        return names is { Count: > 0 } || sessions.Count == 1 ? sessions : throw new InvalidRequestException(
            ErrorIds.AmbiguousSession,
            $"{sessions.Count} host sessions are open ({string.Join(", ", sessions.Select(s => s.Name))}) and none is "
                + "specified",
            "name one with -Session, or pipe an object of that host in: Get-Gpu -Session " + sessions[0].Name + " | …");
    }

    /// <summary>Sessions by name or wildcard; none is no failure for a wildcard.</summary>
    /// <exception cref="ObjectNotFoundException">None of that name is open.</exception>
    public static IReadOnlyList<IHostSession> FindAll(string name) =>
        !s_open.ContainsKey(name) && WildcardPattern.ContainsWildcardCharacters(name)
        ? [.. ForReading(null).Where(s => WildcardPattern.Get(name, WildcardOptions.IgnoreCase).IsMatch(s.Name))]
        : [Find(name)];

    /// <summary>A session by name.</summary>
    /// <exception cref="ObjectNotFoundException">None of that name is open; the local host is never taken
    /// instead.</exception>
    public static IHostSession Find(string name)
    {
        if (s_open.TryGetValue(name, out var session))
        {
            return session;
        }

        if (string.Equals(name, LocalName, StringComparison.OrdinalIgnoreCase))
        {
            return s_local;
        }

        var open = s_open.IsEmpty ? "none is" : "these are: " + string.Join(", ", Connected.Select(s => s.Name));
        throw new ObjectNotFoundException(
            ErrorIds.SessionNotFound, $"no host session '{name}' is open; {open}",
            (s_open.IsEmpty ? "open one: " : "see the sessions (Get-VgpuHost), or open one: ") + Connecting(name),
            name);
    }

    /// <summary>How a session of a name is opened: a simulated host only where there are no others.</summary>
    private static string Connecting(string name)
    {
        var isName = name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
        return !s_open.IsEmpty && s_open.Values.All(s => s.Kind == "lab")
            ? "Connect-VgpuHost -Lab A30,A30" + (isName ? $" -Name {name}" : "")
            : $"Connect-VgpuHost root@{(isName ? name : "pve1")}";
    }

    /// <summary>Keeps a new session.</summary>
    /// <param name="name">Its name; null for the first free one that begins with <paramref name="stem"/>.</param>
    /// <param name="stem">Beginning of a name that is made up.</param>
    /// <param name="open">Opens the session.</param>
    /// <exception cref="VgpuException">One of that name is open, or it cannot be opened.</exception>
    public static async Task<IHostSession> AddAsync(string? name, string stem, Func<string, Task<IHostSession>> open)
    {
        for (var number = 1; ; number++)
        {
            var chosen = name ?? (number == 1 ? stem : string.Create(CultureInfo.InvariantCulture, $"{stem}{number}"));
            await RemoveLostAsync(chosen).ConfigureAwait(false);
            if (!s_open.ContainsKey(chosen))
            {
                var session = await open(chosen).ConfigureAwait(false);
                if (s_open.TryAdd(chosen, session))
                {
                    return session;
                }

                await session.DisposeAsync().ConfigureAwait(false);
            }

            if (name is not null)
            {
                throw new InvalidRequestException(
                    ErrorIds.SessionExists, $"a host session '{name}' is already open",
                    $"use another -Name, or close it first: Disconnect-VgpuHost {name}", name);
            }
        }
    }

    /// <summary>Closes all sessions.</summary>
    public static Task RemoveAllAsync() => Task.WhenAll(Connected.Select(RemoveAsync));

    /// <summary>Closes a session; what it holds is released.</summary>
    public static async Task RemoveAsync(IHostSession session)
    {
        s_open.TryRemove(session.Name, out _);
        await session.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A session whose connection has ended gives its name back.</summary>
    private static async Task RemoveLostAsync(string name)
    {
        if (s_open.TryGetValue(name, out var session) && session is SshHostSession { ConnectionError: not null })
        {
            await RemoveAsync(session).ConfigureAwait(false);
        }
    }
}
