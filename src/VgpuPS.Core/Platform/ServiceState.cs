namespace VgpuPS.Core.Platform;

/// <summary>A service of the host as systemd sees it.</summary>
/// <param name="Unit">Its unit: <c>nvidia-vgpud.service</c>.</param>
/// <param name="IsInstalled">Whether there is such a unit.</param>
/// <param name="Active"><c>active</c>, <c>activating</c>, <c>inactive</c>, <c>failed</c> ….</param>
/// <param name="Sub">The same, finer: <c>running</c>, <c>exited</c>, <c>dead</c> ….</param>
/// <param name="Result">How it last ended: <c>success</c>, <c>exit-code</c> ….</param>
/// <param name="HasEnded">Whether it has run and ended since the boot.</param>
/// <param name="IsQueued">Whether systemd has yet to start or stop it.</param>
/// <remarks>Source: systemctl(1) and org.freedesktop.systemd1(5): ActiveState, SubState, Result, Job.</remarks>
public sealed record ServiceState(
    string Unit, bool IsInstalled, string Active, string Sub, string Result, bool HasEnded, bool IsQueued)
{
    /// <summary>Whether it runs, or has done its work and stays.</summary>
    public bool IsActive => Active == "active";

    /// <summary>Whether it has failed.</summary>
    public bool HasFailed => Active == "failed";

    /// <summary>Whether it is on its way.</summary>
    public bool IsStarting => Active is "activating" or "reloading" || IsQueued;

    /// <summary>For display: <c>failed (exit-code)</c>, <c>activating (start)</c>.</summary>
    public string Text => HasFailed ? $"failed ({Result})" : $"{Active} ({Sub})";
}
