namespace VgpuPS.Core.Ports;

/// <summary>A file that a VM's hookscript names, or could.</summary>
/// <param name="IsExecutable">Whether it has an execute bit, without which Proxmox refuses the start.</param>
/// <param name="IsHook">Whether its bytes are those of the installed hook.</param>
public sealed record HookFile(bool IsExecutable, bool IsHook)
{
    /// <summary>Whether Proxmox can run it and it is our hook of this version.</summary>
    public bool IsRight => IsExecutable && IsHook;
}
