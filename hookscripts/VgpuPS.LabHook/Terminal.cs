using VgpuPS.Core.Rows;
using VgpuPS.Core.Text;

namespace VgpuPS.LabHook;

/// <summary>Standard output for display: colours only where it is a terminal that wants them.</summary>
/// <param name="output">Where it goes.</param>
/// <param name="hasColours">Whether escape codes are written.</param>
internal sealed class Terminal(TextWriter output, bool hasColours)
{
    private const string Reset = "\e[0m";

    /// <summary>The process's own output.</summary>
    /// <remarks>Source: no-color.org: a NO_COLOR that is not empty disables colours.</remarks>
    public static Terminal Standard() => new(
        Console.Out,
        !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is { } term && term != "dumb");

    /// <summary>Where text without colours goes.</summary>
    public TextWriter Output => output;

    /// <summary>Writes a line.</summary>
    /// <param name="text">The line.</param>
    /// <param name="style">Its colour.</param>
    public void WriteLine(string text, DiagramStyle style = DiagramStyle.Plain) =>
        WriteLine(DiagramLine.Of(text, style));

    /// <summary>Writes a line of a diagram.</summary>
    /// <param name="line">The line.</param>
    /// <param name="indent">Blanks before it.</param>
    public void WriteLine(DiagramLine line, int indent = 0)
    {
        output.Write(new string(' ', line.ToString().Length == 0 ? 0 : indent));
        if (!hasColours)
        {
            output.WriteLine(VisibleText.Of(line.ToString()));
            return;
        }

        foreach (var span in line.Spans)
        {
            output.Write(Code(span.Style) is { } code
                ? $"{code}{VisibleText.Of(span.Text)}{Reset}" : VisibleText.Of(span.Text));
        }

        output.WriteLine();
    }

    private static string? Code(DiagramStyle style) => style switch
    {
        DiagramStyle.Heading => "\e[1m",
        DiagramStyle.Free => "\e[2m",
        DiagramStyle.InUse => "\e[32m",
        DiagramStyle.Idle => "\e[33m",
        DiagramStyle.Warning => "\e[31m",
        _ => null,
    };
}
