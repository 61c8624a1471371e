namespace VgpuPS.Commands;

/// <summary>Brings vgpu-hook on Proxmox hosts to the module's version, with all its copies in snippets
/// storages.</summary>
/// <remarks>Sessions that are open with a host go on with the program that they began with; connect again
/// afterwards.</remarks>
/// <example>
/// <code>
/// Update-VgpuHost root@pve1
/// Connect-VgpuHost root@pve1
/// </code>
/// <para>Replaces the program of a host, and opens a session with the new one.</para>
/// </example>
/// <example>
/// <code>Update-VgpuHost -Session lab -WhatIf</code>
/// <para>Shows what would be replaced on a simulated host.</para>
/// </example>
[Cmdlet(VerbsData.Update, "VgpuHost", SupportsShouldProcess = true, DefaultParameterSetName = SessionSet,
    HelpUri = HelpPages.Ssh)]
[OutputType(typeof(HostInfo))]
public sealed class UpdateVgpuHostCommand : InstallingCommand
{
    private protected override bool IsUpdate => true;
}
