namespace VgpuPS.Core.Guests;

/// <summary>Whether a guest's driver fits the host's.</summary>
/// <remarks>
/// Source: facts/host-behaviour.md 9: the branches must be compatible, and a guest below the host's minimum is refused;
/// exact windows of support are not sourced. So: the same branch fits; an older one is reported and not refused; that a
/// newer one
/// does not fit is assumed.
/// </remarks>
public static class GuestDriverRule
{
    private const int FirstUnlisted = 600;

    private static readonly int[] s_branches = [470, 510, 525, 535, 550, 570, 580, 590, 595];

    /// <summary>Compares two versions such as <c>580.105.06</c>.</summary>
    public static GuestDriverVerdict Judge(string? guest, string? host) =>
        guest is null ? GuestDriverVerdict.Missing
        : Branch(guest) is not { } ours || Branch(host) is not { } theirs ? GuestDriverVerdict.Unknown
        : ours == theirs ? GuestDriverVerdict.SameBranch
        : ours < theirs ? GuestDriverVerdict.OlderBranch : GuestDriverVerdict.NewerBranch;

    /// <summary>The verdict for display, with what it rests on.</summary>
    public static string Describe(GuestDriverVerdict verdict, string? guest, string? host) => verdict switch
    {
        GuestDriverVerdict.SameBranch => $"same branch as the host's {host}",
        GuestDriverVerdict.OlderBranch =>
            $"older than the host's {host}: works until the host's minimum, see NVIDIA's release notes",
        GuestDriverVerdict.NewerBranch => $"newer than the host's {host}: assumed not to work; update the host first",
        GuestDriverVerdict.Missing => "no driver answers in the guest",
        _ => $"versions {guest} and {host ?? "unknown"} cannot be compared",
    };

    /// <summary>The branch of a version: the release it is of; null where it is none.</summary>
    /// <remarks>
    /// Source: assumed, from memory of NVIDIA's release tables: drivers of Windows count on within a branch, so that
    /// 551.78 and 550.54 are of one release, as are 538 and 535, or 572 and 570.
    /// </remarks>
    public static int? Branch(string? version)
    {
        var at = version?.IndexOf('.', StringComparison.Ordinal) ?? -1;
        return at <= 0
            || !int.TryParse(version.AsSpan(0, at), NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            ? null
            : major >= FirstUnlisted ? major / 10 * 10
            : Array.FindLast(s_branches, b => b <= major) is > 0 and var branch ? branch : major;
    }
}

/// <summary>How a guest's driver fits the host's.</summary>
public enum GuestDriverVerdict
{
    /// <summary>No driver answers in the guest.</summary>
    Missing = 0,

    /// <summary>Of the same branch.</summary>
    SameBranch,

    /// <summary>Of an older branch: works as long as the host takes it.</summary>
    OlderBranch,

    /// <summary>Of a newer branch than the host's.</summary>
    NewerBranch,

    /// <summary>A version that cannot be read.</summary>
    Unknown,
}
