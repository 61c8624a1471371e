namespace VgpuPS.Core.Platform;

/// <summary>Our file of module options that keeps nouveau away from the GPUs.</summary>
/// <remarks>Source: facts/host-behaviour.md 8 (host prerequisites), facts/errors.md A3.</remarks>
public static class NouveauFile
{
    /// <summary>Its path.</summary>
    public const string Path = "/etc/modprobe.d/vgpups-nouveau.conf";

    /// <summary>Its text.</summary>
    public const string Text = "# Written by Initialize-VgpuHost: NVIDIA's driver does not load beside "
        + "nouveau.\nblacklist nouveau\noptions nouveau modeset=0\n";
}
