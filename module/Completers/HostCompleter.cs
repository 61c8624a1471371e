using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Management.Automation.Language;
using VgpuPS.Host.Operations;

namespace VgpuPS.Completers;

/// <summary>
/// Base of completers that look at hosts: read-only, one second maximum, nothing on any failure, for one that throws
/// makes
/// PowerShell list file names.
/// </summary>
public abstract class HostCompleter : IArgumentCompleter
{
    private static readonly SearchValues<char> s_special = SearchValues.Create(" '\"`$(){};,|&<>@#*?[]");
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        try
        {
            var word = wordToComplete.Trim('\'', '"');
            var pattern = WildcardPattern.Get(word + "*", WildcardOptions.IgnoreCase);
            var bound = fakeBoundParameters.Keys.Cast<object>()
                .ToDictionary(k => k.ToString()!, k => fakeBoundParameters[k], StringComparer.OrdinalIgnoreCase);
            return
            [
                .. Complete(bound, word)
                    .Where(c => pattern.IsMatch(c.Value) || c.Also.Any(a => a is not null && pattern.IsMatch(a)))
                    .DistinctBy(c => c.Value)
                    .Select(c => new CompletionResult(
                        c.IsExpression ? c.Value : Quote(c.Value), c.Value, CompletionResultType.ParameterValue,
                        c.Tip)),
            ];
        }
        catch (Exception)
        {
            // Whatever fails here, Tab must stay quiet.
            return [];
        }
    }

    /// <summary>What can be completed, before it is compared with the word.</summary>
    /// <param name="bound">Parameters that are on the line already, by name.</param>
    private protected virtual IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) => [];

    /// <summary>The same, where it depends on the word.</summary>
    /// <param name="bound">Parameters that are on the line already, by name.</param>
    /// <param name="word">What is typed so far.</param>
    private protected virtual IEnumerable<Completion> Complete(
        IReadOnlyDictionary<string, object?> bound, string word) => Complete(bound);

    /// <summary>Hosts that the line means: those named, else all that are connected, else this machine.</summary>
    private protected static IEnumerable<HostReport> Read(IReadOnlyDictionary<string, object?> bound) =>
        Ask(bound, HostUseCases.ReadHost, new ReadHostRequest(DriverMayBeMissing: true, WithChoices: true));

    /// <summary>Answers of these hosts, within the second.</summary>
    private protected static IEnumerable<TResult> Ask<TRequest, TResult>(
        IReadOnlyDictionary<string, object?> bound, UseCase<TRequest, TResult> useCase, TRequest request)
        where TRequest : notnull
        where TResult : class
    {
        var names = Texts(bound, "Session", "VgpuHost");
        var sessions = HostSessions.ForReading(names.Count == 0 ? null : names);
        using var stop = new CancellationTokenSource(s_limit);
        var reads = sessions
            .Select(s => Task.Run(() => AskAsync(s, useCase, request, stop.Token), stop.Token)).ToArray();
        if (!Task.WaitAll(reads, s_limit))
        {
            return reads.Where(r => r.IsCompletedSuccessfully).Select(r => r.Result).OfType<TResult>();
        }

        return reads.Select(r => r.Result).OfType<TResult>();
    }

    /// <summary>GPUs that the line names, or all.</summary>
    private protected static IEnumerable<GpuInfo> FindGpus(
        HostReport report, IReadOnlyDictionary<string, object?> bound)
    {
        var names = Texts(bound, "Gpu", "GpuUuid");
        return names.Count == 0
            ? report.Gpus
            : names.SelectMany(n => GpuSelector.Find(report.Gpus, n));
    }

    /// <summary>Texts of a parameter under one of its names.</summary>
    private protected static IReadOnlyList<string> Texts(
        IReadOnlyDictionary<string, object?> bound, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (bound.TryGetValue(name, out var value) && value is not null)
            {
                return value is not string && value is IEnumerable list
                    ? [.. list.Cast<object?>().Select(Text).OfType<string>()]
                    : [Text(value)!];
            }
        }

        return [];
    }

    private static string? Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture);

    private static async Task<TResult?> AskAsync<TRequest, TResult>(
        IHostSession session, UseCase<TRequest, TResult> useCase, TRequest request, CancellationToken cancellationToken)
        where TRequest : notnull
        where TResult : class
    {
        try
        {
            return await session.RunAsync(useCase, request, SilentObserver.Instance, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is VgpuException or OperationCanceledException)
        {
            return null;
        }
    }

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAny(s_special) < 0 ? text : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>Something that can be completed.</summary>
    /// <param name="Value">The text.</param>
    /// <param name="Tip">What it is, for display.</param>
    /// <param name="Also">Other texts that find it too.</param>
    private protected sealed record Completion(string Value, string Tip, params string?[] Also)
    {
        /// <summary>Whether it is PowerShell and not text, so that nothing is quoted.</summary>
        public bool IsExpression { get; init; }
    }
}
