namespace VgpuPS.Core.Ports;

/// <summary>How a guest is reached.</summary>
public enum GuestVia
{
    /// <summary>The QEMU guest agent, through Proxmox.</summary>
    Agent = 0,

    /// <summary>SSH, with the host's OpenSSH client.</summary>
    Ssh,
}
