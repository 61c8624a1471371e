using System.Text;
using VgpuPS.Core.Text;

namespace VgpuPS.Core.Report;

/// <summary>
/// Writes an HTML page. Names of elements and attributes are the program's own; texts and values come from anywhere,
/// and there is no way to write one that is not escaped.
/// </summary>
/// <remarks>Source: HTML Standard 13.3, escaping a string: ampersand, no-break space, quotes, less-than,
/// greater-than.</remarks>
internal sealed class HtmlWriter
{
    private readonly StringBuilder _page = new();
    private readonly Stack<string> _open = new();

    /// <summary>Begins an element; an attribute whose value is null is left out.</summary>
    public HtmlWriter Open(string name, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Begin(name, attributes);
        _page.Append('>');
        _open.Push(name);
        return this;
    }

    /// <summary>Ends the element that was begun last.</summary>
    public HtmlWriter Close()
    {
        var name = _open.Pop();
        _page.Append("</").Append(name).Append('>');
        if (name is not ("a" or "b" or "code" or "small" or "span" or "td" or "th" or "tspan"))
        {
            _page.Append('\n');
        }

        return this;
    }

    /// <summary>Writes an element without content.</summary>
    public HtmlWriter Single(string name, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Begin(name, attributes);
        _page.Append(" />");
        return this;
    }

    /// <summary>Writes an element that holds a text.</summary>
    public HtmlWriter Element(
        string name, string? text, params ReadOnlySpan<(string Name, string? Value)> attributes) =>
        Open(name, attributes).Text(text).Close();

    /// <summary>Writes a text, everything in it visible.</summary>
    public HtmlWriter Text(string? text)
    {
        Escape(text ?? "");
        return this;
    }

    /// <summary>Writes the page's one style sheet, which is the program's own.</summary>
    /// <exception cref="ArgumentException">It would end its element.</exception>
    public HtmlWriter Style(string sheet)
    {
        if (sheet.Contains('<', StringComparison.Ordinal))
        {
            throw new ArgumentException("a style sheet has no elements", nameof(sheet));
        }

        _page.Append("<style>").Append(sheet).Append("</style>\n");
        return this;
    }

    /// <summary>The page.</summary>
    /// <exception cref="InvalidOperationException">An element has not been ended.</exception>
    public string End() => _open.Count == 0 ? $"<!DOCTYPE html>\n{_page}"
        : throw new InvalidOperationException($"{_open.Peek()} has not been ended");

    private void Begin(string name, ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        _page.Append('<').Append(name);
        foreach (var (attribute, value) in attributes)
        {
            if (value is not null)
            {
                _page.Append(' ').Append(attribute).Append("=\"");
                Escape(value);
                _page.Append('"');
            }
        }
    }

    private void Escape(string text)
    {
        foreach (var c in VisibleText.Of(text))
        {
            _ = c switch
            {
                '&' => _page.Append("&amp;"),
                '<' => _page.Append("&lt;"),
                '>' => _page.Append("&gt;"),
                '"' => _page.Append("&quot;"),
                '\'' => _page.Append("&#39;"),
                '\u00a0' => _page.Append("&nbsp;"),
                _ => _page.Append(c),
            };
        }
    }
}
