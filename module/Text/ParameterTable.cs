using System.Collections;
using System.Globalization;

namespace VgpuPS.Text;

/// <summary>Plugin parameters as users write them: a hashtable of names and numbers.</summary>
internal static class ParameterTable
{
    /// <summary>Names with their values; null for a value that is to be taken away. Empty for $null.</summary>
    /// <exception cref="InvalidRequestException">A value is no whole number.</exception>
    public static IReadOnlyDictionary<string, long?> Read(IDictionary? table)
    {
        var parameters = new Dictionary<string, long?>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in table ?? new Hashtable())
        {
            var name = Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "";
            parameters[name] = entry.Value switch
            {
                null => null,
                PSObject { BaseObject: var value } => Number(name, value),
                var value => Number(name, value),
            };
        }

        return parameters;
    }

    private static long Number(string name, object value) => value switch
    {
        bool isOn => isOn ? 1 : 0,
        SwitchParameter isOn => isOn ? 1 : 0,
        _ when long.TryParse(
            Convert.ToString(value, CultureInfo.InvariantCulture), NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture, out var number) => number,
        _ => throw new InvalidRequestException(
            ErrorIds.InvalidVgpuParameter, $"plugin parameter {name}: '{value}' is not a whole number",
            "specify numbers: -Parameter @{enable_uvm=1}", name),
    };
}
