using System.Globalization;

namespace VgpuPS.Benchmarks;

/// <summary>What was asked for on the command line: <c>--name value</c> pairs, each of a known name.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Reads the pairs.</summary>
    /// <exception cref="FormatException">A name is unknown or lacks its value.</exception>
    public static Options Read(IReadOnlyList<string> arguments, params string[] known)
    {
        var options = new Options();
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var name = arguments[i].StartsWith("--", StringComparison.Ordinal) ? arguments[i][2..] : "";
            if (!known.Contains(name))
            {
                throw new FormatException($"unknown option '{arguments[i]}'; known: --{string.Join(", --", known)}");
            }

            options._values[name] = i + 1 < arguments.Count
                ? arguments[i + 1] : throw new FormatException($"--{name} lacks its value");
        }

        return options;
    }

    public string? Text(string name) => _values.GetValueOrDefault(name);

    public string Text(string name, string standard) => Text(name) ?? standard;

    public int Number(string name, int standard) => Text(name) is not { } text ? standard
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
        : throw new FormatException($"--{name} {text} is no number above 0");

    public double Real(string name, double standard) => Text(name) is not { } text ? standard
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number > 0
            ? number : throw new FormatException($"--{name} {text} is no number above 0");
}
