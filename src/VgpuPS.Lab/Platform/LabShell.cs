using System.IO.Enumeration;

namespace VgpuPS.Lab.Platform;

/// <summary>A shell as far as files of boot loaders go: assignments, quotes, export, conditions, for, case, and what
/// asks about them.</summary>
/// <remarks>Source: POSIX.1-2017, Shell Command Language; dash 0.5.12 for exit codes and messages, run. Everything else
/// ends with "not evaluated".</remarks>
internal sealed partial class LabShell
{
    private const int NotFound = 127;
    private const int SyntaxError = 2;
    private const int Deepest = 40;

    private readonly Func<string, string?> _read;
    private readonly Dictionary<string, string?> _variables = new(StringComparer.Ordinal);
    private readonly HashSet<string> _readOnly = new(StringComparer.Ordinal);
    private readonly Dictionary<int, StringBuilder?> _descriptors = [];
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private string[] _arguments = [];
    private string _name = "sh";
    private bool _stopsAtFailure;
    private bool _splitsWithoutGlob;
    private bool _isTraced;
    private int _conditions;
    private int _depth;

    /// <param name="read">Text of a file of the machine; null for none.</param>
    public LabShell(Func<string, string?> read)
    {
        _read = read;
        (_descriptors[1], _descriptors[2]) = (_output, _error);
    }

    /// <summary>Programs of the machine that a script may call, by name: arguments, output; its exit code.</summary>
    public Dictionary<string, Func<IReadOnlyList<string>, StringBuilder, int>> Programs { get; } = new(
        StringComparer.Ordinal);

    /// <summary>A variable's value; null where it is not set.</summary>
    /// <exception cref="LabShellNotEvaluatedException">It came from something that the lab does not
    /// execute.</exception>
    public string? Find(string name) => !_variables.TryGetValue(name, out var value) ? null
        : value ?? throw new LabShellNotEvaluatedException($"the value of {name}, which comes from a command");

    /// <summary>Runs a script as <c>sh -c</c> does.</summary>
    public ProcessResult Run(string script, bool stopsAtFailure, bool isTraced, params string[] arguments)
    {
        (_stopsAtFailure, _isTraced) = (stopsAtFailure, isTraced);
        (_name, _arguments) = arguments is [var name, .. var rest] ? (name, rest) : ("sh", []);
        int code;
        try
        {
            code = RunText(script, "");
        }
        catch (ExitException exit)
        {
            code = exit.Code;
        }
        catch (ReturnException returned)
        {
            code = returned.Code;
        }
        catch (LabShellSyntaxException e)
        {
            _error.Append(CultureInfo.InvariantCulture,
                $"{_name}: {e.Line}: {(e.File.Length > 0 ? e.File + ": " : "")}{e.Message}\n");
            code = SyntaxError;
        }
        catch (LabShellNotEvaluatedException e)
        {
            _error.Append(e.Message).Append('\n');
            code = SyntaxError;
        }

        return new ProcessResult(code, null, false, 0, Clean(_output), Clean(_error));
    }

    // Source: the seam: control characters of an output do not reach the caller.
    private static string Clean(StringBuilder text) =>
        string.Concat(text.ToString().Where(c => !char.IsControl(c) || c is '\n' or '\t'));

    private int RunText(string text, string file)
    {
        // A file that sources itself, or what evaluates itself.
        if (++_depth > Deepest)
        {
            throw new LabShellNotEvaluatedException($"sources and evaluations deeper than {Deepest}: {file}");
        }

        var parser = new LabShellParser(text, file);
        var code = 0;
        while (!parser.IsAtEnd)
        {
            code = Run(parser.ReadNext());
        }

        _depth--;
        return code;
    }

    private int Run(LabShellNode node) => node switch
    {
        LabShellSimple simple => StopAt(RunSimple(simple)),
        LabShellList list => list.Nodes.Aggregate(0, (_, n) => Run(n)),
        LabShellAndOr { IsAnd: true } and => Test(and.Left) is var left and not 0 ? left : Run(and.Right),
        LabShellAndOr or => Test(or.Left) == 0 ? 0 : Run(or.Right),
        LabShellIf branch => Test(branch.Condition) == 0
            ? Run(branch.Then) : branch.Else is null ? 0 : Run(branch.Else),
        LabShellFor loop => RunFor(loop),
        LabShellCase choice => RunCase(choice),
        _ => throw new LabShellNotEvaluatedException(node.ToString()),
    };

    // A failing command ends the shell, but for one whose result is requested.
    private int StopAt(int code) => code != 0 && _stopsAtFailure && _conditions == 0
        ? throw new ExitException(code) : code;

    private int Test(LabShellNode node)
    {
        _conditions++;
        try
        {
            return Run(node);
        }
        finally
        {
            _conditions--;
        }
    }

    private int RunFor(LabShellFor loop)
    {
        var code = 0;
        foreach (var word in loop.Words.SelectMany(ExpandFields).ToList())
        {
            Assign(loop.Name, word);
            code = Run(loop.Body);
        }

        return code;
    }

    private int RunCase(LabShellCase choice)
    {
        var subject = Expand(choice.Subject)
            ?? throw new LabShellNotEvaluatedException("case of a value that comes from a command");
        var arm = choice.Arms.FirstOrDefault(a => a.Patterns.Any(p => Matches(p, subject)));
        return arm.Body is null ? 0 : Run(arm.Body);
    }

    private bool Matches(LabShellWord pattern, string subject)
    {
        // What is quoted stands for itself; of patterns only * and ? are known.
        var expression = string.Concat(pattern.Parts.Select(p => p.Kind == LabShellKind.Literal ? p.Text
            : string.Concat(
                (Expand(new LabShellWord([p])) ?? "").Select(c => c is '*' or '?' or '\\' ? $"\\{c}" : $"{c}"))));
        return expression.Contains('[', StringComparison.Ordinal)
            && pattern.Parts.Any(p => p.Kind == LabShellKind.Literal && p.Text == "[")
            ? throw new LabShellNotEvaluatedException("patterns with brackets")
            : FileSystemName.MatchesSimpleExpression(expression, subject, ignoreCase: false);
    }

    private int RunSimple(LabShellSimple command)
    {
        var words = command.Words.SelectMany(ExpandFields).ToList();
        if (_isTraced)
        {
            _error.Append("+ ").AppendJoin(
                ' ', command.Assignments.Select(a => $"{a.Name}={Expand(a.Value)}").Concat(words)).Append('\n');
        }

        if (words.Count == 0 && command.Redirections.Count == 0)
        {
            return command.Assignments.Aggregate(0, (_, a) => AssignWord(command, a.Name, a.Value));
        }

        if (command.Assignments.Count > 0)
        {
            throw new LabShellNotEvaluatedException($"variables for one command: {command.File}, line {command.Line}");
        }

        var before = new Dictionary<int, StringBuilder?>(_descriptors);
        foreach (var (descriptor, target) in command.Redirections)
        {
            _descriptors[descriptor] = target == "/dev/null" ? null
                : int.TryParse(target.AsSpan(1), CultureInfo.InvariantCulture, out var other)
                    ? _descriptors.GetValueOrDefault(other)
                : throw new LabShellNotEvaluatedException($"redirection to {target}");
        }

        if (words is ["exec"])
        {
            return 0;
        }

        try
        {
            return Call(command, words);
        }
        finally
        {
            _descriptors.Clear();
            foreach (var (descriptor, target) in before)
            {
                _descriptors[descriptor] = target;
            }
        }
    }

    private int Call(LabShellSimple command, List<string> words) => words.ToArray() switch
    {
        [":" or "true", ..] => 0,
        ["false", ..] => 1,
        ["export" or "readonly", .. var names] => Declare(command, words[0], names),
        ["unset", .. var names] => names.Aggregate(0, (_, n) => _variables.Remove(n) ? 0 : 0),
        ["set", .. var options] => SetOptions(options),
        ["." or "source", var path] => Source(command, path),
        ["eval", .. var parts] => RunText(string.Join(' ', parts), command.File),
        ["exit", ..] => throw new ExitException(NumberAt(words, 1)),
        ["return", ..] => throw new ReturnException(NumberAt(words, 1)),
        ["printf", var format, .. var values] => Print(Format(format, values)),
        ["echo", .. var values] => Print(string.Join(' ', values) + "\n"),
        ["test", .. var condition] => IsTrue(condition) ? 0 : 1,
        ["[", .. var condition, "]"] => IsTrue(condition) ? 0 : 1,
        [var program, .. var rest] when Programs.TryGetValue(program, out var run) =>
            run(rest, _descriptors.GetValueOrDefault(1) ?? new StringBuilder()),
        [var name, ..] when name.Any(c => c is '=' or '+' or '\r') => Missing(command, name),
        [var name, ..] => throw new LabShellNotEvaluatedException($"{name}: {command.File}, line {command.Line}"),
        [] => 0,
    };

    private int Missing(LabShellSimple command, string name)
    {
        (_descriptors.GetValueOrDefault(2) ?? new StringBuilder()).Append(
            CultureInfo.InvariantCulture,
            $"{_name}: {command.Line}: {(command.File.Length > 0 ? command.File + ": " : "")}{name}: not found\n");
        return NotFound;
    }

    private static int NumberAt(List<string> words, int index) =>
        words.Count > index && int.TryParse(words[index], CultureInfo.InvariantCulture, out var number) ? number : 0;

    private int Source(LabShellSimple command, string path)
    {
        if (_read(path) is not { } text)
        {
            _error.Append(
                CultureInfo.InvariantCulture, $"{_name}: {command.Line}: "
                    + $"{(command.File.Length > 0 ? command.File + ": " : "")}.: cannot open {path}: No such file\n");
            throw new ExitException(SyntaxError);
        }

        try
        {
            return RunText(text, path);
        }
        catch (ReturnException returned)
        {
            _depth--;
            return returned.Code;
        }
    }

    private int Declare(LabShellSimple command, string how, string[] names)
    {
        foreach (var name in names)
        {
            var parts = name.Split('=', 2);
            if (parts.Length == 2)
            {
                CheckWritable(command, parts[0]);
                Assign(parts[0], parts[1]);
            }

            if (how == "readonly")
            {
                _readOnly.Add(parts[0]);
            }
        }

        return 0;
    }

    private int AssignWord(LabShellSimple command, string name, LabShellWord value)
    {
        CheckWritable(command, name);
        _variables[name] = Expand(value);
        return 0;
    }

    private void CheckWritable(LabShellSimple command, string name)
    {
        if (_readOnly.Contains(name))
        {
            _error.Append(
                CultureInfo.InvariantCulture, $"{_name}: {command.Line}: "
                    + $"{(command.File.Length > 0 ? command.File + ": " : "")}{name}: is read only\n");
            throw new ExitException(SyntaxError);
        }
    }

    private void Assign(string name, string value) => _variables[name] = value;

    private int SetOptions(string[] options)
    {
        foreach (var option in options)
        {
            switch (option)
            {
                case "-e" or "+e":
                    _stopsAtFailure = option[0] == '-';
                    break;
                case "-f" or "+f":
                    _splitsWithoutGlob = option[0] == '-';
                    break;
                default:
                    throw new LabShellNotEvaluatedException($"set {option}");
            }
        }

        return 0;
    }

    private int Print(string text)
    {
        if (_descriptors.TryGetValue(1, out var target) && target is not null)
        {
            target.Append(text);
        }

        return 0;
    }

    private static string Format(string format, string[] values)
    {
        // The format is used again until the values are used up.
        if (format.Count(c => c == '%') > 1
            || (format.Contains('%', StringComparison.Ordinal) && !format.Contains("%s", StringComparison.Ordinal)))
        {
            throw new LabShellNotEvaluatedException($"printf {format}");
        }

        var plain = format.Replace("\\n", "\n", StringComparison.Ordinal);
        return !plain.Contains("%s", StringComparison.Ordinal) ? plain
            : string.Concat(
                (values.Length == 0 ? [""] : values).Select(v => plain.Replace("%s", v, StringComparison.Ordinal)));
    }

    private bool IsTrue(string[] condition) => condition switch
    {
        ["!", .. var rest] => !IsTrue(rest),
        ["-f" or "-e" or "-r" or "-s", var path] => _read(path) is not null,
        ["-n", var text] => text.Length > 0,
        ["-z", var text] => text.Length == 0,
        [var left, "=", var right] => left == right,
        [var left, "!=", var right] => left != right,
        [var text] => text.Length > 0,
        [] => false,
        _ => throw new LabShellNotEvaluatedException($"test {string.Join(' ', condition)}"),
    };

    private sealed class ExitException(int code) : Exception
    {
        public int Code => code;
    }

    private sealed class ReturnException(int code) : Exception
    {
        public int Code => code;
    }
}
