namespace VgpuPS.Commands;

/// <summary>Shows the sizes in which GPUs can be cut, with how many are free now, memory, SMs and engines.</summary>
/// <example>
/// <code>Get-MigProfile -Gpu 0</code>
/// <para>Shows the profiles of GPU 0.</para>
/// </example>
/// <example>
/// <code>Enable-MigMode 0 -Reset; Get-MigProfile | Where-Object Free -gt 0</code>
/// <para>Shows what can be made now.</para>
/// <output>
///    Host: lab, GPU 0000:4b:00.0
/// Profile           Id Free/Total Memory (MiB) Slices  SMs vGPU types
/// -------           -- ---------- ------------ ------  --- ----------
/// 1g.6gb            14        4/4         5952      1   14 A30-1-6C
/// 2g.12gb            5        2/2        11968      2   28 A30-2-12C
/// 4g.24gb            0        1/1        24000      4   56 A30-4-24C
/// 1g.6gb+me         21        1/1         5949      1   14 A30-1-6CME
/// 2g.12gb+me         6        1/1        11971      2   28 A30-2-12CME
/// </output>
/// </example>
/// <seealso cref="NewMigInstanceCommand"/>
/// <seealso cref="GetMigPlacementCommand"/>
[Cmdlet(VerbsCommon.Get, "MigProfile", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(MigProfileInfo))]
public sealed class GetMigProfileCommand : GpuReadingCommand
{
    /// <summary>Only these profiles, by name or number; wildcards allowed.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MigProfileCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Profile { get; set; }

    private protected override IEnumerable<object> Select(
        HostReport report, GpuInfo gpu, Action<VgpuException> fail) =>
        report.ProfilesOf(gpu).Where(p => IsWanted(Profile, p.Profile) || IsWanted(Profile, Number(p.ProfileId)));

    private protected override IEnumerable<VgpuException> FindMissing(HostReport report) => FindMissing(
        Profile,
        MeantGpus(report).SelectMany(report.ProfilesOf).SelectMany(p => new[] { p.Profile, Number(p.ProfileId) }),
        ErrorIds.ProfileNotFound, "GPU instance profile", "see the profiles: Get-MigProfile");
}
