namespace VgpuPS.Core.Proxmox;

/// <summary>Edits the text of a <c>hostpciN</c> value; what is not edited stays as it is written.</summary>
public static class HostPciText
{
    private const string HostKey = "host";

    /// <summary>Names another device: a function, or a mapping.</summary>
    /// <param name="value">The value; empty for a new one.</param>
    /// <param name="device">An address, or <c>mapping=ID</c>.</param>
    public static string WithDevice(string value, string device) =>
        string.Join(',', Parts(value).Where(p => KeyOf(p) is not (HostKey or "mapping")).Prepend(device));

    /// <summary>Sets a property, or drops it.</summary>
    /// <param name="value">The value.</param>
    /// <param name="key">The property's key.</param>
    /// <param name="setting">Its text; null to drop it.</param>
    public static string With(string value, string key, string? setting)
    {
        var parts = Parts(value).ToList();
        var at = parts.FindIndex(p => KeyOf(p) == key);
        if (at >= 0)
        {
            parts.RemoveAt(at);
        }

        if (setting is not null)
        {
            parts.Insert(at >= 0 ? at : parts.Count, $"{key}={setting}");
        }

        return string.Join(',', parts);
    }

    private static IEnumerable<string> Parts(string value) => value.Split(',').Where(p => !PveText.IsBlank(p));

    private static string KeyOf(string part)
    {
        var equals = part.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? HostKey : part[..equals];
    }
}
