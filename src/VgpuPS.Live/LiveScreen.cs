using Spectre.Console;
using VgpuPS.Core.Rows;

namespace VgpuPS.Live;

/// <summary>A terminal that is drawn again and again in place, on its alternate screen where it has one.</summary>
/// <param name="hasColor">Whether colours are wanted.</param>
public sealed class LiveScreen(bool hasColor)
{
    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(50);

    /// <summary>Draws until a key or the token ends it; what was there before is there again then.</summary>
    /// <param name="draw">Draws for so many columns and lines; the last says whether there is more than ASCII.</param>
    /// <param name="version">Grows whenever there is something new to draw.</param>
    /// <param name="onKey">Takes a key; false ends the view.</param>
    /// <param name="cancellationToken">Ends the view.</param>
    /// <remarks>All calls of the library come from the thread that calls this: its live displays are not safe for
    /// several.</remarks>
    public void Run(
        Func<int, int, bool, IReadOnlyList<DiagramLine>> draw, Func<long> version, Func<ConsoleKeyInfo, bool> onKey,
        CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Out),
            ColorSystem = hasColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        void Loop() => console.Live(new Text("")).AutoClear(true).Overflow(VerticalOverflow.Crop)
            .Cropping(VerticalOverflowCropping.Bottom)
            .Start(display => Draw(console, display, draw, version, onKey, cancellationToken));
        if (console.Profile.Capabilities is { AlternateBuffer: true, Ansi: true })
        {
            console.AlternateScreen(Loop);
        }
        else
        {
            Loop();
        }
    }

    private static void Draw(
        IAnsiConsole console, LiveDisplayContext display,
        Func<int, int, bool, IReadOnlyList<DiagramLine>> draw, Func<long> version, Func<ConsoleKeyInfo, bool> onKey,
        CancellationToken cancellationToken)
    {
        (int Width, int Height, long Version) drawn = default;
        while (!cancellationToken.IsCancellationRequested)
        {
            while (HasKey())
            {
                if (!onKey(Console.ReadKey(intercept: true)))
                {
                    return;
                }
            }

            // Read each time: a terminal may be resized.
            var now = (console.Profile.Width, console.Profile.Height, version());
            if (now != drawn)
            {
                if ((now.Width, now.Height) != (drawn.Width, drawn.Height) && drawn.Version != 0)
                {
                    console.Clear();
                }

                drawn = now;
                display.UpdateTarget(Paint(draw(now.Width, now.Height, console.Profile.Capabilities.Unicode)));
            }

            cancellationToken.WaitHandle.WaitOne(s_glance);
        }
    }

    private static Paragraph Paint(IReadOnlyList<DiagramLine> lines)
    {
        var painted = new Paragraph();
        for (var at = 0; at < lines.Count; at++)
        {
            foreach (var span in lines[at].Spans)
            {
                painted.Append(span.Text, StyleOf(span.Style));
            }

            painted.Append(at < lines.Count - 1 ? "\n" : "");
        }

        return painted;
    }

    private static Style StyleOf(DiagramStyle style) => style switch
    {
        DiagramStyle.Heading => new Style(decoration: Decoration.Bold),
        DiagramStyle.Free => new Style(decoration: Decoration.Dim),
        DiagramStyle.InUse => new Style(Color.Green),
        DiagramStyle.Idle => new Style(Color.Yellow),
        DiagramStyle.Warning => new Style(Color.Red),
        _ => Style.Plain,
    };

    private static bool HasKey()
    {
        try
        {
            return Console.KeyAvailable;
        }
        catch (InvalidOperationException)
        {
            // Input is redirected: Ctrl+C and a count end it.
            return false;
        }
    }
}
