namespace VgpuPS.Text;

/// <summary>Rows that say what to do, in PowerShell's commands.</summary>
internal static class RowAdvice
{
    /// <summary>The row, with its advice as it is typed here; any other object as it is.</summary>
    public static object Of(object row) => row switch
    {
        VgpuHostTestInfo test => test with { RecommendedAction = Advice.ForPowerShell(test.RecommendedAction) },
        VgpuHookTestInfo test => test with { RecommendedAction = Advice.ForPowerShell(test.RecommendedAction) },
        VmVgpuMigrationInfo test => test with { RecommendedAction = Advice.ForPowerShell(test.RecommendedAction) },
        VmVgpuTestInfo test => test with { RecommendedAction = Advice.ForPowerShell(test.RecommendedAction) },
        GridLicenseTestInfo test => test with { RecommendedAction = Advice.ForPowerShell(test.RecommendedAction) },
        _ => row,
    };
}
