using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using VgpuPS.Lab.Proxmox;
using VgpuPS.Tests.Architecture;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>What a start would do, against what it does: one row a refusal of pre-start, both columns from a run of
/// each on a host of its own.</summary>
[Trait("Duration", "Long")]
public sealed class PlanAgainstStartTests
{
    private static readonly ConcurrentDictionary<string, (LabHookResult Plan, LabHookResult Start)> s_rows = new();

    // Refusals that no simulated host can be brought to, each with its reason.
    private static readonly string[] s_unreachable =
    [
        // Only where the kernel does not say how many functions a GPU can have.
        "function {} of {} does not exist",
    ];

    public static TheoryData<string> Cases { get; } = [.. RefusalTests.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_plan_says_what_the_start_says(string name)
    {
        var row = RefusalTests.All.Single(c => c.Name == name);
        var (plan, start) = Run(row);
        Assert.NotEqual(0, start.ExitCode);
        if (row.Unforeseen is not null)
        {
            Assert.True(plan.ExitCode == 0, $"foreseen, although {row.Unforeseen}: {plan.Error}");
            return;
        }

        Assert.Equal(
            (start.ExitCode, Said(start, "vgpu-hook: VM 101 pre-start: ")),
            (plan.ExitCode, Said(plan, "vgpu-hook: plan 101: ")));
    }

    /// <summary>A refusal that is added needs a row: its words must be those that some start ended with.</summary>
    [Fact]
    public void Every_refusal_of_a_start_has_a_row()
    {
        var said = RefusalTests.All.Select(r => Said(Run(r).Start, "vgpu-hook: VM 101 pre-start: ").Split('\n')[0])
            .ToList();
        var refusals = Sources().SelectMany(f => Refusals(CSharpSyntaxTree.ParseText(
            File.ReadAllText(f), cancellationToken: TestContext.Current.CancellationToken)
            .GetRoot(TestContext.Current.CancellationToken))).Distinct().ToList();
        Assert.True(refusals.Count > 35, $"only {refusals.Count} refusals were found");
        Assert.DoesNotContain(refusals.Except(s_unreachable), r => !said.Exists(s => Pattern(r).IsMatch(s)));
        Assert.Empty(s_unreachable.Except(refusals));
    }

    private static (LabHookResult Plan, LabHookResult Start) Run(RefusalCase row) => s_rows.GetOrAdd(
        row.Name, _ => (row.Make().Hook("plan", "101"), row.Make().Hook("101", "pre-start")));

    private static string Said(LabHookResult result, string context)
    {
        var lines = result.Error.TrimEnd('\n').Split('\n')[^2..];
        Assert.StartsWith(context, lines[0], StringComparison.Ordinal);
        return $"{lines[0][context.Length..]}\n{lines[1]}";
    }

    private static Regex Pattern(string refusal) => new(
        "^" + string.Join(".*", refusal.Split("{}").Select(Regex.Escape)) + "$", RegexOptions.CultureInvariant);

    // These work on what other VMs left, or on functions that were recreated: nothing of it ends a start before it
    // began.
    private static readonly string[] s_later = ["MappedFunctions.cs", "InstanceReclaimer.cs"];

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(Path.Combine(Checkout.Root, "src/VgpuPS.Core/Capacity"), "*.cs")
            .Concat(Directory.EnumerateFiles(
                Path.Combine(Checkout.Root, "src/VgpuPS.Host/Operations/VmStart"), "*.cs"))
            .Where(f => !s_later.Contains(Path.GetFileName(f)));

    /// <summary>The message of each refusal that a file makes; a hole stands for any text.</summary>
    private static IEnumerable<string> Refusals(SyntaxNode root) =>
        root.DescendantNodes().SelectMany(Messages).Where(t => Words(t).Length > 12);

    private static IEnumerable<string> Messages(SyntaxNode node) => node switch
    {
        // A limit of a VM is a clause behind what the VM requests.
        ObjectCreationExpressionSyntax
        {
            Type: IdentifierNameSyntax { Identifier.ValueText: "VmLimitBreach" },
            ArgumentList.Arguments: [_, _, _, _, var rule]
        } => Alternatives(rule.Expression).Select(t => "{}, and " + t),
        InvocationExpressionSyntax
        {
            Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ToException" },
            ArgumentList.Arguments: [var what, _, _]
        } => Alternatives(what.Expression).Select(t => t + ", and {}"),
        BaseObjectCreationExpressionSyntax { ArgumentList.Arguments: [var id, var message, ..] }
            when id.ToString().StartsWith("ErrorIds.", StringComparison.Ordinal) => Alternatives(message.Expression),
        InvocationExpressionSyntax
        {
            Expression: IdentifierNameSyntax { Identifier.ValueText: "Refuse" },
            ArgumentList.Arguments: [_, var message, _]
        } => Alternatives(message.Expression),
        _ => [],
    };

    private static string Words(string text) => text.Replace("{}", "", StringComparison.Ordinal);

    private static IEnumerable<string> Alternatives(ExpressionSyntax expression) => expression switch
    {
        ConditionalExpressionSyntax choice => Alternatives(choice.WhenTrue).Concat(Alternatives(choice.WhenFalse)),
        ParenthesizedExpressionSyntax inner => Alternatives(inner.Expression),
        _ => [Text(expression)],
    };

    private static string Text(ExpressionSyntax expression) => expression switch
    {
        LiteralExpressionSyntax { Token: var text } when text.IsKind(SyntaxKind.StringLiteralToken) => text.ValueText,
        InterpolatedStringExpressionSyntax text => string.Concat(text.Contents.Select(
            c => c is InterpolatedStringTextSyntax part ? part.TextToken.ValueText : "{}")),
        BinaryExpressionSyntax sum when sum.IsKind(SyntaxKind.AddExpression) => Text(sum.Left) + Text(sum.Right),
        InvocationExpressionSyntax
        {
            Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Create" }
        } call => Text(call.ArgumentList.Arguments[^1].Expression),
        _ => "{}",
    };
}
