namespace VgpuPS.Commands;

/// <summary>Shows where GPU instances may sit, and which places are free; nothing where MIG mode is off.</summary>
/// <example>
/// <code>Enable-MigMode -Gpu 0 -Reset; Get-MigPlacement -Gpu 0 -Profile 2g.12gb -Free</code>
/// <para>Shows where a 2g.12gb could be made on GPU 0.</para>
/// <output>
///    Host: lab, GPU 0000:4b:00.0
/// Profile          Placement Free  Taken by GI
/// -------          --------- ----  -----------
/// 2g.12gb          0:2       True
/// 2g.12gb          2:2       True
/// </output>
/// </example>
/// <seealso cref="NewMigInstanceCommand"/>
/// <seealso cref="ShowGpuCommand"/>
[Cmdlet(VerbsCommon.Get, "MigPlacement", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(MigPlacementInfo))]
public sealed class GetMigPlacementCommand : GpuReadingCommand
{
    /// <summary>Only these profiles, by name; wildcards allowed.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MigProfileCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Profile { get; set; }

    /// <summary>Only places where one could be made now.</summary>
    [Parameter]
    public SwitchParameter Free { get; set; }

    private protected override IEnumerable<object> Select(
        HostReport report, GpuInfo gpu, Action<VgpuException> fail) =>
        report.PlacementsOf(gpu).Where(p => IsWanted(Profile, p.Profile) && (!Free || p.IsFree));

    private protected override IEnumerable<VgpuException> FindMissing(HostReport report) => FindMissing(
        Profile, MeantGpus(report).SelectMany(report.ProfilesOf).Select(p => p.Profile),
        ErrorIds.ProfileNotFound, "GPU instance profile", "see the profiles: Get-MigProfile");
}
