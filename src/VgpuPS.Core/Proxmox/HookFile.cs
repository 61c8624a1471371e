namespace VgpuPS.Core.Proxmox;

/// <summary>A file that a VM's hookscript names, or could.</summary>
/// <param name="IsExecutable">Whether it has an execute bit, without which Proxmox refuses the start.</param>
/// <param name="IsHook">Whether its bytes are those of the installed hook.</param>
public sealed record HookFile(bool IsExecutable, bool IsHook)
{
    /// <summary>Whether it is a vgpu-hook of any version, whatever its name.</summary>
    public bool IsAnyHook { get; init; } = IsHook;

    /// <summary>Whether it is a script whose text names a vgpu-hook: chained, it would call itself without
    /// end.</summary>
    public bool CallsHook { get; init; }

    /// <summary>Whether Proxmox can run it and it is our hook of this version.</summary>
    public bool IsRight => IsExecutable && IsHook;
}
