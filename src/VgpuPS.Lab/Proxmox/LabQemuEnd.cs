namespace VgpuPS.Lab.Proxmox;

/// <summary>How QEMU is asked to end.</summary>
public enum LabQemuEnd
{
    /// <summary>Monitor command <c>quit</c>.</summary>
    Quit,

    /// <summary>Monitor command <c>system_powerdown</c>: the guest may ignore it.</summary>
    PowerDown,

    /// <summary>SIGTERM.</summary>
    Terminate,

    /// <summary>SIGKILL, or a crash.</summary>
    Kill,

    /// <summary>The guest powers off by itself.</summary>
    GuestPowersOff,
}
