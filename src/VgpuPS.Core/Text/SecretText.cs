using System.Text;

namespace VgpuPS.Core.Text;

/// <summary>Takes a secret out of text from another source that may know it and repeat a part of it.</summary>
internal static class SecretText
{
    /// <summary>What stands in its place.</summary>
    public const string Mark = "[token]";

    /// <summary>Characters of the secret in a row that are taken for it.</summary>
    public const int PieceLength = 12;

    /// <summary>Shortest part between two dots that is taken for it as a whole.</summary>
    private const int MinPartLength = 4;

    /// <summary>The text without the secret, its parts, and any piece of it of <see cref="PieceLength"/> characters or
    /// more.</summary>
    /// <param name="text">The text.</param>
    /// <param name="secret">The secret; empty for none.</param>
    public static string Scrub(string text, string secret)
    {
        if (secret.Length == 0 || text.Length < MinPartLength)
        {
            return text;
        }

        var hidden = new bool[text.Length];
        MarkPieces(text, secret, hidden);
        foreach (var part in secret.Split('.').Where(p => p.Length is >= MinPartLength and < PieceLength))
        {
            for (var at = text.IndexOf(part, StringComparison.Ordinal); at >= 0;
                at = text.IndexOf(part, at + 1, StringComparison.Ordinal))
            {
                hidden.AsSpan(at, part.Length).Fill(true);
            }
        }

        return hidden.AsSpan().IndexOf(true) < 0 ? text : Replace(text, hidden);
    }

    private static void MarkPieces(string text, string secret, bool[] hidden)
    {
        if (text.Length < PieceLength || secret.Length < PieceLength)
        {
            return;
        }

        var pieces = new HashSet<string>(StringComparer.Ordinal);
        var known = pieces.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var at = 0; at + PieceLength <= secret.Length; at++)
        {
            known.Add(secret.AsSpan(at, PieceLength));
        }

        for (var at = 0; at + PieceLength <= text.Length; at++)
        {
            if (known.Contains(text.AsSpan(at, PieceLength)))
            {
                hidden.AsSpan(at, PieceLength).Fill(true);
            }
        }
    }

    private static string Replace(string text, bool[] hidden)
    {
        var clean = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (!hidden[at])
            {
                clean.Append(text[at]);
            }
            else if (at == 0 || !hidden[at - 1])
            {
                clean.Append(Mark);
            }
        }

        return clean.ToString();
    }
}
