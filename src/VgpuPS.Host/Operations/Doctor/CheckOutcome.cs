using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Operations.Doctor;

/// <summary>What a check comes to, before it is put together with the check.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Evidence">What was seen.</param>
/// <param name="Cause">What brings it about.</param>
/// <param name="Fix">What to do.</param>
internal sealed record CheckOutcome(CheckVerdict Verdict, string Evidence, string? Cause = null, string? Fix = null)
{
    /// <summary>What to do in a shell on the host, where that is more than <see cref="Fix"/> with other commands; null
    /// where it is not.</summary>
    public string? HostFix { get; init; }

    /// <summary>Whether it is known that what a repair would do fails again.</summary>
    public bool RepairIsVain { get; init; }

    public static CheckOutcome Pass(string evidence) => new(CheckVerdict.Passed, evidence);

    public static CheckOutcome Skip(string why) => new(CheckVerdict.Skipped, why);

    public static CheckOutcome Warn(string evidence, string cause, string fix) =>
        new(CheckVerdict.Warning, evidence, cause, fix);

    public static CheckOutcome Fail(string evidence, string cause, string fix) =>
        new(CheckVerdict.Failed, evidence, cause, fix);

    /// <summary>Passes where nothing was found, else warns of it.</summary>
    public static CheckOutcome WarnOf(IReadOnlyCollection<string> found, string right, string cause, string fix) =>
        found.Count == 0 ? Pass(right) : Warn(Join(found), cause, fix);

    /// <summary>Passes where nothing was found, else fails with it.</summary>
    public static CheckOutcome FailOf(IReadOnlyCollection<string> found, string right, string cause, string fix) =>
        found.Count == 0 ? Pass(right) : Fail(Join(found), cause, fix);

    private static string Join(IReadOnlyCollection<string> found)
    {
        const int Max = 4;
        return string.Join("; ", found.Take(Max)) + (found.Count > Max ? $"; and {found.Count - Max} more" : "");
    }
}
