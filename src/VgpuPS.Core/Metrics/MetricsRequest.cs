using System.Text;

namespace VgpuPS.Core.Metrics;

/// <summary>What is answered to a request of HTTP for the metrics: everything but <c>GET /metrics</c> is
/// refused.</summary>
/// <param name="Status">Status code.</param>
/// <param name="Reason">Its phrase.</param>
/// <param name="HasBody">Whether the client wants the body: not after HEAD.</param>
/// <remarks>Source: RFC 9112, sections 2 to 4 and 9.6; RFC 9110, sections 9.3 and 15; RFC 6585, section 5.</remarks>
public sealed record MetricsRequest(int Status, string Reason, bool HasBody = true)
{
    /// <summary>Bytes of the request line and the headers with the empty line that ends them, at most.</summary>
    public const int MaxHead = 8192;

    /// <summary>The only path.</summary>
    public const string Path = "/metrics";

    /// <remarks>Source: facts/metrics.md A34.</remarks>
    private const string MetricsType = "text/plain; version=0.0.4; charset=utf-8";

    private const string TextType = "text/plain; charset=utf-8";

    /// <summary>The metrics could not be read.</summary>
    public static MetricsRequest Failed { get; } = new(500, "Internal Server Error");

    /// <summary>The client began, and did not go on.</summary>
    public static MetricsRequest TimedOut { get; } = new(408, "Request Timeout");

    /// <summary>Whether the metrics are asked for.</summary>
    public bool IsAccepted => Status == 200;

    /// <summary>Reads what has come so far.</summary>
    /// <param name="received">The bytes.</param>
    /// <returns>What is answered; null while the end of the headers has not come and may come yet.</returns>
    public static MetricsRequest? TryRead(ReadOnlySpan<byte> received)
    {
        // A client may send an empty line first.
        var head = received.TrimStart("\r\n"u8);
        var end = EndOf(head);
        if (end > MaxHead || (end < 0 && received.Length >= MaxHead))
        {
            return new MetricsRequest(431, "Request Header Fields Too Large");
        }

        return end < 0 ? null : Judge(head[..end]);
    }

    /// <summary>The answer with its headers.</summary>
    /// <param name="text">The metrics; of a refusal, why.</param>
    public byte[] Answer(string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        var head = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {Status} {Reason}\r\n")
            .Append(CultureInfo.InvariantCulture, $"Content-Type: {(IsAccepted ? MetricsType : TextType)}\r\n")
            .Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n")
            .Append(Status == 405 ? "Allow: GET, HEAD\r\n" : "")
            .Append("Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n")
            .ToString();
        return [.. Encoding.ASCII.GetBytes(head), .. HasBody ? body : []];
    }

    private static MetricsRequest Judge(ReadOnlySpan<byte> head)
    {
        var line = head[..head.IndexOf((byte)'\n')].TrimEnd((byte)'\r');
        foreach (var character in line)
        {
            if (character is < 0x20 or > 0x7E)
            {
                return Bad;
            }
        }

        return Encoding.ASCII.GetString(line).Split(' ') is [{ Length: > 0 } method, { Length: > 0 } target, var last]
            ? Judge(method, target, last) : Bad;
    }

    private static MetricsRequest Bad => new(400, "Bad Request");

    private static MetricsRequest Judge(string method, string target, string version)
    {
        var hasBody = method != "HEAD";
        return !IsVersion(version) ? Bad
            : version is not ("HTTP/1.1" or "HTTP/1.0") ? new MetricsRequest(505, "HTTP Version Not Supported", hasBody)
            : PathOf(target) != Path ? new MetricsRequest(404, "Not Found", hasBody)
            : method is "GET" or "HEAD" ? new MetricsRequest(200, "OK", hasBody)
            : new MetricsRequest(405, "Method Not Allowed");
    }

    private static bool IsVersion(string text) =>
        text is ['H', 'T', 'T', 'P', '/', >= '0' and <= '9', '.', >= '0' and <= '9'];

    /// <summary>The path of a target, which a proxy may send with the host; without its query.</summary>
    private static string PathOf(string target)
    {
        const string Scheme = "http://";
        if (target.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            var path = target.IndexOf('/', Scheme.Length);
            target = path < 0 ? "/" : target[path..];
        }

        return target.Split('?', 2)[0];
    }

    /// <summary>Bytes up to the empty line that ends the headers, that one included; -1 where it has not
    /// come.</summary>
    private static int EndOf(ReadOnlySpan<byte> text)
    {
        for (var at = 0; text[at..].IndexOf((byte)'\n') is >= 0 and var next; at += next + 1)
        {
            var rest = text[(at + next + 1)..];
            if (rest.StartsWith("\n"u8) || rest.StartsWith("\r\n"u8))
            {
                return at + next + 1 + (rest[0] == (byte)'\n' ? 1 : 2);
            }
        }

        return -1;
    }
}
