namespace VgpuPS.Lab.Guests;

/// <summary>Files of a guest: what can be written, and what is said where it cannot.</summary>
internal sealed class LabGuestDisk(LabHost host, LabGuest guest)
{
    public static string Text(LabGuestFile file) => Encoding.UTF8.GetString(file.Content);

    public LabGuestFile? Find(string path) => guest.Files.GetValueOrDefault(path);

    public bool Exists(string path) => guest.Files.ContainsKey(path) || Below(path).Count > 0;

    public IReadOnlyList<string> Below(string folder)
    {
        var start = folder.TrimEnd('/', '\\') + (guest.IsWindows ? '\\' : '/');
        return [.. guest.Files.Keys.Where(k => k.StartsWith(start, StringComparison.Ordinal))];
    }

    /// <summary>Writes a file; null, or what the program says.</summary>
    public string? Write(string path, byte[] content, string mode)
    {
        if (Refusal(path) is { } refusal)
        {
            return refusal;
        }

        guest.Files[path] = new LabGuestFile { Content = content, Mode = mode };
        host.Change();
        return null;
    }

    public string? Move(string from, string to)
    {
        if ((Refusal(to, isNew: false) ?? Refusal(from, isNew: false)) is { } refusal)
        {
            return refusal;
        }

        guest.Files[to] = guest.Files[from];
        guest.Files.Remove(from);
        host.Change();
        return null;
    }

    public string? Remove(string path)
    {
        if (Exists(path) && Refusal(path, isNew: false) is { } refusal)
        {
            return refusal;
        }

        guest.Files.Remove(path);
        foreach (var inner in Below(path))
        {
            guest.Files.Remove(inner);
        }

        host.Change();
        return null;
    }

    // Source: the C library's and Windows' own words of ENOSPC, EROFS and ERROR_DISK_FULL.
    private string? Refusal(string path, bool isNew = true) =>
        guest.ReadOnlyPaths.Any(p => path.StartsWith(p, StringComparison.Ordinal))
            ? guest.IsWindows
                ? $"Access to the path '{path}' is denied." : $"cannot create {path}: Read-only file system"
        : guest.DiskIsFull && isNew
            ? guest.IsWindows
                ? "There is not enough space on the disk." : $"write error: {path}: No space left on device"
        : null;
}
