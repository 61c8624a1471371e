namespace VgpuPS.Lab.Platform;

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
    public string? Plain => Parts.All(p => p.Kind is LabShellKind.Literal or LabShellKind.Quoted) ? string.Concat(Parts.Select(p => p.Text)) : null;
}

internal sealed record LabShellList(IReadOnlyList<LabShellNode> Nodes) : LabShellNode;

internal sealed record LabShellAndOr(LabShellNode Left, LabShellNode Right, bool IsAnd) : LabShellNode;

internal sealed record LabShellIf(LabShellNode Condition, LabShellNode Then, LabShellNode? Else) : LabShellNode;

internal sealed record LabShellFor(string Name, IReadOnlyList<LabShellWord> Words, LabShellNode Body) : LabShellNode;

internal sealed record LabShellCase(LabShellWord Subject, IReadOnlyList<(List<LabShellWord> Patterns, LabShellNode Body)> Arms) : LabShellNode;

internal sealed record LabShellSimple(
    string File, int Line, IReadOnlyList<(string Name, LabShellWord Value)> Assignments, IReadOnlyList<LabShellWord> Words,
    IReadOnlyList<(int Descriptor, string Target)> Redirections) : LabShellNode;

/// <summary>The shell refuses its input.</summary>
internal sealed class LabShellSyntaxException(string file, int line, string message) : Exception(message)
{
    public string File => file;

    public int Line => line;
}

/// <summary>The lab does not know what a shell would do.</summary>
internal sealed class LabShellNotEvaluatedException(string what) : Exception($"not evaluated by the lab: {what}");
