using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace VgpuPS.Tests.Architecture;

/// <summary>Texts for users have one style and the field's words (conventions, sections 6 and 13).</summary>
[Trait("Duration", "Long")]
public sealed partial class MessageTests
{
    private static readonly string[] s_folders = ["src", "hookscripts", "module"];

    // Texts of the kernel, of Proxmox and of the event log, which must stay as they are.
    private static readonly string[] s_fixed =
    [
        "leftover PCI reservation found for ", "left over", " left over", "; taken back", "; put back",
    ];

    // Methods and records that take a message, an action or a step's text.
    private static readonly string[] s_carriers =
    [
        "Fail", "Warn", "Skip", "Wrong", "Invalid", "NotAToken", "Unreadable", "Refuse", "HostStep", "PreparationStep",
        "RepairStep", "GrubFault", "CheckOutcome", "BenchFailure",
    ];

    /// <summary>Every message and action of the product; a hole is <c>{}</c>.</summary>
    internal static IEnumerable<string> AllMessages() => Sources().SelectMany(file => Messages(Parse(file)));

    [Fact]
    public void Messages_and_actions_start_in_lower_case_and_end_without_full_stop_or_backticks()
    {
        var messages = Sources().SelectMany(file => Messages(Parse(file)).Select(text => (file, text))).ToList();
        Assert.True(messages.Count > 600, $"only {messages.Count} messages were found");
        Assert.Empty(messages.Where(m => FindFault(m.text) is not null).Select(m => $"{m.file}: {m.text}"));
    }

    [Fact]
    public void Texts_use_the_words_of_the_field()
    {
        var texts = Sources().SelectMany(file => Parse(file).DescendantTokens()
            .Where(t => t.IsKind(SyntaxKind.StringLiteralToken) || t.IsKind(SyntaxKind.InterpolatedStringTextToken))
            .Select(t => (file, text: t.ValueText))).ToList();
        Assert.True(texts.Count > 4000, $"only {texts.Count} texts were found");
        Assert.Empty(texts.Where(t => Dialect().IsMatch(t.text) && !s_fixed.Contains(t.text))
            .Where(t => !t.text.StartsWith("leftover PCI", StringComparison.Ordinal))
            .Select(t => $"{t.file}: {t.text}"));
    }

    [Theory]
    [InlineData("new X(ErrorIds.A, \"The GPU is busy\")")]
    [InlineData("new X(ErrorIds.A, $\"GPU {gpu} is busy.\")")]
    [InlineData("new X(ErrorIds.A, \"it is busy\", \"run `qm list` first\")")]
    [InlineData("new X(ErrorIds.A, isOn ? \"it is on\" : \"It is off\")")]
    [InlineData("new X(ErrorIds.A, \"it is \" + \"busy.\")")]
    [InlineData("Fail(\"it is off\", \"nothing enables it\", \"Enable it: Enable-Sriov\")")]
    public void A_text_of_another_style_is_found(string expression) =>
        Assert.Contains(Messages(SyntaxFactory.ParseExpression(expression)), text => FindFault(text) is not null);

    [Theory]
    [InlineData("new X(ErrorIds.A, \"Proxmox refuses it\", $\"Enable-Sriov -Gpu {gpu}\", \"gpu 0\")")]
    [InlineData("new X(ErrorIds.A, $\"GPU {gpu} is busy\", \"name it: -Server dls.lab …\")")]
    public void A_text_of_the_style_is_not(string expression) =>
        Assert.All(Messages(SyntaxFactory.ParseExpression(expression)), text => Assert.Null(FindFault(text)));

    private static string? FindFault(string text) =>
        Capital().IsMatch(text) ? "capital" : text.EndsWith('.') ? "full stop"
            : text.Contains('`', StringComparison.Ordinal) ? "backticks" : null;

    private static IEnumerable<string> Messages(SyntaxNode root) => root.DescendantNodesAndSelf()
        .Select(node => node switch
        {
            BaseObjectCreationExpressionSyntax { ArgumentList: { } list } created
                when IsCarrier(list, Name(created)) => list,
            InvocationExpressionSyntax { ArgumentList: var list } call
                when IsCarrier(list, Name(call.Expression)) => list,
            _ => null,
        })
        .OfType<ArgumentListSyntax>().SelectMany(list => list.Arguments).SelectMany(a => Texts(a.Expression))
        .Where(text => text.Contains(' ', StringComparison.Ordinal));

    private static bool IsCarrier(ArgumentListSyntax list, string name) =>
        s_carriers.Contains(name) || list.Arguments.Any(a => a.Expression is MemberAccessExpressionSyntax
        {
            Expression: IdentifierNameSyntax { Identifier.ValueText: "ErrorIds" },
        });

    private static string Name(ExpressionSyntax expression) => expression switch
    {
        ObjectCreationExpressionSyntax { Type: SimpleNameSyntax type } => type.Identifier.ValueText,
        SimpleNameSyntax name => name.Identifier.ValueText,
        MemberAccessExpressionSyntax member => member.Name.Identifier.ValueText,
        _ => "",
    };

    // A hole stands for any text, so that it is neither a capital nor a full stop.
    private static IEnumerable<string> Texts(ExpressionSyntax expression) => expression switch
    {
        LiteralExpressionSyntax { Token: var text } when text.IsKind(SyntaxKind.StringLiteralToken) => [text.ValueText],
        InterpolatedStringExpressionSyntax text => [string.Concat(text.Contents.Select(
            c => c is InterpolatedStringTextSyntax part ? part.TextToken.ValueText : "{}"))],
        BinaryExpressionSyntax sum when sum.IsKind(SyntaxKind.AddExpression) =>
            from left in Texts(sum.Left).DefaultIfEmpty("{}")
            from right in Texts(sum.Right).DefaultIfEmpty("{}")
            select left + right,
        BinaryExpressionSyntax either when either.IsKind(SyntaxKind.CoalesceExpression) => Texts(either.Right),
        ConditionalExpressionSyntax choice => Texts(choice.WhenTrue).Concat(Texts(choice.WhenFalse)),
        SwitchExpressionSyntax choice => choice.Arms.SelectMany(arm => Texts(arm.Expression)),
        ParenthesizedExpressionSyntax inner => Texts(inner.Expression),
        InvocationExpressionSyntax call when Name(call.Expression) == "Create" =>
            call.ArgumentList.Arguments.SelectMany(a => Texts(a.Expression)),
        _ => [],
    };

    private static SyntaxNode Parse(string file) => CSharpSyntaxTree.ParseText(
        File.ReadAllText(Path.Combine(Checkout.Root, file))).GetRoot(TestContext.Current.CancellationToken);

    // The lab answers in the words of the programs that it stands for.
    private static IEnumerable<string> Sources() => s_folders
        .Select(folder => Path.Combine(Checkout.Root, folder))
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        .Select(path => Path.GetRelativePath(Checkout.Root, path).Replace('\\', '/'))
        .Where(path => !path.StartsWith("src/VgpuPS.Lab/", StringComparison.Ordinal))
        .Where(path => !path.Split('/').Intersect(["bin", "obj"]).Any());

    // Proxmox and Secure Boot are names.
    [GeneratedRegex("^(?!Proxmox |Secure Boot )[A-Z][a-z]+[ :,]")]
    private static partial Regex Capital();

    [GeneratedRegex(
        @"\b(no room|room for|room is|wish(es)?|promised|left[- "
            + @"]over|leftovers?|stray|settles?|mends?|spoils?|somebody|nobody|people"
        + @"|(a|the) person|(give|gives|given|gave|take|takes|taken|took|put|puts) back|hook-made|sign of "
        + @"life|vanish(ed|es)?|anew"
        + @"|counts after|functions (on|off)(?! ))(?!\w)",
        RegexOptions.IgnoreCase)]
    private static partial Regex Dialect();
}
