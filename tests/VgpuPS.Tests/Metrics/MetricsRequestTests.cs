using System.Text;
using VgpuPS.Core.Metrics;
using Xunit;

namespace VgpuPS.Tests.Metrics;

/// <summary>GET /metrics and nothing else.</summary>
public sealed class MetricsRequestTests
{
    [Theory]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", 200)]
    [InlineData("GET /metrics HTTP/1.0\r\n\r\n", 200)]
    [InlineData("GET /metrics HTTP/1.1\nHost: a\n\n", 200)]
    [InlineData("\r\nGET /metrics HTTP/1.1\r\n\r\n", 200)]
    [InlineData("GET /metrics?collect=all HTTP/1.1\r\n\r\n", 200)]
    [InlineData("GET http://pve1:9836/metrics HTTP/1.1\r\n\r\n", 200)]
    [InlineData("HEAD /metrics HTTP/1.1\r\n\r\n", 200)]
    [InlineData("POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", 405)]
    [InlineData("OPTIONS /metrics HTTP/1.1\r\n\r\n", 405)]
    [InlineData("get /metrics HTTP/1.1\r\n\r\n", 405)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 404)]
    [InlineData("GET http://pve1 HTTP/1.1\r\n\r\n", 404)]
    [InlineData("GET /metrics/ HTTP/1.1\r\n\r\n", 404)]
    [InlineData("GET /../metrics HTTP/1.1\r\n\r\n", 404)]
    [InlineData("GET /%6detrics HTTP/1.1\r\n\r\n", 404)]
    [InlineData("POST /other HTTP/1.1\r\n\r\n", 404)]
    [InlineData("OPTIONS * HTTP/1.1\r\n\r\n", 404)]
    [InlineData("GET /metrics HTTP/2.0\r\n\r\n", 505)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505)]
    [InlineData("GET /metrics\r\n\r\n", 400)]
    [InlineData("GET  /metrics HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /metrics HTTP/1.1 \r\n\r\n", 400)]
    [InlineData("GET /met\u00e4rics HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /metrics HTTP/1.1\0\r\n\r\n", 400)]
    [InlineData("\u0016\u0003\u0001 a b\r\n\r\n", 400)]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: a\r\n", null)]
    [InlineData("GET /metrics HTTP/1.1\r\n", null)]
    [InlineData("GET /metrics", null)]
    [InlineData("", null)]
    public void A_request_is_answered_with(string text, int? status) =>
        Assert.Equal(status, MetricsRequest.TryRead(Encoding.Latin1.GetBytes(text))?.Status);

    [Fact]
    public void Headers_are_bounded_to_the_byte()
    {
        const string Line = "GET /metrics HTTP/1.1\r\nX: ";
        var longest = $"{Line}{new string('x', MetricsRequest.MaxHead - Line.Length - 4)}\r\n\r\n";
        Assert.Equal(MetricsRequest.MaxHead, longest.Length);
        Assert.Equal(200, Read(longest)!.Status);
        Assert.Equal(431, Read(longest.Replace("X: x", "X: xx", StringComparison.Ordinal))!.Status);
        Assert.Equal(431, Read(new string('\n', MetricsRequest.MaxHead))!.Status);
        Assert.Null(Read(new string('x', MetricsRequest.MaxHead - 1)));
    }

    [Fact]
    public void The_answer_has_its_length_and_type_and_a_HEAD_no_body()
    {
        var get = Encoding.UTF8.GetString(Read("GET /metrics HTTP/1.1\r\n\r\n")!.Answer("a_ä 1\n"));
        Assert.StartsWith(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: 7\r\n", get,
            StringComparison.Ordinal);
        Assert.EndsWith("Connection: close\r\n\r\na_ä 1\n", get, StringComparison.Ordinal);
        var head = Encoding.UTF8.GetString(Read("HEAD /metrics HTTP/1.1\r\n\r\n")!.Answer("a_ä 1\n"));
        Assert.Contains("Content-Length: 7\r\n", head, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", head, StringComparison.Ordinal);
        Assert.Contains(
            "\r\nAllow: GET, HEAD\r\n",
            Encoding.UTF8.GetString(Read("PUT /metrics HTTP/1.1\r\n\r\n")!.Answer("no\n")), StringComparison.Ordinal);
    }

    private static MetricsRequest? Read(string text) => MetricsRequest.TryRead(Encoding.Latin1.GetBytes(text));
}
