namespace VgpuPS.Commands;

/// <summary>Installs vgpu-hook on Proxmox hosts: program, boot service, sweep timer, snippet, default
/// configuration.</summary>
/// <remarks>
/// The program travels over the same SSH that Connect-VgpuHost uses, its checksum is compared, and every file is
/// written whole. What is right already is left alone. No session is needed, and none stays.
/// </remarks>
/// <example>
/// <code>
/// Install-VgpuHost root@pve1,root@pve2 -WhatIf
/// Install-VgpuHost root@pve1,root@pve2
/// </code>
/// <para>Shows what would be installed on two hosts, and installs it.</para>
/// </example>
/// <example>
/// <code>Install-VgpuHost -Session lab -WhatIf</code>
/// <para>Shows what would be installed on a simulated host.</para>
/// </example>
/// <example>
/// <code>Install-VgpuHost -Session lab -PassThru</code>
/// <para>Installs it there, and shows the host.</para>
/// </example>
/// <example>
/// <code>Install-VgpuHost root@pve1 -Cluster -Credential (Get-Credential root)</code>
/// <para>Installs all nodes of a cluster, with a password.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Install, "VgpuHost", SupportsShouldProcess = true, DefaultParameterSetName = SessionSet,
    HelpUri = HelpPages.Ssh)]
[OutputType(typeof(HostInfo))]
public sealed class InstallVgpuHostCommand : InstallingCommand
{
    private protected override bool IsUpdate => false;
}
