namespace VgpuPS.Lab.Platform;

/// <summary>Reads a shell's source as far as files of boot loaders go; everything else is said to be not
/// evaluated.</summary>
/// <remarks>Source: POSIX.1-2017, Shell Command Language 2.2 (quoting), 2.3 (tokens), 2.9 (commands), 2.10 (grammar);
/// dash 0.5.12 for messages.</remarks>
internal sealed partial class LabShellParser(string text, string file)
{
    private static readonly string[] s_reserved = ["then", "else", "elif", "fi", "do", "done", "esac", "}", ")"];

    private const int DeepestCommand = 100;

    private int _at;
    private int _line = 1;
    private int _depth;

    public bool IsAtEnd
    {
        get
        {
            SkipBlank(overLines: true);
            return _at >= text.Length;
        }
    }

    /// <summary>The next complete command list of one line; the shell executes it before it reads on.</summary>
    public LabShellNode ReadNext()
    {
        SkipBlank(overLines: true);
        var node = ReadAndOr();
        SkipBlank(overLines: false);
        if (_at < text.Length && text[_at] == ';' && !Starts(";;"))
        {
            _at++;
        }
        else if (_at < text.Length && text[_at] is not '\n')
        {
            throw Unexpected();
        }

        return node;
    }

    private LabShellNode ReadAndOr()
    {
        var left = ReadCommand();
        while (true)
        {
            SkipBlank(overLines: false);
            if (!Starts("&&") && !Starts("||"))
            {
                return Starts("|") || (Starts("&") && !Starts("&&"))
                    ? throw NotEvaluated("pipes and background commands") : left;
            }

            var isAnd = text[_at] == '&';
            _at += 2;
            SkipBlank(overLines: true);
            left = new LabShellAndOr(left, ReadCommand(), isAnd);
        }
    }

    private LabShellNode ReadCommand()
    {
        if (++_depth > DeepestCommand)
        {
            throw NotEvaluated("commands in commands so deep");
        }

        var read = ReadNested();
        _depth--;
        return read;
    }

    private LabShellNode ReadNested()
    {
        SkipBlank(overLines: false);
        var line = _line;
        if (TakeWord("if"))
        {
            return ReadIf(line);
        }

        if (TakeWord("for"))
        {
            return ReadFor();
        }

        if (TakeWord("case"))
        {
            return ReadCase();
        }

        if (Starts("(") || TakeWord("{") || TakeWord("while") || TakeWord("until") || TakeWord("!"))
        {
            throw NotEvaluated("groups, loops but for, and negation");
        }

        return ReadSimple(line);
    }

    private LabShellIf ReadIf(int line)
    {
        var condition = ReadList("then");
        Expect("then");
        var then = ReadList("else", "elif", "fi");
        LabShellNode? otherwise = null;
        if (TakeWord("elif"))
        {
            return ++_depth > DeepestCommand
                ? throw NotEvaluated("so many conditions") : new LabShellIf(condition, then, ReadIf(line));
        }

        if (TakeWord("else"))
        {
            otherwise = ReadList("fi");
        }

        Expect("fi");
        return new LabShellIf(condition, then, otherwise);
    }

    private LabShellFor ReadFor()
    {
        SkipBlank(overLines: false);
        var name = ReadName();
        SkipBlank(overLines: true);
        if (name.Length == 0 || !TakeWord("in"))
        {
            throw NotEvaluated("for without a name and in");
        }

        var words = new List<LabShellWord>();
        for (SkipBlank(overLines: false); _at < text.Length
            && text[_at] is not ('\n' or ';'); SkipBlank(overLines: false))
        {
            words.Add(text[_at] is '&' or '|' or '<' or '>' or '(' or ')' ? throw Unexpected() : ReadWord());
        }

        SkipSeparators();
        Expect("do");
        var body = ReadList("done");
        Expect("done");
        return new LabShellFor(name, words, body);
    }

    private LabShellCase ReadCase()
    {
        SkipBlank(overLines: false);
        var subject = ReadWord();
        SkipBlank(overLines: true);
        Expect("in");
        var arms = new List<(List<LabShellWord> Patterns, LabShellNode Body)>();
        for (SkipBlank(overLines: true); !TakeWord("esac"); SkipBlank(overLines: true))
        {
            _at += Starts("(") ? 1 : 0;
            var patterns = new List<LabShellWord>();
            do
            {
                SkipBlank(overLines: false);
                patterns.Add(ReadWord());
                SkipBlank(overLines: false);
            }
            while (Take('|'));

            if (!Take(')'))
            {
                throw Unexpected();
            }

            arms.Add((patterns, ReadList(";;", "esac")));
            SkipBlank(overLines: true);
            _at += Starts(";;") ? 2 : 0;
        }

        return new LabShellCase(subject, arms);
    }

    private LabShellList ReadList(params string[] ends)
    {
        var nodes = new List<LabShellNode>();
        while (true)
        {
            SkipSeparators(keepDouble: true);
            if (_at >= text.Length)
            {
                throw new LabShellSyntaxException(file, _line, "Syntax error: end of file unexpected");
            }

            if (ends.Any(e => e == ";;" ? Starts(e) : IsWord(e)))
            {
                return new LabShellList(nodes);
            }

            nodes.Add(ReadAndOr());
        }
    }

    private LabShellSimple ReadSimple(int line)
    {
        var assignments = new List<(string Name, LabShellWord Value)>();
        var words = new List<LabShellWord>();
        var redirections = new List<(int Descriptor, string Target)>();
        while (_at < text.Length)
        {
            SkipBlank(overLines: false);
            if (_at >= text.Length || text[_at] is '\n' or ';' or '&' or '|' or ')')
            {
                break;
            }

            if (ReadRedirection() is { } redirection)
            {
                redirections.Add(redirection);
            }
            else if (words.Count == 0 && ReadAssignment() is { } assignment)
            {
                assignments.Add(assignment);
            }
            else if (text[_at] == '(')
            {
                throw words.Count == 1 && text.AsSpan(_at).StartsWith("()", StringComparison.Ordinal)
                    ? NotEvaluated("functions") : Unexpected();
            }
            else
            {
                words.Add(ReadWord());
            }
        }

        return words.Count == 1 && words[0].Plain is { } plain && s_reserved.Contains(plain)
            ? throw new LabShellSyntaxException(file, line, $"Syntax error: \"{plain}\" unexpected")
            : assignments.Count + words.Count + redirections.Count == 0 ? throw Unexpected()
            : new LabShellSimple(file, line, assignments, words, redirections);
    }

    private (int Descriptor, string Target)? ReadRedirection()
    {
        var at = _at;
        var descriptor = 1;
        if (char.IsAsciiDigit(text[at]) && at + 1 < text.Length && text[at + 1] is '>' or '<')
        {
            descriptor = text[at++] - '0';
        }

        if (text[at] is not ('>' or '<'))
        {
            return null;
        }

        if (text[at] == '<')
        {
            throw NotEvaluated("input from files and here-documents");
        }

        _at = at + 1;
        if (Take('&'))
        {
            return (descriptor, "&" + ReadWord().Plain);
        }

        SkipBlank(overLines: false);
        return ReadWord().Plain == "/dev/null" ? (descriptor, "/dev/null") : throw NotEvaluated("output into files");
    }

    private (string Name, LabShellWord Value)? ReadAssignment()
    {
        var (at, line) = (_at, _line);
        var name = ReadName();
        if (name.Length == 0 || !Take('='))
        {
            (_at, _line) = (at, line);
            return null;
        }

        return _at < text.Length && text[_at] == '(' ? throw Unexpected() : (name, ReadWord());
    }

    private string ReadName()
    {
        var start = _at;
        while (_at < text.Length
            && (char.IsAsciiLetter(text[_at]) || text[_at] == '_' || (_at > start && char.IsAsciiDigit(text[_at]))))
        {
            _at++;
        }

        return text[start.._at];
    }

    private bool Starts(string word) => text.AsSpan(_at).StartsWith(word, StringComparison.Ordinal);

    private bool IsWord(string word) => Starts(word)
        && (_at + word.Length >= text.Length
            || text[_at + word.Length] is ' ' or '\t' or '\n' or ';' or '&' or '|' or '(' or ')');

    private bool TakeWord(string word)
    {
        if (!IsWord(word))
        {
            return false;
        }

        _at += word.Length;
        return true;
    }

    private bool Take(char c)
    {
        if (_at >= text.Length || text[_at] != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    private void Expect(string word)
    {
        SkipBlank(overLines: true);
        if (!TakeWord(word))
        {
            throw Unexpected();
        }
    }

    private void SkipSeparators(bool keepDouble = false)
    {
        for (SkipBlank(overLines: true); _at < text.Length && text[_at] == ';'
            && !(keepDouble && Starts(";;")); SkipBlank(overLines: true))
        {
            _at++;
        }
    }

    private void SkipBlank(bool overLines)
    {
        while (_at < text.Length)
        {
            var c = text[_at];
            if (c == '#')
            {
                while (_at < text.Length && text[_at] != '\n')
                {
                    _at++;
                }
            }
            else if (c is ' ' or '\t' || (overLines && c == '\n'))
            {
                _line += c == '\n' ? 1 : 0;
                _at++;
            }
            else if (c == '\\' && _at + 1 < text.Length && text[_at + 1] == '\n')
            {
                _line++;
                _at += 2;
            }
            else
            {
                return;
            }
        }
    }

    private LabShellSyntaxException Unterminated() =>
        new(file, _line + text[Math.Min(_at, text.Length)..].Count(c => c == '\n'),
            "Syntax error: Unterminated quoted string");

    private LabShellSyntaxException Unexpected() => new(
        file, _line,
        $"Syntax error: {(_at >= text.Length ? "end of file" : text[_at] == '\n' ? "newline" : $"\"{text[_at]}\"")} "
            + "unexpected");

    private LabShellNotEvaluatedException NotEvaluated(string what) => new($"{what}: {file}, line {_line}");
}
