namespace VgpuPS.Host.Linux;

/// <summary>Programs of the host that change it: without questions, in plain words, and to their end.</summary>
internal static class HostPrograms
{
    private static readonly Dictionary<string, string?> s_quiet = new(StringComparer.Ordinal)
    {
        ["DEBIAN_FRONTEND"] = "noninteractive",
        ["LC_ALL"] = "C",
    };

    /// <summary>Runs one, and fails where it does.</summary>
    /// <param name="processes">Runs programs.</param>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="limit">How long it is waited for; it is not ended then.</param>
    /// <param name="cancellationToken">Keeps it from being started.</param>
    /// <exception cref="HostCommandException">It failed, or cannot be started.</exception>
    /// <exception cref="HostTimeoutException">It had not ended in time.</exception>
    public static async Task<ProcessResult> RequireAsync(
        this IProcessRunner processes, string program, IReadOnlyList<string> arguments, TimeSpan limit,
        CancellationToken cancellationToken)
    {
        var result = await processes.TryAsync(program, arguments, limit, cancellationToken).ConfigureAwait(false);
        Require(program, arguments, result, limit);
        return result;
    }

    /// <summary>Runs one; half an installation or half an initramfs would be worse than waiting for the
    /// whole.</summary>
    /// <param name="processes">Runs programs.</param>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="limit">How long it is waited for; it is not ended then.</param>
    /// <param name="cancellationToken">Keeps it from being started.</param>
    /// <param name="environment">Variables that it is given beside ours.</param>
    public static async Task<ProcessResult> TryAsync(
        this IProcessRunner processes, string program, IReadOnlyList<string> arguments, TimeSpan limit,
        CancellationToken cancellationToken, IReadOnlyDictionary<string, string?>? environment = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var variables = new Dictionary<string, string?>(s_quiet, StringComparer.Ordinal);
        foreach (var (name, value) in environment ?? s_quiet)
        {
            variables[name] = value;
        }

        return await processes.RunAsync(
            new ProcessRequest(program, arguments, limit) { LeaveRunningAtDeadline = true, Environment = variables },
            CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Fails where a program did.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="limit">How long it was waited for.</param>
    /// <param name="action">What to do; null to see what it says.</param>
    public static void Require(
        string program, IReadOnlyList<string> arguments, ProcessResult result, TimeSpan limit, string? action = null)
    {
        var command = string.Join(' ', arguments.Prepend(program));
        if (result.TimedOut)
        {
            throw new HostTimeoutException(
                ErrorIds.Timeout, $"{command} had not ended after {limit.TotalMinutes:0} min; it continues by itself",
                "wait until it has ended, then run this again", program);
        }

        if (result.ExitCode == 0)
        {
            return;
        }

        var output = (result.Error + result.Output).Trim();
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var line = lines.FirstOrDefault(
            l => l.StartsWith("E:", StringComparison.Ordinal) || l.StartsWith("ERROR", StringComparison.Ordinal))
            ?? lines.LastOrDefault() ?? "it printed nothing";
        var how = result.StartErrno != 0 ? $"was not started: {Errno.Describe(result.StartErrno)}"
            : result.ExitCode is { } code ? $"ended with exit code {code}: {line}"
            : $"was ended by signal {result.Signal}";
        throw new HostCommandException(
            ErrorIds.HostCommandFailed, $"{command} {how}", action ?? $"see what it reports: {command}",
            command, result.ExitCode,
            output, program);
    }

    /// <summary>The failure of a program that reported success, and reading back shows another thing.</summary>
    public static HostCommandException Untrue(
        string program, IReadOnlyList<string> arguments, ProcessResult result, string message)
    {
        var command = string.Join(' ', arguments.Prepend(program));
        return new HostCommandException(
            ErrorIds.HostCommandFailed, message, $"see what it reports: {command}", command, result.ExitCode,
            result.Error + result.Output, program);
    }
}
