using System.Globalization;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Operations;

namespace VgpuPS.Reading;

/// <summary>Base of commands that read hosts.</summary>
public abstract class ReadingCommand : SessionCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Run((sink, token) => ReadingRunner.RunAsync(
        sink, HostSessions.ForReading(Session), Request, (report, _, fail) => Select(report, fail),
        token));

    /// <summary>How a host is read.</summary>
    private protected virtual ReadHostRequest Request { get; } = new();

    /// <summary>Chooses what to write of a host.</summary>
    /// <param name="report">The host.</param>
    /// <param name="fail">Takes an identity that the host does not have.</param>
    private protected abstract IEnumerable<object> Select(HostReport report, Action<VgpuException> fail);

    /// <summary>GPUs that are named, or all.</summary>
    private protected static IEnumerable<GpuInfo> FindGpus(
        HostReport report, IReadOnlyList<string>? names, Action<VgpuException> fail) => names is { Count: > 0 }
        ? GpuSelector.FindAll(report.Gpus, names, fail)
        : report.Gpus;

    /// <summary>
    /// Whether a text is one that was requested; wildcards allowed, everything is where nothing was asked.
    /// </summary>
    private protected static bool IsWanted(IReadOnlyList<string>? wanted, string? text) => wanted is not { Count: > 0 }
        || (text is not null && wanted.Any(w => WildcardPattern.Get(w, WildcardOptions.IgnoreCase).IsMatch(text)));

    /// <summary>The same of a vGPU type by its name, with or without its board.</summary>
    private protected static bool IsWantedType(IReadOnlyList<string>? wanted, string? type) => IsWanted(wanted, type)
        || (type is not null && IsWanted(wanted, VgpuType.EndOf(type)));

    /// <summary>A failure for each text without wildcards that is none of the names there.</summary>
    private protected static IEnumerable<VgpuException> FindMissing(
        IReadOnlyList<string>? wanted, IEnumerable<string> there, string errorId, string kind, string action)
    {
        var names = wanted is { Count: > 0 } ? there.ToList() : [];
        return (wanted ?? []).Where(w => !WildcardPattern.ContainsWildcardCharacters(w)
            && !names.Exists(n => IsWanted([w], n))).Select(w => new ObjectNotFoundException(
                errorId, $"there is no {kind} {w}", action, w));
    }

    /// <summary>A failure for each id that no instance of the GPUs has.</summary>
    private protected static IEnumerable<VgpuException> FindMissingInstances(
        IReadOnlyList<uint>? ids, HostReport report, IEnumerable<GpuInfo> gpus) => FindMissing(
            ids?.Select(i => Number(i)).ToList(),
            gpus.SelectMany(report.InstancesOf).Select(i => Number(i.GpuInstanceId)),
            ErrorIds.InstanceNotFound, "GPU instance", "see the instances: Get-MigInstance");

    /// <summary>A number as users write it.</summary>
    private protected static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
