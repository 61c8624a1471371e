using System.Collections;

namespace VgpuPS.Text;

/// <summary>Lets plugin parameters be a cell of a table: <c>enable_uvm=1,enable_profiling=1</c>; a blank one leaves
/// them as they are.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ParameterTextAttribute : ArgumentTransformationAttribute
{
    /// <summary>What a blank cell becomes.</summary>
    internal static IDictionary Absent { get; } = new Hashtable();

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if ((inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is not string text)
        {
            return inputData;
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            return Absent;
        }

        var table = new Hashtable();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            table[at < 1 ? throw new ArgumentTransformationMetadataException(
                $"'{part}' is no plugin parameter; write name=number, such as enable_uvm=1") : part[..at].TrimEnd()] =
                part[(at + 1)..].TrimStart();
        }

        return table;
    }
}
