using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Lab.Guests;
using Xunit;

namespace VgpuPS.Tests.Licensing;

public sealed class ClientTokenTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_token_says_its_server_port_and_end()
    {
        var token = ClientToken.Parse(Tokens.Make() + "\n", "t.tok");
        Assert.Equal(["dls.lab"], token.Servers);
        Assert.Equal([443], token.Ports);
        Assert.Equal(Tokens.Far, token.Expiry);
        token.Require(s_now, "DLS.lab", "t.tok");
    }

    [Fact]
    public void A_server_with_a_strange_name_gives_a_lab_token_that_can_be_read() =>
        Assert.Empty(ClientToken.Parse(LabTokens.Make("a\"b", s_now), "t.tok").Servers);

    [Fact]
    public void Nothing_of_a_token_is_printed()
    {
        var token = ClientToken.Parse(Tokens.Make(), "t.tok");
        Assert.Equal("token for dls.lab, ends 2036-01-01 00:00:00 UTC", token.ToString());
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("   \n", "empty")]
    [InlineData("hello", "three base64url parts")]
    [InlineData("a.b", "three base64url parts")]
    [InlineData("a.b.c.d", "three base64url parts")]
    [InlineData("a..c", "three base64url parts")]
    [InlineData("\0\u0001.\u0002.\u0003", "three base64url parts")]
    [InlineData("abc.def.ghi", "JSON")]
    [InlineData("W10.W10.W10", "not a JSON object")]
    public void What_is_no_token_is_refused_without_saying_what_it_holds(string text, string why)
    {
        var refusal = Assert.Throws<InvalidRequestException>(() => ClientToken.Parse(text, "t.tok"));
        Assert.Equal(ErrorIds.InvalidToken, refusal.ErrorId);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
        Assert.True(text.Trim().Length == 0 || !refusal.ToString().Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_of_a_megabyte_is_refused_by_its_size()
    {
        var refusal = Assert.Throws<InvalidRequestException>(
            () => ClientToken.Parse(new string('a', 1 << 20), "t.tok"));
        Assert.Contains("65536 characters", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ended_token_is_refused_with_both_times()
    {
        var token = ClientToken.Parse(Tokens.Make(expiry: s_now.AddDays(-1)), "t.tok");
        var refusal = Assert.Throws<InvalidRequestException>(() => token.Require(s_now, null, "t.tok"));
        Assert.Equal(ErrorIds.TokenExpired, refusal.ErrorId);
        Assert.Contains("2026-01-04 08:00:00 UTC", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("2026-01-05 08:00:00 UTC", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_for_another_server_is_refused()
    {
        var token = ClientToken.Parse(Tokens.Make(), "t.tok");
        var refusal = Assert.Throws<InvalidRequestException>(() => token.Require(s_now, "other.lab", "t.tok"));
        Assert.Equal(ErrorIds.TokenServerMismatch, refusal.ErrorId);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"exp\":\"soon\",\"service_instance_configuration\":[]}")]
    [InlineData(
        "{\"exp\":1e300,\"service_instance_configuration\":{\"node_url_list\":[1,{\"url\":5},"
            + "{\"url\":\"-oProxyCommand=x\"},{\"url\":\"a b\"}]}}")]
    [InlineData(
        "{\"service_instance_configuration\":{\"svc_port_set_list\":[{\"svc_port_map\":[{\"port\":0},"
            + "{\"port\":99999}]}]}}")]
    public void A_token_that_says_less_is_taken_and_hostile_names_are_not(string payload)
    {
        var token = ClientToken.Parse($"{Tokens.Part("{}")}.{Tokens.Part(payload)}.x", "t.tok");
        Assert.Null(token.Expiry);
        Assert.Empty(token.Servers);
        Assert.Equal([443], token.Ports);
    }
}
