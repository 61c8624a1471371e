namespace VgpuPS.Core.Gpu;

/// <summary>A device's PCI Express link as it is now, and at most.</summary>
/// <param name="GigaTransfers">Speed of a lane now, in GT/s.</param>
/// <param name="Width">Lanes now.</param>
/// <param name="MaxGigaTransfers">Speed of a lane that device and slot can, in GT/s.</param>
/// <param name="MaxWidth">Lanes that device and slot can.</param>
/// <remarks>Source: facts/measuring.md F27: it drops while the device is idle.</remarks>
public sealed record PcieLink(double GigaTransfers, int Width, double MaxGigaTransfers, int MaxWidth)
{
    /// <summary>Whether it is slower or narrower than it could be.</summary>
    public bool IsBelowMaximum => GigaTransfers < MaxGigaTransfers || Width < MaxWidth;

    /// <summary>The most that it can: <c>4.0 x16</c>.</summary>
    public string Maximum => Describe(MaxGigaTransfers, MaxWidth);

    /// <summary>Reads the kernel's four attributes; null where one is missing or says that it does not know.</summary>
    /// <param name="speed"><c>current_link_speed</c>: <c>16.0 GT/s PCIe</c>.</param>
    /// <param name="width"><c>current_link_width</c>: <c>16</c>.</param>
    /// <param name="maxSpeed"><c>max_link_speed</c>.</param>
    /// <param name="maxWidth"><c>max_link_width</c>.</param>
    /// <remarks>Source: Linux, drivers/pci/pci-sysfs.c and pci_speed_string: <c>Unknown</c> where it is not known; a
    /// width of 255 is none.</remarks>
    public static PcieLink? Parse(string? speed, string? width, string? maxSpeed, string? maxWidth) =>
        Speed(speed) is { } now && Lanes(width) is { } lanes && Speed(maxSpeed) is { } most
        && Lanes(maxWidth) is { } mostLanes ? new PcieLink(now, lanes, most, mostLanes) : null;

    /// <summary>Generation and width: <c>4.0 x16</c>.</summary>
    public override string ToString() => Describe(GigaTransfers, Width);

    private static string Describe(double speed, int width) => string.Create(
        CultureInfo.InvariantCulture, $"{Generation(speed)} x{width}");

    private static string Generation(double speed) => speed switch
    {
        2.5 => "1.0",
        5 => "2.0",
        8 => "3.0",
        16 => "4.0",
        32 => "5.0",
        64 => "6.0",
        _ => string.Create(CultureInfo.InvariantCulture, $"{speed} GT/s"),
    };

    private static double? Speed(string? text) =>
        text?.Split(' ') is [var number, "GT/s", ..]
        && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var speed)
        && speed is > 0 and < 1000 ? speed : null;

    private static int? Lanes(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var lanes) && lanes is > 0 and <= 64
            ? lanes : null;
}
