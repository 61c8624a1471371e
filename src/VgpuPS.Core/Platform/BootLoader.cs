namespace VgpuPS.Core.Platform;

/// <summary>What loaded the running kernel, and so which file its command line comes from.</summary>
public enum BootLoader
{
    /// <summary>Neither of the two left its mark.</summary>
    Unknown,

    /// <summary>GRUB: <c>/etc/default/grub</c>.</summary>
    Grub,

    /// <summary>systemd-boot: <c>/etc/kernel/cmdline</c>.</summary>
    SystemdBoot,
}
