namespace VgpuPS.Lab.Platform;

/// <summary>The part about words: what variables and commands in them come to.</summary>
internal sealed partial class LabShell
{
    /// <summary>A word without splitting; null where the value comes from something that is not executed.</summary>
    private string? Expand(LabShellWord word)
    {
        var text = new StringBuilder();
        foreach (var part in word.Parts)
        {
            var value = part.Kind switch
            {
                LabShellKind.Literal or LabShellKind.Quoted => part.Text,
                LabShellKind.Variable or LabShellKind.QuotedVariable => Value(part.Text),
                _ => Substitute(part.Text),
            };
            if (value is null)
            {
                return null;
            }

            text.Append(value);
        }

        return text.ToString();
    }

    private IEnumerable<string> ExpandFields(LabShellWord word)
    {
        var fields = new List<StringBuilder>();
        var isOpen = false;
        foreach (var part in word.Parts)
        {
            var value = Expand(new LabShellWord([part]))
                ?? throw new LabShellNotEvaluatedException("a word that comes from a command");
            if (part.Kind is not (LabShellKind.Variable or LabShellKind.Command))
            {
                Add(value);
                continue;
            }

            var pieces = value.Split([' ', '\t', '\n']);
            for (var i = 0; i < pieces.Length; i++)
            {
                isOpen = isOpen && i == 0;
                if (pieces[i].Length > 0)
                {
                    if (!_splitsWithoutGlob && pieces[i].AsSpan().IndexOfAny('*', '?', '[') >= 0)
                    {
                        throw new LabShellNotEvaluatedException($"names of files for {pieces[i]}");
                    }

                    Add(pieces[i]);
                }
            }
        }

        return fields.Select(f => f.ToString());

        void Add(string value)
        {
            if (!isOpen)
            {
                fields.Add(new StringBuilder());
            }

            fields[^1].Append(value);
            isOpen = true;
        }
    }

    private string? Value(string body)
    {
        if (body.Length > 1 && body[0] == '#' && IsName(body[1..]))
        {
            return Get(body[1..]) is { } counted
                ? Encoding.UTF8.GetByteCount(counted).ToString(CultureInfo.InvariantCulture)
                : _variables.ContainsKey(body[1..]) ? null : "0";
        }

        if (body.Length == 0)
        {
            throw new LabShellNotEvaluatedException("${}");
        }

        if (IsName(body) || body.All(char.IsAsciiDigit))
        {
            return Get(body) ?? (_variables.ContainsKey(body) ? null : "");
        }

        var end = body.AsSpan().IndexOfAny(":-+");
        var (name, rest) = end > 0 ? (body[..end], body[end..]) : ("", body);
        var (colon, kind) = rest is [':', var k, ..] ? (true, k) : (false, rest.Length > 0 ? rest[0] : '\0');
        var other = rest[(colon ? 2 : 1)..];
        if (!IsName(name) || kind is not ('-' or '+') || other.AsSpan().IndexOfAny("$`\"'\\") >= 0)
        {
            throw new LabShellNotEvaluatedException($"${{{body}}}");
        }

        var isSet = _variables.TryGetValue(name, out var value) && (!colon || value is not "");
        return kind == '-' ? (isSet ? value : other) : isSet ? other : "";
    }

    private string? Get(string name) => name.All(char.IsAsciiDigit)
        ? !int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var n) || n > _arguments.Length
            ? "" : n == 0 ? _name : _arguments[n - 1]
        : _variables.GetValueOrDefault(name);

    private static bool IsName(string text) => text.Length > 0 && !char.IsAsciiDigit(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>
    /// Output of a command in a shell of its own; null where it is not executed, so that it must not be used.
    /// </summary>
    private string? Substitute(string body)
    {
        var inner = new LabShell(_read)
        {
            _name = _name,
            _arguments = _arguments,
            _splitsWithoutGlob = _splitsWithoutGlob,
            _depth = _depth
        };
        foreach (var (name, value) in _variables)
        {
            inner._variables[name] = value;
        }

        try
        {
            inner.RunText(body, "");
        }
        catch (LabShellNotEvaluatedException)
        {
            return null;
        }
        catch (Exception e) when (e is ExitException or ReturnException)
        {
            // A shell of its own.
        }

        return inner._output.ToString().TrimEnd('\n');
    }
}
