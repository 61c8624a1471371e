using System.Collections;
using System.Globalization;
using VgpuPS.Core.Text;

namespace VgpuPS.Text;

/// <summary>Plugin parameters as users write them: a hashtable of names and numbers.</summary>
internal static class ParameterTable
{
    private const int MostShown = 40;

    /// <summary>Names with their values; null for a value that is to be taken away. Empty for $null.</summary>
    /// <exception cref="InvalidRequestException">A value is no whole number.</exception>
    public static IReadOnlyDictionary<string, long?> Read(IDictionary? table)
    {
        var parameters = new Dictionary<string, long?>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in table ?? new Hashtable())
        {
            var name = Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "";
            if (parameters.ContainsKey(name))
            {
                throw new InvalidRequestException(
                    ErrorIds.InvalidVgpuParameter, $"plugin parameter {Short(name)} is specified twice",
                    "specify each once, in lower case: -Parameter @{enable_uvm=1}", name);
            }

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
            Text(value), NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture, out var number) => number,
        _ => throw new InvalidRequestException(
            ErrorIds.InvalidVgpuParameter,
            $"plugin parameter {Short(name)}: '{Short(Text(value))}' is not a whole number",
            "specify numbers: -Parameter @{enable_uvm=1}", name),
    };

    private static string Text(object value) => value is IEnumerable list and not string
        ? string.Join(',', list.Cast<object?>()) : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static string Short(string text) =>
        VisibleText.Of(text.Length > MostShown ? string.Concat(text.AsSpan(0, MostShown), "…") : text);
}
