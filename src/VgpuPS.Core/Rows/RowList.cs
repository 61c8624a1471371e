using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;

namespace VgpuPS.Core.Rows;

/// <summary>Lists of rows, whose text is that of their items: what <c>Export-Csv</c> and <c>Out-GridView</c> show of
/// one.</summary>
/// <remarks>
/// Source: PowerShell, src/Microsoft.PowerShell.Commands.Utility/commands/utility/CsvCommands.cs, ExportCsvHelper: a
/// cell is the value's <c>ToString()</c>.
/// </remarks>
public static class RowList
{
    /// <summary>The same items, with the text "a, b"; null stays null.</summary>
    [return: NotNullIfNotNull(nameof(items))]
    public static IReadOnlyList<T>? Of<T>(IReadOnlyList<T>? items) =>
        items is null or Listed<T> ? items : new Listed<T>([.. items]);

    private sealed class Listed<T>(IList<T> items) : ReadOnlyCollection<T>(items)
    {
        public override string ToString() => string.Join(", ", this);
    }
}
