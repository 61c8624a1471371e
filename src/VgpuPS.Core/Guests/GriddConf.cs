namespace VgpuPS.Core.Guests;

/// <summary>
/// The licence service's configuration, <c>gridd.conf</c>, of which only owned keys are changed: every other byte
/// stays.
/// </summary>
/// <remarks>Source: facts/host-behaviour.md 9: <c>Key=value</c> lines, <c>#</c> comments (template).</remarks>
public sealed class GriddConf
{
    /// <summary>Which licence the guest requests.</summary>
    public const string FeatureType = "FeatureType";

    /// <summary>Folder of the token, where it is not the usual one.</summary>
    public const string ClientConfigTokenPath = "ClientConfigTokenPath";

    /// <summary>Server of the legacy licensing; must not be set beside a token.</summary>
    /// <remarks>Source: facts/host-behaviour.md 9; "Deploy NVIDIA RTX Virtual Workstation on OCI" (Oracle).</remarks>
    public const string ServerAddress = "ServerAddress";

    private static readonly string[] s_owned = [FeatureType, ClientConfigTokenPath, ServerAddress];

    private readonly string _text;

    private GriddConf(string text) => _text = text;

    /// <summary>Reads a file's text; an empty one where there is no file.</summary>
    public static GriddConf Parse(string text) => new(text);

    /// <summary>The value that is in effect: the last line of a key; null where none sets it.</summary>
    public string? this[string key] => Lines().LastOrDefault(l => IsKey(l, key)) is { } line
        ? line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim()
        : null;

    /// <summary>The file with a key set: in the place of its first line, or at the end.</summary>
    /// <exception cref="ArgumentException">The key is not ours.</exception>
    public GriddConf With(string key, string value)
    {
        var end = Owned(key).Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        var isSet = false;
        var kept = new List<string>();
        foreach (var line in Lines())
        {
            if (!IsKey(line, key))
            {
                kept.Add(line);
            }
            else if (!isSet)
            {
                kept.Add($"{key}={value}{Ending(line)}");
                isSet = true;
            }
        }

        if (!isSet)
        {
            var needsEnd = kept.Count > 0 && Ending(kept[^1]).Length == 0;
            kept.Add($"{(needsEnd ? end : "")}{key}={value}{end}");
        }

        return new GriddConf(string.Concat(kept));
    }

    /// <summary>The file without a key.</summary>
    /// <exception cref="ArgumentException">The key is not ours.</exception>
    public GriddConf Without(string key)
    {
        _ = Owned(key);
        return new GriddConf(string.Concat(Lines().Where(l => !IsKey(l, key))));
    }

    /// <summary>The file's text.</summary>
    public override string ToString() => _text;

    private string Owned(string key) =>
        s_owned.Contains(key) ? _text : throw new ArgumentException($"'{key}' is not managed by this program",
            nameof(key));

    private static bool IsKey(string line, string key)
    {
        var at = line.IndexOf('=', StringComparison.Ordinal);
        return at > 0 && line.AsSpan(0, at).Trim().Equals(key, StringComparison.Ordinal);
    }

    private static string Ending(string line) =>
        line.EndsWith("\r\n", StringComparison.Ordinal) ? "\r\n" : line.EndsWith('\n') ? "\n" : "";

    private IEnumerable<string> Lines()
    {
        for (var at = 0; at < _text.Length;)
        {
            var end = _text.IndexOf('\n', at);
            var next = end < 0 ? _text.Length : end + 1;
            yield return _text[at..next];
            at = next;
        }
    }
}

/// <summary>Which licence a guest asks for.</summary>
/// <remarks>Source: facts/host-behaviour.md 9, text of gridd.conf.template: 0, 1, 2, 4; others reserved.</remarks>
public enum LicenseFeature
{
    /// <summary>None.</summary>
    Unlicensed = 0,

    /// <summary>That of the vGPU's own type.</summary>
    Vgpu = 1,

    /// <summary>RTX Virtual Workstation.</summary>
    VirtualWorkstation = 2,

    /// <summary>Virtual Compute Server.</summary>
    VirtualComputeServer = 4,
}
