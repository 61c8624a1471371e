using CliWrap;
using CliWrap.Buffered;
using VgpuPS.Core.Text;
using Xunit;

namespace VgpuPS.Tests.Text;

public sealed class ShellTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "''")]
    [InlineData("a b", "'a b'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("$(id)", "'$(id)'")]
    [InlineData("a;b", "'a;b'")]
    public void An_argument_is_quoted(string argument, string quoted) =>
        Assert.Equal(quoted, ShellText.Quote(argument));

    [Fact]
    public async Task A_real_shell_reads_every_argument_as_it_was()
    {
        string[] arguments = ["", "a b", "it's", "$HOME `id` $(id) \\ \"", "new\nline", "*", "-n", "ü€", "!x", "~",
            "a=b;c&d|e<f>g"];
        var shell = await Cli.Wrap("/bin/sh").WithArguments(["-c", ShellText.Join(["printf", "%s\\0", .. arguments])])
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        Assert.Equal(string.Concat(arguments.Select(a => a + '\0')), shell.StandardOutput);
    }
}
