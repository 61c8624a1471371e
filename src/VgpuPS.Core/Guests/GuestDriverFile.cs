namespace VgpuPS.Core.Guests;

/// <summary>A file that installs a guest driver, as its name shows it.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Kind">How it is installed.</param>
/// <param name="Version">Version of the driver; null where the name does not show it.</param>
/// <remarks>
/// Source: facts/host-behaviour.md 9: <c>NVIDIA-Linux-x86_64-V-grid.run</c>,
/// <c>nvidia-linux-grid-BRANCH_V_amd64.deb</c>; that a Windows installer begins with its version is assumed.
/// </remarks>
public sealed record GuestDriverFile(string Name, GuestDriverKind Kind, string? Version)
{
    /// <summary>Reads a path's file name.</summary>
    /// <exception cref="InvalidRequestException">It is not an installer.</exception>
    public static GuestDriverFile Parse(string path)
    {
        var name = path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
        var kind = Extension(name) switch
        {
            ".run" => GuestDriverKind.Run,
            ".deb" => GuestDriverKind.Deb,
            ".exe" => GuestDriverKind.WindowsSetup,
            _ => throw new InvalidRequestException(
                ErrorIds.GuestDriverUnusable, $"'{name}' is not a guest driver: its name ends neither with .run, "
                    + ".deb nor .exe",
                "name the guest driver's file on the host, such as /root/NVIDIA-Linux-x86_64-580.105.08-grid.run",
                name),
        };
        if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '+' or '~'))
        {
            throw new InvalidRequestException(
                ErrorIds.GuestDriverUnusable, $"the name '{name}' has characters that a guest may misinterpret",
                "rename it to letters, digits, dots, hyphens and underscores", name);
        }

        return new GuestDriverFile(name, kind, FindVersion(name));
    }

    private static string Extension(string name)
    {
        var at = name.LastIndexOf('.');
        return at <= 0 ? "" : name[at..].ToLowerInvariant();
    }

    private static string? FindVersion(string name) => name.Split('-', '_')
        .FirstOrDefault(part => part.Contains('.', StringComparison.Ordinal)
            && part.Split('.') is { Length: 2 or 3 } numbers
            && numbers.All(n => n.Length > 0 && n.All(char.IsAsciiDigit)));
}

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
