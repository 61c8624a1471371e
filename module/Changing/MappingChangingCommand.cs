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
}
