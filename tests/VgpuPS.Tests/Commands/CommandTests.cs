using System.Management.Automation;
using System.Reflection;
using VgpuPS.Sessions;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace VgpuPS.Tests.Commands;

/// <summary>Base of the tests of each command; the class is named for it: <c>GetGpuCommandTests</c>.</summary>
/// <remarks>
/// Static properties say what fails and what is completed: <c>Wrong</c> (line, error id, category) and <c>Typed</c>
/// (line, one of the completions).
/// </remarks>
public abstract class CommandTests : EngineTests
{
    /// <summary>The command, such as Get-Gpu: the class is named for it.</summary>
    protected string Command => NameOf(GetType());

    /// <summary>Prepares the host for what all commands have in common.</summary>
    protected virtual string Prepare => "";

    /// <summary>Name of the command that a class tests.</summary>
    internal static string NameOf(Type tests)
    {
        var type = typeof(VgpuCmdlet).Assembly.GetType(
            "VgpuPS.Commands." + tests.Name.Replace("Tests", "", StringComparison.Ordinal));
        var cmdlet = type?.GetCustomAttribute<CmdletAttribute>();
        Assert.True(cmdlet is not null, $"{tests.Name} is named for no command");
        return $"{cmdlet.VerbName}-{cmdlet.NounName}";
    }

    [Theory]
    [Rows("Wrong")]
    public void What_cannot_be_is_refused_with_what_to_do_and_changes_nothing(
        string line, string id, ErrorCategory category)
    {
        Run(Prepare);
        var before = State();
        var failure = Refusal(line);
        Assert.Equal($"{id},VgpuPS.Commands.{Command.Replace("-", "", StringComparison.Ordinal)}Command",
            failure.FullyQualifiedErrorId);
        Assert.Equal(category, failure.CategoryInfo.Category);
        Assert.NotEmpty(failure.ErrorDetails.RecommendedAction);
        Assert.Matches("^[^a-z]", failure.ErrorDetails.Message);
        Assert.Equal(before, State());
    }

    [Fact]
    public void A_refusal_ends_a_script_that_wants_to_stop()
    {
        Run(Prepare);
        var before = State();
        var line = ((IEnumerable<ITheoryDataRow>)RowsAttribute.Read(GetType(), "Wrong")).First().GetData()[0];
        Assert.DoesNotContain(
            "went on", Values($"& {{ $ErrorActionPreference = 'Stop'; {line}; 'went on' }}", canFail: true));
        Assert.Equal(before, State());
    }

    [Theory]
    [Rows("Typed")]
    public void What_is_typed_is_completed(string typed, string word)
    {
        Run(Prepare);
        Assert.Contains(word, Complete(typed));
    }
}

/// <summary>Rows of a theory, from a static property of the class that is run.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RowsAttribute(string property) : DataAttribute
{
    public static object Read(Type tests, string property) =>
        tests.GetProperty(property, BindingFlags.Public | BindingFlags.Static)?.GetValue(null)
        ?? throw new InvalidOperationException($"{tests.Name} has no rows '{property}'");

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(
        MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. (IEnumerable<ITheoryDataRow>)Read(testMethod.ReflectedType!, property)]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
