namespace VgpuPS.Reading;

/// <summary>Base of commands that read what VMs' configurations say.</summary>
public abstract class VmReadingCommand : ReadingCommand
{
    /// <summary>VMs, by id or name, wildcards in either. All without it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("VmName", "Name", "VM", "Id")]
    [Identity(nameof(VmId))]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? VmId { get; set; }

    /// <summary>What VMs are configured with is known without the driver too.</summary>
    private protected override ReadHostRequest Request { get; } = new(DriverMayBeMissing: true);

    private protected sealed override IEnumerable<object> Select(HostReport report, Action<VgpuException> fail) =>
        VmChoice.Find(report, VmId, fail).SelectMany(v => Select(report, v));

    /// <summary>Chooses what to write of a VM.</summary>
    private protected abstract IEnumerable<object> Select(HostReport report, VmReport vm);
}
