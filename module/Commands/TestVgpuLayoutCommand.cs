namespace VgpuPS.Commands;

/// <summary>Shows whether hosts match a layout; changes nothing.</summary>
/// <example>
/// <code>Export-VgpuLayout -Save; Test-VgpuLayout</code>
/// <para>Tests each connected host against its own layout.</para>
/// </example>
/// <example>
/// <code>
/// Export-VgpuLayout -Path ./layout.json
/// if (-not (Test-VgpuLayout ./layout.json -Quiet)) { Sync-VgpuLayout ./layout.json }
/// </code>
/// <para>Makes the host so only where it is not.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "VgpuLayout", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(LayoutComparisonInfo), typeof(bool))]
public sealed class TestVgpuLayoutCommand : LayoutComparison
{
    /// <summary>Writes one true or false alone, for all hosts together: false too where one cannot be asked.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override bool IsQuiet => Quiet;

    private protected override bool HasPassed(object result) => result is LayoutComparisonInfo { Passed: true };

    private protected override LayoutComparisonInfo? Refused(VgpuException failure, string host) =>
        failure is InvalidRequestException or ObjectNotFoundException or UnreadableDataException
            ? null : new LayoutComparisonInfo
            {
                VgpuHost = host,
                Passed = false,
                Target = failure.Target ?? "",
                Steps = [],
                Losses = [],
                Refusal = failure.Message,
            };
}
