namespace VgpuPS.Lab.Platform;

/// <summary>The part about words: quotes, variables, commands in them.</summary>
internal sealed partial class LabShellParser
{
    /// <summary>A word, which may be empty where one is requested (a value).</summary>
    private LabShellWord ReadWord()
    {
        var parts = new List<LabShellPart>();
        while (_at < text.Length
            && text[_at] is not (' ' or '\t' or '\n' or ';' or '&' or '|' or '<' or '>' or '(' or ')'))
        {
            switch (text[_at])
            {
                case '\'':
                    parts.Add(new LabShellPart(LabShellKind.Quoted, ReadSingle()));
                    break;
                case '"':
                    ReadDouble(parts);
                    break;
                case '\\' when _at + 1 < text.Length && text[_at + 1] == '\n':
                    _at += 2;
                    _line++;
                    break;
                case '\\':
                    parts.Add(
                        new LabShellPart(LabShellKind.Quoted, _at + 1 < text.Length ? text[_at + 1].ToString() : "\\"));
                    _at = Math.Min(_at + 2, text.Length);
                    break;
                case '$' or '`':
                    parts.Add(ReadExpansion(isQuoted: false));
                    break;
                default:
                    parts.Add(new LabShellPart(LabShellKind.Literal, text[_at++].ToString()));
                    break;
            }
        }

        return new LabShellWord(parts);
    }

    private string ReadSingle()
    {
        var end = text.IndexOf('\'', _at + 1);
        if (end < 0)
        {
            throw Unterminated();
        }

        var value = text[(_at + 1)..end];
        _line += value.Count(c => c == '\n');
        _at = end + 1;
        return value;
    }

    private void ReadDouble(List<LabShellPart> parts)
    {
        _at++;
        var literal = new StringBuilder();
        while (true)
        {
            if (_at >= text.Length)
            {
                throw Unterminated();
            }

            var c = text[_at];
            if (c is '"' or '$' or '`')
            {
                parts.Add(new LabShellPart(LabShellKind.Quoted, literal.ToString()));
                literal.Clear();
                if (c == '"')
                {
                    _at++;
                    return;
                }

                parts.Add(ReadExpansion(isQuoted: true));
                continue;
            }

            if (c == '\\' && _at + 1 < text.Length && text[_at + 1] is '$' or '`' or '"' or '\\' or '\n')
            {
                literal.Append(text[_at + 1] == '\n' ? "" : text[_at + 1]);
                _line += text[_at + 1] == '\n' ? 1 : 0;
                _at += 2;
                continue;
            }

            _line += c == '\n' ? 1 : 0;
            literal.Append(c);
            _at++;
        }
    }

    private LabShellPart ReadExpansion(bool isQuoted)
    {
        if (text[_at] == '`')
        {
            var end = text.IndexOf('`', _at + 1);
            return end < 0 ? throw Unterminated() : Substitution(text[(_at + 1)..end], end + 1, isQuoted);
        }

        if (Starts("$(("))
        {
            throw NotEvaluated("arithmetic");
        }

        if (Starts("$("))
        {
            var inner = new LabShellParser(text[(_at + 2)..], file) { _line = _line };
            var end = _at + 2 + inner.FindClosing();
            return Substitution(text[(_at + 2)..end], end + 1, isQuoted);
        }

        if (Starts("${"))
        {
            var end = text.IndexOf('}', _at);
            var body = end < 0 ? throw Unterminated() : text[(_at + 2)..end];
            _at = end + 1;
            return new LabShellPart(isQuoted ? LabShellKind.QuotedVariable : LabShellKind.Variable, body);
        }

        _at++;
        var name = _at < text.Length
            && (char.IsAsciiDigit(text[_at]) || text[_at] is '-' or '?' or '#' or '@' or '*' or '$')
            ? text[_at++].ToString() : ReadName();
        return name.Length == 0 ? new LabShellPart(LabShellKind.Quoted, "$")
            : new LabShellPart(isQuoted ? LabShellKind.QuotedVariable : LabShellKind.Variable, name);
    }

    private LabShellPart Substitution(string body, int next, bool isQuoted)
    {
        _line += body.Count(c => c == '\n');
        _at = next;
        return new LabShellPart(isQuoted ? LabShellKind.QuotedCommand : LabShellKind.Command, body);
    }

    /// <summary>Where the bracket closes that was opened before this text: quotes and brackets in it are
    /// skipped.</summary>
    private int FindClosing()
    {
        var depth = 0;
        for (; _at < text.Length; _at++)
        {
            switch (text[_at])
            {
                case '\'':
                    ReadSingle();
                    _at--;
                    break;
                case '"':
                    ReadDouble([]);
                    _at--;
                    break;
                case '\\':
                    _at++;
                    break;
                case '(':
                    depth++;
                    break;
                case ')' when depth-- == 0:
                    return _at;
            }
        }

        throw Unterminated();
    }
}

/// <summary>A command.</summary>
internal abstract record LabShellNode;

/// <summary>What a part of a word is.</summary>
internal enum LabShellKind
{
    Literal,
    Quoted,
    Variable,
    QuotedVariable,
    Command,
    QuotedCommand,
}

/// <summary>A part of a word: text, a variable's name with what follows it in braces, or a command.</summary>
internal sealed record LabShellPart(LabShellKind Kind, string Text);

/// <summary>A word before expansion.</summary>
internal sealed record LabShellWord(IReadOnlyList<LabShellPart> Parts)
{
    /// <summary>The word where nothing in it is to be expanded; null otherwise.</summary>
    public string? Plain => Parts.All(p => p.Kind is LabShellKind.Literal or LabShellKind.Quoted)
        ? string.Concat(Parts.Select(p => p.Text)) : null;
}

internal sealed record LabShellList(IReadOnlyList<LabShellNode> Nodes) : LabShellNode;

internal sealed record LabShellAndOr(LabShellNode Left, LabShellNode Right, bool IsAnd) : LabShellNode;

internal sealed record LabShellIf(LabShellNode Condition, LabShellNode Then, LabShellNode? Else) : LabShellNode;

internal sealed record LabShellFor(string Name, IReadOnlyList<LabShellWord> Words, LabShellNode Body) : LabShellNode;

internal sealed record LabShellCase(
    LabShellWord Subject, IReadOnlyList<(List<LabShellWord> Patterns, LabShellNode Body)> Arms) : LabShellNode;

internal sealed record LabShellSimple(
    string File, int Line, IReadOnlyList<(string Name, LabShellWord Value)> Assignments,
    IReadOnlyList<LabShellWord> Words, IReadOnlyList<(int Descriptor, string Target)> Redirections) : LabShellNode;

/// <summary>The shell refuses its input.</summary>
internal sealed class LabShellSyntaxException(string file, int line, string message) : Exception(message)
{
    public string File => file;

    public int Line => line;
}

/// <summary>The lab does not know what a shell would do.</summary>
internal sealed class LabShellNotEvaluatedException(string what) : Exception($"not evaluated by the lab: {what}");
