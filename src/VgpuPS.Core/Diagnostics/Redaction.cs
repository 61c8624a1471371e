using System.Text.RegularExpressions;

namespace VgpuPS.Core.Diagnostics;

/// <summary>Takes secrets out of text of any source by what they look like and by the names that stand before
/// them.</summary>
/// <remarks>
/// Source: facts/proxmox.md (b) for cipassword and sshkeys; RFC 7519 for tokens; RFC 7468 for keys in text; crypt(5)
/// for hashes. It takes out too much rather than too little: a word after "token:" goes, whatever it is.
/// </remarks>
public static partial class Redaction
{
    /// <summary>What stands in the place of a secret.</summary>
    public const string Mark = "[redacted]";

    private static readonly (Regex Pattern, string Text)[] s_rules =
    [
        (Key(), Mark), (Token(), Mark), (Hash(), Mark), (PublicKey(), Mark), (ApiToken(), Mark),
        (Authorization(), "$1 " + Mark), (Login(), "$1" + Mark + "@"), (Option(), "$1" + Mark),
        (Named(), "$1$2" + Mark + "$2"), (Said(), "$1" + Mark), (Blob(), Mark),
    ];

    /// <summary>The text without secrets.</summary>
    public static string Of(string text) =>
        s_rules.Aggregate(text, (clean, rule) => rule.Pattern.Replace(clean, rule.Text));

    private const string Names =
        "(?:passw(?:or)?d|passphrase|passwd|secret|token|api[_-]?key|private[_-]?key|sshkeys?|credentials?|pwd)";

    private const RegexOptions Anywhere = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;

    [GeneratedRegex(
        @"-----BEGIN [A-Z0-9 ]*(?:KEY|CERTIFICATE)[A-Z ]*-----[\s\S]*?(?:-----END [A-Z0-9 ]+-----|\z)",
        RegexOptions.CultureInvariant)]
    private static partial Regex Key();

    [GeneratedRegex(@"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}", RegexOptions.CultureInvariant)]
    private static partial Regex Token();

    [GeneratedRegex(@"\$(?:1|2[abxy]?|5|6|7|y|gy|md5|sha1)\$[^\s:;,""']+", RegexOptions.CultureInvariant)]
    private static partial Regex Hash();

    [GeneratedRegex(
        @"\b(?:ssh-[a-z0-9]+|ecdsa-sha2-[a-z0-9-]+|sk-[a-z0-9@.-]+)(?:\s+|%20|\+)AAAA[A-Za-z0-9+/=%]+",
        RegexOptions.CultureInvariant)]
    private static partial Regex PublicKey();

    [GeneratedRegex(@"\bPVE(?:APIToken|AuthCookie)?[=:][^\s,;""']+", RegexOptions.CultureInvariant)]
    private static partial Regex ApiToken();

    [GeneratedRegex(@"\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{8,}", Anywhere)]
    private static partial Regex Authorization();

    // A password may have a slash or an @ of its own, though it should not.
    [GeneratedRegex(@"(://[^\s/:@""']*:)[^\s""']{1,256}@", RegexOptions.CultureInvariant)]
    private static partial Regex Login();

    [GeneratedRegex(@"((?<![a-z0-9-])--?[a-z0-9-]{0,64}" + Names + @"[a-z0-9-]{0,64}[ =]+)(?!-)[^\s""']+", Anywhere)]
    private static partial Regex Option();

    [GeneratedRegex(
        // The quotation marks of a value stay, so that JSON stays JSON.
        @"(?<1>(?<![a-z0-9])[""']?[a-z0-9_.-]{0,64}" + Names + @"[a-z0-9_.-]{0,64}[""']?[ \t]{0,8}[:=][ \t]{0,8})"
            + @"(?:(?<2>"")(?:[^""\\\r\n]|\\.)*""|(?<2>')[^'\r\n]*'|(?!\[redacted\])[^\s,;&""'}\]]+)", Anywhere)]
    private static partial Regex Named();

    [GeneratedRegex(@"\b(" + Names + @"\s+(?:is|was)\s+)\S+", Anywhere)]
    private static partial Regex Said();

    [GeneratedRegex(
        "(?<![A-Za-z0-9+/=_-])(?=[A-Za-z0-9+_-]*[0-9])(?=[A-Za-z0-9+_-]*[a-z])(?=[A-Za-z0-9+_-]*[A-Z])"
            + "[A-Za-z0-9+_-]{48,}={0,2}",
        RegexOptions.CultureInvariant)]
    private static partial Regex Blob();
}
