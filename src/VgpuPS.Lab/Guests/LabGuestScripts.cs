using VgpuPS.Core.Guests;

namespace VgpuPS.Lab.Guests;

/// <summary>What scripts do that Linux and Windows guests have alike: files, parts, locks.</summary>
internal sealed class LabGuestScripts(LabHost host, LabGuest guest)
{
    private readonly LabGuestDisk _disk = new(host, guest);

    /// <summary>Runs one; null where it is none of these.</summary>
    public LabGuestAnswer? Run(string name, IReadOnlyList<string> words, string input) => name switch
    {
        "read" => _disk.Find(words[0]) is { } file ? new LabGuestAnswer(0, LabGuestDisk.Text(file)) : NotThere(),
        "write" => From(_disk.Write(words[0], Encoding.UTF8.GetBytes(input), words[2])),
        "same" => _disk.Find(words[0]) is { } other
            ? new LabGuestAnswer(LabGuestDisk.Text(other) == input ? 0 : 1) : NotThere(),
        "tokens" => new LabGuestAnswer(0, string.Concat(
            _disk.Below(words[0]).Where(p => p.EndsWith(".tok", StringComparison.Ordinal)).Select(p => p + "\n"))),
        "move" => _disk.Find(words[0]) is null ? NotThere() : From(_disk.Move(words[0], words[1])),
        "backup" => _disk.Find(words[0]) is { } kept
            ? From(_disk.Write(words[1], kept.Content, kept.Mode)) : NotThere(),
        "remove" => From(_disk.Remove(words[0])),
        "lock" => Lock(words[0]),
        "keep" => new LabGuestAnswer(_disk.Exists(words[0]) ? 0 : 1),
        "part" => Part(words[0], input),
        "join" => Join(words[0], words[1]),
        "port" => new LabGuestAnswer(
            guest.LicenseFault is LabLicenseFault.PortBlocked or LabLicenseFault.NameUnknown ? 1 : 0),
        _ => null,
    };

    /// <summary>Puts a driver in place that runs after the next boot.</summary>
    public LabGuestAnswer Install(string path)
    {
        if (_disk.Find(path) is null)
        {
            return new LabGuestAnswer(1, "", $"{path}: No such file or directory\n");
        }

        if (guest.InstallerFails)
        {
            return new LabGuestAnswer(1, "", "ERROR: Unable to load the kernel module 'nvidia.ko'.\n");
        }

        guest.InstalledDriver = GuestDriverFile.Parse(path).Version;
        host.Change();
        return new LabGuestAnswer(0);
    }

    private static LabGuestAnswer NotThere() => new(GuestScript.NotThere);

    private static LabGuestAnswer From(string? said) => said is null ? new(0) : new(1, "", said + "\n");

    private LabGuestAnswer Lock(string path)
    {
        if (_disk.Exists(path))
        {
            return new LabGuestAnswer(GuestScript.Taken);
        }

        // A folder of its own, in memory: a full disk does not keep it from being made.
        guest.Files[path] = new LabGuestFile();
        host.Change();
        return new LabGuestAnswer(0);
    }

    private LabGuestAnswer Part(string path, string input)
    {
        try
        {
            return From(_disk.Write(path, Convert.FromBase64String(input), "600"));
        }
        catch (FormatException)
        {
            return new LabGuestAnswer(1, "", "base64: invalid input\n");
        }
    }

    private LabGuestAnswer Join(string folder, string path)
    {
        var parts = _disk.Below(folder);
        byte[] whole = [.. parts.SelectMany(p => guest.Files[p].Content)];
        return _disk.Write(path, whole, "600") is { } refusal ? From(refusal)
            : _disk.Remove(folder) is { } kept ? From(kept)
            : new LabGuestAnswer(0, $"{Sha256.Of(whole)}  {path}\n");
    }
}
