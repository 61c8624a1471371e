namespace VgpuPS.Core.Licensing;

/// <summary>How a guest driver's file is installed.</summary>
public enum GuestDriverKind
{
    /// <summary>NVIDIA's own installer for Linux.</summary>
    Run = 0,

    /// <summary>A Debian package.</summary>
    Deb,

    /// <summary>The installer for Windows.</summary>
    WindowsSetup,
}
