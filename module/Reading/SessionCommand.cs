namespace VgpuPS.Reading;

/// <summary>Base of commands that work on host sessions.</summary>
public abstract class SessionCommand : VgpuCmdlet
{
    /// <summary>
    /// Host sessions, by name, wildcards allowed, or as Get-VgpuHost writes them. Objects that are piped in go to the
    /// host that they came from. Without it a reading command asks all connected hosts, and a changing one the only
    /// connected host; where none is connected both work on this machine.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("VgpuHost", "ComputerName")]
    [Identity("VgpuHost")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Session { get; set; }

    /// <summary>The command's name.</summary>
    private protected string CommandName => MyInvocation.MyCommand.Name;
}

/// <summary>Base of commands that work on VMs of host sessions.</summary>
public abstract class VmCommand : SessionCommand
{
    /// <summary>VMs, by id or name, wildcards in either.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("VmName", "Name", "VM", "Id")]
    [Identity(nameof(VmId))]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] VmId { get; set; } = [];
}
