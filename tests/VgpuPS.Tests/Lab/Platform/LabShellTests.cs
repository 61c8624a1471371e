using VgpuPS.Lab.Platform;
using Xunit;

namespace VgpuPS.Tests.Lab.Platform;

/// <summary>The lab's shell: what it carries out as dash does, and what it says that it does not.</summary>
/// <remarks>Expected values: dash 0.5.12, run.</remarks>
public sealed class LabShellTests
{
    [Theory]
    [InlineData("A=1", "1")]
    [InlineData("A='x y'", "x y")]
    [InlineData("A=\"x  y\"", "x  y")]
    [InlineData("A=x\\ y", "x y")]
    [InlineData("A=\"a\\$b\\`c\\\"d\\\\e\\f\"", "a$b`c\"d\\e\\f")]
    [InlineData("A='a\\$b'", "a\\$b")]
    [InlineData("A=\"one \\\n two\"", "one  two")]
    [InlineData("A=o\\\nne", "one")]
    [InlineData("A='one\ntwo'", "one\ntwo")]
    [InlineData("B=x; A=\"$B${B}y$Bz\"", "xxy")]
    [InlineData("A=1 # B=2", "1")]
    [InlineData("A=a#b", "a#b")]
    [InlineData("export A=2", "2")]
    [InlineData("A=2; export A", "2")]
    [InlineData("A=1; A=\"$A 2\"; A=\"${A} 3\"", "1 2 3")]
    [InlineData("A=${NONE:-x}${NONE-y}${NONE:+z}", "xy")]
    [InlineData("B=bcd; A=${#B}", "3")]
    [InlineData("if [ -n \"\" ]; then A=1; elif [ x = x ]; then A=2; else A=3; fi", "2")]
    [InlineData("for w in a 'b c'; do A=\"$A<$w>\"; done", "<a><b c>")]
    [InlineData("B='a  b'; for w in $B; do A=\"$A<$w>\"; done", "<a><b>")]
    [InlineData("B='a  b'; for w in \"$B\"; do A=\"$A<$w>\"; done", "<a  b>")]
    [InlineData("case ab in ('a') A=1;; a*|c) A=2;; *) A=3;; esac", "2")]
    [InlineData("case 'a*' in 'a*') A=1;; esac", "1")]
    [InlineData("false || A=1", "1")]
    [InlineData("true && A=1", "1")]
    [InlineData("A=$(printf '%s-' a b)", "a-b-")]
    [InlineData("A=`echo x`", "x")]
    [InlineData("B='* [x]'; A=$(set -f; for w in $B; do printf '%s,' \"$w\"; done)", "*,[x],")]
    [InlineData("eval 'A=\"x y\"'", "x y")]
    [InlineData(". /f", "from f")]
    [InlineData("A=1; unset A", "")]
    public void Value_is_what_a_shell_gives(string script, string value)
    {
        var shell = Make();
        var result = shell.Run($"{script}\nprintf '%s' end", stopsAtFailure: true, isTraced: false, "sh");
        Assert.Equal((0, "end", value), (result.ExitCode, result.Output, shell.Find("A") ?? ""));
    }

    [Theory]
    [InlineData("A=1\nfalse\nA=2", 1, "")]
    [InlineData("exit 0", 0, "")]
    [InlineData("exit 3", 3, "")]
    [InlineData("A+=1", 127, "A+=1: not found")]
    [InlineData("\n\r\n", 127, "not found")]
    [InlineData("A=(a b)", 2, "Syntax error: \"(\" unexpected")]
    [InlineData("A=\"x", 2, "Syntax error: Unterminated quoted string")]
    [InlineData("if true; then A=1", 2, "Syntax error: end of file unexpected")]
    [InlineData("readonly A=1\nA=2", 2, "A: is read only")]
    [InlineData(". /none", 2, "cannot open /none")]
    [InlineData("f() { A=1; }", 2, "not evaluated")]
    [InlineData("A=1; cat <<E\nE", 2, "not evaluated")]
    [InlineData("A=x | cat", 2, "not evaluated")]
    [InlineData("A=$((1+1))", 2, "not evaluated")]
    [InlineData("lsb_release -i", 2, "not evaluated")]
    [InlineData("A=${B%x}", 2, "not evaluated")]
    [InlineData(". /self", 2, "not evaluated")]
    [InlineData("B='eval \"$B\"'; eval \"$B\"", 2, "not evaluated")]
    [InlineData("echo x >/etc/file", 2, "not evaluated")]
    [InlineData("A=$(lsb_release -i)\nprintf '%s' \"$A\"", 2, "not evaluated")]
    public void What_ends_a_shell_ends_this_one_and_the_rest_is_not_evaluated(string script, int code, string words)
    {
        var result = Make().Run($"{script}\nprintf '%s' end", stopsAtFailure: true, isTraced: false, "sh");
        Assert.Equal((code, ""), (result.ExitCode, result.Output));
        Assert.Contains(words, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Value_of_a_command_that_is_not_carried_out_hurts_only_who_asks_for_it()
    {
        var shell = Make();
        Assert.Equal(
            0, shell.Run("GRUB_DISTRIBUTOR=`lsb_release -i -s || echo Debian`\nA=quiet", true, false, "sh").ExitCode);
        Assert.Equal("quiet", shell.Find("A"));
        Assert.Throws<LabShellNotEvaluatedException>(() => shell.Find("GRUB_DISTRIBUTOR"));
    }

    private static LabShell Make() => new(path => path switch
    {
        "/f" => "A='from f'\nreturn 0\nA=no\n",
        "/self" => ". /self\n",
        _ => null,
    });

    [Fact]
    public void Input_of_any_kind_ends_with_an_answer()
    {
        var random = new Random(16);
        string[] pieces = ["if ", "then ", "fi\n", "$(", ")", "`", "'", "\"", "\\", "\n", ";", ";;", "for w in ", "do ",
            "done ", "case x in ", "esac ", "A=", "${A", "}", "a", " ", "&&", "||", ">", "2>&1", "#", "(", "{ "];
        for (var i = 0; i < 5_000; i++)
        {
            var script = string.Concat(
                Enumerable.Range(0, random.Next(1, 30)).Select(_ => pieces[random.Next(pieces.Length)]));
            Assert.NotNull(Make().Run(script, stopsAtFailure: true, isTraced: false, "sh").ExitCode);
        }

        Assert.NotNull(Make().Run(string.Concat(Enumerable.Repeat("if ", 100_000)), true, false, "sh").ExitCode);
        Assert.NotNull(Make().Run($"A={string.Concat(Enumerable.Repeat("$(", 10_000))}", true, false, "sh").ExitCode);
    }
}
