using System.Globalization;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.Tests.Lab.Machine;

namespace VgpuPS.KernelBed.Nvml;

/// <summary>Faults that a test wants: <c>FUNCTION:lie</c>, <c>FUNCTION:fail=STATUS</c>,
/// <c>FUNCTION:sleep=MS</c>.</summary>
internal static class Saboteurs
{
    /// <summary>Sets them up.</summary>
    /// <param name="gate">What all calls pass.</param>
    /// <param name="text">Separated by commas; null for none.</param>
    internal static void Apply(LabGate gate, string? text)
    {
        var pauses = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var (function, effect) = Cut(part, ':');
            var (name, number) = Cut(effect, '=');
            switch (name)
            {
                case "lie":
                    gate.Lie(function);
                    break;
                case "fail":
                    gate.Fail(function, (NvmlStatus)int.Parse(number, CultureInfo.InvariantCulture));
                    break;
                case "sleep":
                    pauses[function] = int.Parse(number, CultureInfo.InvariantCulture);
                    break;
                default:
                    throw new FormatException($"'{part}' is not a fault.");
            }
        }

        gate.Passing = (function, _) =>
        {
            if (pauses.TryGetValue(function, out var pause))
            {
                Thread.Sleep(pause);
            }
        };
    }

    private static (string Before, string After) Cut(string text, char mark)
    {
        var at = text.IndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }
}
