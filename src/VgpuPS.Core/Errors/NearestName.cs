namespace VgpuPS.Core.Errors;

/// <summary>The known name that a mistyped one is most like.</summary>
public static class NearestName
{
    /// <summary>Finds it.</summary>
    /// <param name="name">What was typed.</param>
    /// <param name="known">Names that exist.</param>
    /// <returns>The first of those with the fewest changed letters, case aside; null where each differs in more than
    /// a third of its letters.</returns>
    public static string? Find(string name, IEnumerable<string> known)
    {
        var nearest = known.Select(k => (Name: k, Distance: Measure(Fold(name), Fold(k))))
            .MinBy(k => k.Distance);
        return nearest.Name is { } found && nearest.Distance <= Math.Max(1, Math.Max(name.Length, found.Length) / 3)
            ? found : null;
    }

    /// <summary>Words for a message that says that a name is not known: empty where none is near.</summary>
    /// <param name="name">What was typed.</param>
    /// <param name="known">Names that exist.</param>
    public static string Suggest(string name, IEnumerable<string> known) =>
        Find(name, known) is { } nearest ? $", the nearest is '{nearest}'" : "";

    private static string Fold(string name) =>
        name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    // Levenshtein's distance, one row at a time.
    private static int Measure(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var corner = row[0]++;
            for (var j = 1; j <= other.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, corner + (one[i - 1] == other[j - 1] ? 0 : 1));
                corner = above;
            }
        }

        return row[other.Length];
    }
}
