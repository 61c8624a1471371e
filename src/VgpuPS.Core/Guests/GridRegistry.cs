namespace VgpuPS.Core.Guests;

/// <summary>Where Windows guests keep what <c>gridd.conf</c> says on Linux, and what a guest prints of it.</summary>
/// <remarks>
/// Source: https://github.com/awsdocs/amazon-ec2-user-guide-windows/issues/47, which quotes NVIDIA's vGPU user guide
/// 15.0 (drivers from 525): a licence came only of values below the display driver's own key. That drivers 510 to 524
/// (vGPU 14) may read either is assumed, and so is that a driver reads one of the two alone. Not run on Windows.
/// </remarks>
public static class GridRegistry
{
    /// <summary>Key of newer drivers, below HKEY_LOCAL_MACHINE.</summary>
    public const string DriverKey = @"SYSTEM\CurrentControlSet\Services\nvlddmkm\Global\GridLicensing";

    /// <summary>Key of older drivers, below HKEY_LOCAL_MACHINE.</summary>
    public const string SoftwareKey = @"SOFTWARE\NVIDIA Corporation\Global\GridLicensing";

    private const int FirstOfDriverKey = 525;
    private const int FirstUncertain = 510;
    private const int MaxText = 400;

    private static readonly string[] s_names =
        [GriddConf.FeatureType, GriddConf.ClientConfigTokenPath, GriddConf.ServerAddress];

    // What Set-ItemProperty takes as a type, of those that hold a number or a text.
    private static readonly string[] s_kinds = ["DWord", "QWord", "String", "ExpandString"];

    /// <summary>Keys that a driver reads; both where that is not known.</summary>
    /// <param name="driver">Version of the guest's driver, <c>581.80</c>; null for none.</param>
    public static IReadOnlyList<string> KeysOf(string? driver) =>
        !int.TryParse(driver?.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            || major is >= FirstUncertain and < FirstOfDriverKey ? [DriverKey, SoftwareKey]
        : major >= FirstOfDriverKey ? [DriverKey]
        : [SoftwareKey];

    /// <summary>Reads what <see cref="WindowsGuestScripts.GetLicensing"/> prints; null where a line is none of
    /// its.</summary>
    public static IReadOnlyList<GridRegistryValue>? Parse(string text)
    {
        var values = new List<GridRegistryValue>();
        foreach (var line in text.Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Length > 0))
        {
            if (line.Split('\t') is not [DriverKey or SoftwareKey, var name, var kind, var value]
                || !s_names.Contains(name) || !s_kinds.Contains(kind) || value.Length > MaxText)
            {
                return null;
            }

            values.Add(new GridRegistryValue(line[..line.IndexOf('\t', StringComparison.Ordinal)], name, kind, value));
        }

        return values;
    }
}

/// <summary>A value below one of the keys of <see cref="GridRegistry"/>.</summary>
/// <param name="Key">The key, below HKEY_LOCAL_MACHINE.</param>
/// <param name="Name">The value's name: one of those that <see cref="GriddConf"/> has.</param>
/// <param name="Kind">Its type, as PowerShell names it: <c>DWord</c>, <c>String</c>.</param>
/// <param name="Text">What it holds; a number in decimal.</param>
public sealed record GridRegistryValue(string Key, string Name, string Kind, string Text);
