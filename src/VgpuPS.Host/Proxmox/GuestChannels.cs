using VgpuPS.Core.Guests;
using VgpuPS.Core.Ports;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Ssh;

namespace VgpuPS.Host.Proxmox;

/// <summary>Opens ways into guests: through Proxmox's guest agent, or with the host's OpenSSH client.</summary>
/// <param name="processes">Runs the programs.</param>
/// <param name="clock">Clock of waits.</param>
/// <param name="askPass">A program that answers <see cref="AskPassCommand"/>; null for the installed one.</param>
public sealed class GuestChannels(IProcessRunner processes, TimeProvider clock, string? askPass = null) : IGuestChannels
{
    /// <inheritdoc/>
    public IGuestChannel Open(GuestWay way) => way.Via == GuestVia.Agent
        ? new QmGuestChannel(way, processes, clock)
        : new SshGuestChannel(way, SshGuestDestination.Check(way), processes, askPass ?? HookVolume.InstalledPath);
}
