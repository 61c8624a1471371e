using VgpuPS.Host.Seams;
using VgpuPS.LabHook;

namespace VgpuPS.Tests.Hosts;

/// <summary>One call of the hook that goes wrong: which one, and how.</summary>
/// <param name="Call">The call's number among the hook's, from 1.</param>
/// <param name="Name">The call's name.</param>
/// <param name="Number">Status, errno or exit code to answer with; null for success without anything done.</param>
/// <param name="Times">How many calls of that name, from this one on.</param>
internal sealed record Fault(int Call, string Name, int? Number, int Times)
{
    private static readonly int[] s_nvml =
    [
        (int)NvmlStatus.Unknown, (int)NvmlStatus.GpuIsLost, (int)NvmlStatus.InUse, (int)NvmlStatus.NoPermission,
        (int)NvmlStatus.InsufficientResources, (int)NvmlStatus.Timeout, (int)NvmlStatus.ResetRequired,
    ];

    private static readonly int[] s_write = [Errno.EIO, Errno.ENOSPC, Errno.EACCES, Errno.EBUSY];
    private static readonly int[] s_read = [Errno.EIO, Errno.EACCES];
    private static readonly int[] s_exit = [1, 127];

    /// <summary>Numbers that a call of this name may answer with.</summary>
    private static int[] NumbersOf(string name) =>
        name.StartsWith("nvml", StringComparison.Ordinal) ? s_nvml
        : name.StartsWith("run ", StringComparison.Ordinal) ? s_exit
        : IsWrite(name) ? s_write
        : s_read;

    /// <summary>All numbers for a call that changes the host, one of them, in turn, for one that reads.</summary>
    public static IEnumerable<int> NumbersOf(int call, string name)
    {
        var all = NumbersOf(name);
        return IsChange(name) ? all : [all[call % all.Length]];
    }

    /// <summary>Whether a call changes the host, and so can say that it did and have done nothing.</summary>
    public static bool IsChange(string name) => IsWrite(name) || name.StartsWith("run ", StringComparison.Ordinal)
        || name.StartsWith("nvml", StringComparison.Ordinal) && (name.Contains("Set", StringComparison.Ordinal)
            || name.Contains("Create", StringComparison.Ordinal)
                && !name.Contains("Creatable", StringComparison.Ordinal)
            || name.Contains("Destroy", StringComparison.Ordinal));

    public override string ToString() =>
        $"call {Call} {Name} {(Number is { } number ? $"answers {number}" : "lies")} x {Times}";

    /// <summary>Arms it for the next calls of an actor.</summary>
    public void Arm(LabHostNode node, string actor)
    {
        var calls = 0;
        node.Host.Gate.Passing = (name, who) =>
        {
            if (who != actor || ++calls != Call)
            {
                return;
            }

            if (Number is { } number)
            {
                node.Host.Gate.Fail(Name, number, Times);
            }
            else
            {
                node.Host.Gate.Lie(Name, Times);
            }
        };
    }

    /// <summary>Ends it.</summary>
    public static void Clear(LabHostNode node)
    {
        node.Host.Gate.Passing = null;
        node.Host.Gate.Clear();
    }

    private static bool IsWrite(string name) => name.StartsWith("write ", StringComparison.Ordinal)
        || name.StartsWith("mkdir ", StringComparison.Ordinal) || name.StartsWith("rename ", StringComparison.Ordinal);
}
