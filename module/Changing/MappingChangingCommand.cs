namespace VgpuPS.Changing;

/// <summary>Base of commands that change cluster mappings: their nodes one after the other, since all write one
/// list.</summary>
public abstract class MappingChangingCommand : ChangingCommand
{
    private static readonly object s_list = new();

    /// <summary>Mappings are read back.</summary>
    private protected override ReadHostRequest ReadBack { get; } = new(DriverMayBeMissing: true, WithMappings: true);

    private protected override object GroupOf(IHostSession session) => s_list;

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Mappings!.Where(m => m.Mapping == changed.Mapping);

    /// <summary>Changes the mappings that are named.</summary>
    /// <param name="useCase">The change.</param>
    /// <param name="names">Names, with wildcards for those that are there.</param>
    /// <param name="request">What is asked of one.</param>
    private protected void ChangeMappings<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, IReadOnlyList<string> names, Func<string, TRequest> request)
        where TRequest : ChangeRequest => Run(async (sink, token) =>
        {
            foreach (var session in await FindSessionsAsync(sink, token).ConfigureAwait(false))
            {
                await sink.TryAsync(async () =>
                {
                    var meant = await ExpandAsync(sink, session, names, token).ConfigureAwait(false);
                    await ChangeAsync(sink, [session], useCase, () => meant.Select(request), token)
                        .ConfigureAwait(false);
                }).ConfigureAwait(false);
            }
        });

    private static async Task<IReadOnlyList<string>> ExpandAsync(
        ICommandSink sink, IHostSession session, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        if (!names.Any(WildcardPattern.ContainsWildcardCharacters))
        {
            return names;
        }

        var report = await ReadingRunner.ReadAsync(
            sink, session, new ReadHostRequest(DriverMayBeMissing: true, WithMappings: true, Gpus: []),
            cancellationToken).ConfigureAwait(false);
        return
        [
            .. names.SelectMany(n => WildcardPattern.ContainsWildcardCharacters(n)
                ? report.Mappings!.Select(m => m.Mapping)
                    .Where(WildcardPattern.Get(n.Trim(), WildcardOptions.IgnoreCase).IsMatch)
                : [n]).Distinct(StringComparer.Ordinal),
        ];
    }
}
