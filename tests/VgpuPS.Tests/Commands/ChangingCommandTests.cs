using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>What commands that change have in common: plan, questions, answers, what they write.</summary>
public abstract class ChangingCommandTests : CommandTests
{
    /// <summary>Changes something.</summary>
    protected abstract string Line { get; }

    /// <summary>Matches its plan.</summary>
    protected abstract string Plan { get; }

    /// <summary>Whether it asks by itself.</summary>
    protected virtual bool IsHigh => false;

    /// <summary>Whether asking for it again is no error and no change.</summary>
    protected virtual bool IsIdempotent => false;

    /// <summary>Whether it writes what it made without -PassThru.</summary>
    protected virtual bool IsCreating => Command.StartsWith("New-", StringComparison.Ordinal);

    /// <summary>As text, all that <see cref="Line"/> can change; that of the hosts without it.</summary>
    protected virtual string Changed() => State();

    private string Asking => IsHigh ? Line : Line + " -Confirm";

    [Fact]
    public void WhatIf_prints_the_plan_and_changes_nothing()
    {
        Run(Prepare);
        var before = Changed();
        var printed = string.Join('\n', Run(Line + " -WhatIf").Printed);
        Assert.Contains($"What if: {Command} on ", printed, StringComparison.Ordinal);
        Assert.Matches(Plan, printed);
        Assert.Equal(before, Changed());
    }

    [Fact]
    public void It_is_done_after_a_yes_only()
    {
        Run(Prepare);
        var before = Changed();
        Answer("n");
        Assert.Contains("Continue?", Assert.Single(Run(Asking).Questions), StringComparison.Ordinal);
        Assert.Equal(before, Changed());
        Answer("y");
        Assert.Matches(Plan, Assert.Single(Run(Asking).Questions));
        Assert.NotEqual(before, Changed());
    }

    [Fact]
    public void Where_it_must_ask_and_nobody_is_there_it_says_what_to_do()
    {
        Run(Prepare);
        var before = Changed();
        var failure = Refusal(Asking);
        Assert.StartsWith("ConfirmationRequired,", failure.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.NotEnabled, failure.CategoryInfo.Category);
        Assert.Contains("-Confirm:$false", failure.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(before, Changed());
    }

    [Fact]
    public void Without_a_question_it_reports_each_step_and_writes_only_what_it_made()
    {
        Run(Prepare);
        var before = Changed();
        var result = Run(Line + " -Confirm:$false");
        Assert.Equal(IsCreating ? 1 : 0, result.Output.Count);
        Assert.Matches(Plan, string.Join('\n', result.Steps));
        var after = Changed();
        Assert.NotEqual(before, after);
        if (IsIdempotent)
        {
            Assert.Empty(Run(Line + " -Confirm:$false").Output);
            Assert.Equal(after, Changed());
        }
    }

    [Fact]
    public async Task Another_runspace_does_it()
    {
        Run(Prepare);
        var before = Changed();
        await RunElsewhereAsync(Line + " -Confirm:$false");
        Assert.NotEqual(before, Changed());
    }
}

/// <summary>Those of them that can write what they changed.</summary>
public abstract class PassThruCommandTests : ChangingCommandTests
{
    [Fact]
    public void PassThru_writes_what_was_changed_and_leaves_nothing_running()
    {
        Run(Prepare);
        var created = Assert.Single(Run(Line + " -Confirm:$false -PassThru | Select-Object -First 1").Output);
        Assert.Equal("lab", created.Properties["VgpuHost"].Value);
        Assert.Contains(created.BaseObject.GetType().FullName, Values($"(Get-Command {Command}).OutputType.Name"));
        var after = Changed();
        Thread.Sleep(100);
        Assert.Equal(after, Changed());
    }
}
