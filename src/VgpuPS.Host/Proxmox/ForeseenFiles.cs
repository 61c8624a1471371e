using System.Text;
using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Proxmox;

/// <summary>
/// The host's files as they will be once what was planned before is done: VMs' configurations with their new keys, the
/// hook's copies written. Only for plans: what is written goes to the host itself.
/// </summary>
internal sealed class ForeseenFiles(IHostFiles files, IReadOnlyList<ForeseenChange> foreseen) : IHostFiles
{
    private const string ConfigFolder = "/qemu-server/";
    private const string ConfigEnd = ".conf";

    private readonly ILookup<string, ForeseenVmSetting> _settings = foreseen.SelectMany(f => f.VmSettings)
        .ToLookup(s => string.Create(CultureInfo.InvariantCulture, $"{ConfigFolder}{s.Vm}{ConfigEnd}"));

    private readonly HashSet<string> _hooks = [.. foreseen.SelectMany(f => f.HookFiles)];

    public uint UserId => files.UserId;

    public HostFileInfo? GetInfo(string path) => _hooks.Contains(path)
        ? files.GetInfo(HookVolume.InstalledPath) is { } hook ? hook with { Mode = FileModes.Mode755 } : null
        : files.GetInfo(path);

    public byte[] Read(string path, int limit)
    {
        var content = files.Read(_hooks.Contains(path) ? HookVolume.InstalledPath : path, limit);
        var settings = path.LastIndexOf(ConfigFolder, StringComparison.Ordinal) is var at and >= 0
            ? _settings[path[at..]] : [];
        return settings.Aggregate(content, (text, setting) => Edit(text, setting.Key, setting.Value));
    }

    public IReadOnlyList<string>? List(string path) => files.List(path);

    public string? ReadLink(string path) => files.ReadLink(path);

    public void WriteAttribute(string path, string value) => files.WriteAttribute(path, value);

    public void WriteWhole(string path, ReadOnlySpan<byte> content, int mode) => files.WriteWhole(path, content, mode);

    public void Append(string path, ReadOnlySpan<byte> content, int mode) => files.Append(path, content, mode);

    public void CreateDirectory(string path, int mode) => files.CreateDirectory(path, mode);

    public void Rename(string source, string destination) => files.Rename(source, destination);

    public bool Delete(string path) => files.Delete(path);

    public IHostFileLock? TryLock(string path, int mode) => files.TryLock(path, mode);

    public IHostFileLock? TryShareLock(string path, int mode) => files.TryShareLock(path, mode);

    /// <summary>A configuration with a key set, or gone, now and at the next start; snapshots stay.</summary>
    /// <remarks>Source: facts/proxmox.md (b): the main section ends where the first one begins.</remarks>
    private static byte[] Edit(byte[] content, string key, string? value)
    {
        var lines = new List<string>();
        var section = "";
        foreach (var line in Encoding.Latin1.GetString(content).Split('\n'))
        {
            section = line.StartsWith('[') ? line : section;
            var isLive = section is "" or "[PENDING]";
            if (isLive && line.StartsWith(key + ":", StringComparison.Ordinal))
            {
                continue;
            }

            lines.Add(isLive && section.Length > 0 && line.StartsWith("delete:", StringComparison.Ordinal)
                ? "delete: " + string.Join(',', line["delete:".Length..].Split(',').Select(k => k.Trim())
                    .Where(k => k != key).DefaultIfEmpty("none"))
                : line);
        }

        if (value is not null)
        {
            lines.Insert(0, $"{key}: {value}");
        }

        return Encoding.Latin1.GetBytes(string.Join('\n', lines));
    }
}
