using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Inventory;

namespace VgpuPS.LabHook.Tour;

/// <summary>Prints the story and keeps count of what did not come out as it should.</summary>
internal sealed class TourNarrator(Terminal terminal)
{
    private const int Indent = 4;

    private int _chapter;

    /// <summary>Expectations that held.</summary>
    public int Held { get; private set; }

    /// <summary>Expectations that did not.</summary>
    public IReadOnlyList<string> Broken => _broken;

    private readonly List<string> _broken = [];

    /// <summary>Begins a chapter.</summary>
    public void Chapter(string title)
    {
        terminal.WriteLine("");
        terminal.WriteLine($"{++_chapter}. {title}", DiagramStyle.Heading);
    }

    /// <summary>A sentence for the reader.</summary>
    public void Say(string text) => terminal.WriteLine($"  {text}");

    /// <summary>What an administrator types.</summary>
    public void Command(string text) => terminal.WriteLine($"  # {text}", DiagramStyle.Heading);

    /// <summary>What it printed.</summary>
    public void Output(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            terminal.WriteLine(new string(' ', Indent) + line);
        }
    }

    /// <summary>Draws the GPUs.</summary>
    public void Draw(HostReport report)
    {
        foreach (var gpu in report.Gpus)
        {
            terminal.WriteLine("");
            foreach (var line in GpuDiagram.Draw(gpu))
            {
                terminal.WriteLine(line, Indent);
            }
        }

        terminal.WriteLine("");
    }

    /// <summary>Says whether something is so.</summary>
    public void Expect(bool isSo, string what)
    {
        if (isSo)
        {
            Held++;
            terminal.WriteLine($"  as it should be: {what}", DiagramStyle.InUse);
            return;
        }

        _broken.Add(what);
        terminal.WriteLine($"  NOT AS IT SHOULD BE: {what}", DiagramStyle.Idle);
    }
}
