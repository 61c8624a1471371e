using VgpuPS.Core.Guests;

namespace VgpuPS.Core.Vgpu.Assignment;

/// <summary>Who holds a function that somebody else wants, and what would free it.</summary>
/// <param name="Text">Whoever it is, for people.</param>
/// <param name="Vm">The VM; null when it is no VM's.</param>
/// <param name="Action">What frees it, with a command.</param>
internal sealed record FunctionHolder(string Text, VmId? Vm, string Action)
{
    /// <summary>A VM that holds it.</summary>
    public static FunctionHolder Of(VmId vm) =>
        new($"VM {vm}", vm, $"See what VM {vm} does (qm status {vm}) and stop it (qm shutdown {vm})");
}
