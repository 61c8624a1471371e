namespace VgpuPS.Commands;

/// <summary>Shows the sizes in which GPUs can be cut, with how many are free now, memory, SMs and engines.</summary>
/// <example>
/// <code>Get-MigProfile -Gpu 0</code>
/// <para>Shows the profiles of GPU 0.</para>
/// </example>
/// <example>
/// <code>Get-MigProfile | Where-Object Free -gt 0</code>
/// <para>Shows what can be made now.</para>
/// </example>
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
