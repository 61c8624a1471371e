namespace VgpuPS.Lab.Guests;

/// <summary>A file in a guest.</summary>
public sealed class LabGuestFile
{
    /// <summary>Its content.</summary>
    public byte[] Content { get; set; } = [];

    /// <summary>Its permission bits, octal, as <c>chmod</c> takes them.</summary>
    public string Mode { get; set; } = "644";
}
