namespace VgpuPS.Core.Proxmox;

/// <summary>What the hook said when it refused a phase, as it stands in the output of Proxmox's task.</summary>
/// <param name="Message">Why.</param>
/// <param name="Action">What to do; empty where it did not say.</param>
/// <remarks>Source: the hook's two lines, <c>vgpu-hook: VM 101 pre-start: …</c> and <c>  do: …</c>.</remarks>
public sealed record HookRefusal(string Message, string Action)
{
    private const string Advice = "do: ";

    /// <summary>Finds the last refusal of a VM's phase; null where the hook refused nothing.</summary>
    /// <param name="output">What the task printed.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="phase">The phase: <c>pre-start</c>.</param>
    public static HookRefusal? Find(string output, VmId vm, string phase)
    {
        var begin = $"vgpu-hook: VM {vm} {phase}: ";
        var lines = output.Split('\n');
        var at = Array.FindLastIndex(lines, l => l.TrimStart().StartsWith(begin, StringComparison.Ordinal));
        if (at < 0)
        {
            return null;
        }

        var next = at + 1 < lines.Length ? lines[at + 1].Trim() : "";
        return new HookRefusal(
            lines[at].Trim()[begin.Length..].Trim(),
            next.StartsWith(Advice, StringComparison.Ordinal) ? next[Advice.Length..] : "");
    }
}
