namespace VgpuPS.Core.UseCases.TestHost;

/// <summary>What a check of the doctor came to.</summary>
public enum CheckVerdict
{
    /// <summary>All is right.</summary>
    Passed,

    /// <summary>It works now, and will not always, or not for everybody.</summary>
    Warning,

    /// <summary>Something does not work.</summary>
    Failed,

    /// <summary>It could not be looked at, or does not apply; the evidence says why.</summary>
    Skipped,
}
