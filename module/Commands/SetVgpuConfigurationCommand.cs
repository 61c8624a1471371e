using System.Collections;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Operations.Configuration;

namespace VgpuPS.Commands;

/// <summary>Changes the hook's configuration, /etc/vgpups/config.json: members that are named, or all of it.</summary>
/// <remarks>
/// What is not named stays as it is, to the byte. What the hook would refuse is refused, and so is a file that has
/// changed since it was read or the plan was shown. It takes effect at the next start of a VM.
/// </remarks>
/// <example>
/// <code>Set-VgpuConfiguration -MigMode WhenIdle -LockTimeoutSeconds 600 -WhatIf</code>
/// <para>Shows what would change.</para>
/// </example>
/// <example>
/// <code>
/// Set-VgpuConfiguration -VgpuParameters @{101=@{hostpci0=@{disable_vnc=1}}}
/// Set-VgpuConfiguration -Reset VgpuParameters
/// </code>
/// <para>Replaces a member, and gives it back its default.</para>
/// </example>
/// <example>
/// <code>
/// Set-Content ./config.json '{ "reclaim": "never" }'
/// Set-VgpuConfiguration -Path ./config.json -Confirm:$false
/// </code>
/// <para>Makes a file of this machine the whole configuration.</para>
/// </example>
/// <seealso cref="GetVgpuConfigurationCommand"/>
/// <seealso cref="SetVmVgpuCommand"/>
[Cmdlet(VerbsCommon.Set, "VgpuConfiguration", SupportsShouldProcess = true, HelpUri = HelpPages.Configuration)]
[OutputType(typeof(VgpuConfigurationInfo))]
public sealed class SetVgpuConfigurationCommand : ChangingCommand
{
    /// <summary>A file of this machine that becomes the whole configuration.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Whether missing virtual functions are enabled.</summary>
    [Parameter]
    [ValidateNotNull]
    public SriovPolicy? Sriov { get; set; }

    /// <summary>Whether MIG mode is enabled where a MIG-backed type needs it and the GPU is idle.</summary>
    [Parameter]
    [ValidateNotNull]
    public MigModePolicy? MigMode { get; set; }

    /// <summary>Who makes the compute instance of a GPU instance.</summary>
    [Parameter]
    [ValidateNotNull]
    public ComputeInstancePolicy? ComputeInstance { get; set; }

    /// <summary>When hook-managed instances that are no longer needed are destroyed.</summary>
    [Parameter]
    [ValidateNotNull]
    public ReclaimPolicy? Reclaim { get; set; }

    /// <summary>What becomes of a vGPU entry that Proxmox would drop with a warning.</summary>
    [Parameter]
    [ValidateNotNull]
    public UnreadableEntryPolicy? UnreadableEntry { get; set; }

    /// <summary>What the planner reserves capacity for: weights by profile, or the word learn.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DemandCompleter))]
    public object? Demand { get; set; }

    /// <summary>Seconds that the hook's own work may take, 1 to 3600.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public int TimeoutSeconds { get; set; }

    /// <summary>Seconds to wait for the host lock, 1 to 86400.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public int LockTimeoutSeconds { get; set; }

    /// <summary>Types of entries with driver=keep and no mdev: @{101=@{hostpci0='nvidia-690'}}.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public IDictionary? KeepTypes { get; set; }

    /// <summary>Other hookscripts of VMs: @{101=@{path='/root/pin.sh'; order='after'}}.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public IDictionary? Chain { get; set; }

    /// <summary>Plugin parameters of all VMs' vGPUs: @{101=@{hostpci0=@{enable_uvm=1}}}; those of one VM are easier
    /// with Set-VmVgpu -Parameter.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public IDictionary? VgpuParameters { get; set; }

    /// <summary>Members that get back their defaults.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ConfigurationMemberCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Reset { get; set; } = [];

    /// <summary>Refuses a file that is not the one that Get-VgpuConfiguration has read; any without it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [AllowEmptyString]
    public string? Digest { get; set; }

    private protected override ReadHostRequest ReadBack { get; } =
        new(DriverMayBeMissing: true, WithConfiguration: true);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var full = Path is null ? null : GetUnresolvedProviderPathFromPSPath(Path);
        var members = MyInvocation.BoundParameters.Where(p => ConfigurationMembers.Find(p.Key) is not null)
            .ToDictionary(p => ConfigurationMembers.Find(p.Key)!, p => (object?)p.Value);
        Change(HostUseCases.SetConfiguration, () => [Request(full, members)]);
    }

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        [report.Configuration!];

    private SetConfigurationRequest Request(string? full, IReadOnlyDictionary<string, object?> members)
    {
        var both = members.Keys.Intersect(Reset.Select(r => ConfigurationMembers.Find(r) ?? r)).FirstOrDefault();
        if ((full is not null && members.Count + Reset.Length > 0) || both is not null)
        {
            throw new InvalidRequestException(
                ErrorIds.ConflictingParameters,
                both is null ? "-Path replaces the whole configuration, and members are named too"
                    : $"{both} is given a value and its default",
                "use one of them: Get-Help Set-VgpuConfiguration -Full");
        }

        var request = new SetConfigurationRequest
        {
            Content = full is null ? null : ConfigurationMembers.ReadFile(full),
            Digest = Digest,
            Members = members.Select(m => (m.Key, Json: (string?)ConfigurationMembers.ToJson(m.Key, m.Value)))
                .Concat(Reset.Select(r => (ConfigurationMembers.Find(r) ?? r, (string?)null)))
                .DistinctBy(m => m.Item1).ToDictionary(m => m.Item1, m => m.Item2),
        };
        return request;
    }
}
