using System.Text.RegularExpressions;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>What commands that read have in common: what they write, and how it looks.</summary>
public abstract class ReadingCommandTests : CommandTests
{
    /// <summary>Reads something.</summary>
    protected virtual string Line => Command;

    [Fact]
    public void Objects_name_their_host_and_nothing_is_touched()
    {
        Run(Prepare);
        var before = State();
        var hosts = Values($"({Line}).VgpuHost");
        Assert.NotEmpty(hosts);
        Assert.All(hosts, h => Assert.Equal("lab", h));
        Assert.Equal(before, State());
    }

    /// <summary>PowerShell leaves out columns that do not fit, without a word.</summary>
    [Fact]
    public void The_view_has_all_its_columns_at_120_and_at_80()
    {
        Run(Prepare);
        var (all, wide, narrow) = (Show(Line, 500), Show(Line, 120), Show(Line, 80));
        Assert.Equal(Header(all), Header(wide));
        Assert.Equal(Header(all), Header(narrow));
        Assert.All(narrow.Split('\n'), l => Assert.True(l.TrimEnd().Length <= 80, l));
        Assert.DoesNotContain('\e', all);
    }

    [Fact]
    public void Objects_are_of_the_type_that_the_help_tells()
    {
        Run(Prepare);
        Assert.Contains(
            One<object>($"@({Line})[0]").GetType().FullName, Values($"(Get-Command {Command}).OutputType.Name"));
    }

    [Fact]
    public void Nothing_is_left_running_when_nobody_wants_more()
    {
        Run(Prepare);
        Assert.Single(Values($"{Line} | Select-Object -First 1"));
        Assert.NotEmpty(Values(Line));
    }

    [Fact]
    public async Task Another_runspace_reads_the_same()
    {
        Run(Prepare);
        Assert.Equal(Values(Line).Length, (await RunElsewhereAsync(Line)).Output.Count);
    }

    /// <summary>Words above a table's line of dashes; none where it is no table.</summary>
    private static IReadOnlyList<string> Header(string text)
    {
        var lines = text.Split('\n');
        var dashes = Array.FindIndex(lines, l => Regex.IsMatch(l, "^ *-[- ]+$"));
        return dashes < 1 ? [] : lines[dashes - 1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}

/// <summary>Those of them whose objects go back into the pipeline.</summary>
public abstract class PipedCommandTests : ReadingCommandTests
{
    /// <summary>Takes what it wrote, at the end of a pipe.</summary>
    protected virtual string Back => Command;

    [Fact]
    public void Objects_go_back_to_their_own_host()
    {
        Run(Prepare);
        Run($"$read = @({Line})");
        Run($"Connect-VgpuHost -Lab {Models} -Name other");
        var hosts = Values($"($read | {Back}).VgpuHost");
        Assert.NotEmpty(hosts);
        Assert.All(hosts, h => Assert.Equal("lab", h));
    }
}
