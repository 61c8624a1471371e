namespace VgpuPS.Core.Proxmox;

/// <summary>The <c>agent</c> line of a VM's configuration.</summary>
/// <remarks>Source: assumed: <c>[enabled=]0|1[,key=value…]</c>, off without the line (pve-docs, qm.conf).</remarks>
public static class GuestAgentSetting
{
    /// <summary>Whether the line enables the guest agent's device.</summary>
    /// <param name="value">The line's value; null without one.</param>
    public static bool IsEnabled(string? value) => value?.Split(',').Any(part => IsOn(part.Trim())) == true;

    private static bool IsOn(string part)
    {
        var text = part.StartsWith("enabled=", StringComparison.Ordinal) ? part[8..] : part;
        return text is "1" or "on" or "yes" or "true";
    }
}
