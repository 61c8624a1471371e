using System.Text.Json;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Json;
using VgpuPS.Core.Text;
using VgpuPS.Host.Sessions;
using Xunit;

namespace VgpuPS.Tests.Text;

public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("plain ASCII ~", "plain ASCII ~")]
    [InlineData("Straße 東京 😀", "Straße 東京 😀")]
    [InlineData("\e]0;PWN\a\e[2J", @"\e]0;PWN\u0007\e[2J")]
    [InlineData("a\u009bm", @"a\u009Bm")]
    [InlineData("a\nb\rc\td", @"a\nb\rc\td")]
    [InlineData("a\u0000\u007f", @"a\u0000\u007F")]
    [InlineData("user\u202Etxt.exe\u2066\u2069", @"user\u202Etxt.exe\u2066\u2069")]
    [InlineData("\u200Bzero\uFEFF\u00AD", @"\u200Bzero\uFEFF\u00AD")]
    [InlineData("a\u2028b\u2029", @"a\u2028b\u2029")]
    [InlineData("\U000E0041", @"\U000E0041")]
    public void What_does_not_show_or_moves_the_cursor_is_an_escape(string text, string visible)
    {
        Assert.Equal(visible, VisibleText.Of(text));
        Assert.Equal(visible, VisibleText.Of(visible));
    }

    [Fact]
    public void Half_a_character_is_an_escape() =>
        Assert.Equal(@"half \uD800!\uDC00", VisibleText.Of("half \ud800!\udc00"));

    [Fact]
    public void Lines_stay_where_text_has_several() =>
        Assert.Equal("a\r\nb\n\tc" + @"\r\e", VisibleText.Of("a\r\nb\n\tc\r\e", keepLines: true));

    [Fact]
    public void Every_failure_is_visible_whatever_it_is_made_of()
    {
        var failure = new HostCommandException("X", "a\e[2J\nb", "do\u202E", "c\a", 1, "o\e", "t\n");
        Assert.Equal((@"a\e[2J" + "\nb", @"do\u202E", @"c\u0007", @"o\e", @"t\n"),
            (failure.Message, failure.RecommendedAction, failure.Command, failure.Output, failure.Target));
    }

    [Fact]
    public void A_frame_of_an_agent_is_visible_after_its_escapes_are_resolved()
    {
        var frame = AgentProtocol.TryRead("""
            {"kind":"Failure","id":1,"text":"w\u001b\n","hello":{"protocol":1,"version":"1\u001b[2J","node":"n\u0007","user":"u\u202e","isRoot":true,"useCases":["x\u001b"]},"progress":{"step":1,"count":1,"text":"s\ninjected"},"failure":{"kind":"Capacity","errorId":"E\u001b","message":"m\u001b\nl","recommendedAction":"r\u009b","target":"t\u0000","output":"o\u001b\nl"}}
            """.Trim().Select(c => (byte)c).ToArray())!;
        Assert.Equal(@"w\e\n", frame.Text);
        Assert.Equal((@"1\e[2J", @"n\u0007", @"u\u202E", @"x\e"),
            (frame.Hello!.Version, frame.Hello.Node, frame.Hello.User, frame.Hello.UseCases[0]));
        Assert.Equal(@"s\ninjected", frame.Progress!.Text);
        Assert.Equal((@"E\e", @"m\e" + "\nl", @"r\u009B", @"t\u0000", @"o\e" + "\nl"),
            (frame.Failure!.ErrorId, frame.Failure.Message, frame.Failure.RecommendedAction, frame.Failure.Target,
                frame.Failure.Output));
    }

    [Theory]
    [InlineData("plain", "'plain'")]
    [InlineData("a'b", "'a''b'")]
    [InlineData("a\u2018b\u2019c\u201Ad\u201Be", "'a\u2018\u2018b\u2019\u2019c\u201A\u201Ad\u201B\u201Be'")]
    [InlineData("a\u2019; [IO.File]::WriteAllText(\u2018/tmp/x\u2019",
        "'a\u2019\u2019; [IO.File]::WriteAllText(\u2018\u2018/tmp/x\u2019\u2019'")]
    public void Each_of_PowerShells_five_quotes_is_doubled(string text, string quoted) =>
        Assert.Equal(quoted, WindowsGuestScripts.Quote(text));

    [Theory]
    [InlineData("nothing of it", "nothing of it")]
    [InlineData("xxABCDEFGHIJKLMNOPyy", "xx[token]yy")]
    [InlineData("xxABCDEFGHIJKLyy", "xx[token]yy")]
    [InlineData("xxABCDEFGHIJKyy", "xxABCDEFGHIJKyy")]
    [InlineData("a QRST b", "a [token] b")]
    public void A_secret_is_taken_out_with_every_piece_of_it(string text, string clean) =>
        Assert.Equal(clean, SecretText.Scrub(text, "ABCDEFGHIJKLMNOP.QRST.uvwxyz0123456789"));

    [Fact]
    public void A_lone_surrogate_and_an_endless_number_are_no_values()
    {
        foreach (var wrong in (string[])[@"{""a"":""\ud800""}", @"{""\udc00"":1}", @"[1e400]", "{"])
        {
            Assert.ThrowsAny<JsonException>(() => JsonText.Parse(wrong));
        }

        using var right = JsonText.Parse(@"{""a"":""\ud83d\ude00"",""b"":[1e300,null]}");
        Assert.Equal("😀", right.RootElement.GetProperty("a").GetString());
    }
}
