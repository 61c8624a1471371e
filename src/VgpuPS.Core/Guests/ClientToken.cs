using System.Text.Json;
using VgpuPS.Core.Json;

namespace VgpuPS.Core.Guests;

/// <summary>
/// A client configuration token: what lets a guest ask a licence server. It is a secret; only <see cref="Text"/> holds
/// it, and nothing prints that.
/// </summary>
/// <remarks>
/// Source: facts/host-behaviour.md 9 for the file; members of the payload (exp, nbf, node_url_list, svc_port_set_list)
/// as FastAPI-DLS writes them (main.py, client-token) and a server in Go with a struct of them. The signature is the
/// server's business.
/// </remarks>
public sealed class ClientToken
{
    /// <summary>Longest token that is taken, in characters; real ones have a few thousand.</summary>
    public const int MaxLength = 64 * 1024;

    private ClientToken(string text) => Text = text;

    /// <summary>The token itself, without white space around it. A secret.</summary>
    public string Text { get; }

    /// <summary>When it ends by its own word, in UTC; null where it does not say.</summary>
    public DateTimeOffset? Expiry { get; private init; }

    /// <summary>When it begins by its own word, in UTC; null where it does not say.</summary>
    public DateTimeOffset? NotBefore { get; private init; }

    /// <summary>Servers that it is for, by name or address; empty where it names none.</summary>
    public IReadOnlyList<string> Servers { get; private init; } = [];

    /// <summary>Ports that the servers are asked on, ascending; 443 where it names none.</summary>
    public IReadOnlyList<int> Ports { get; private init; } = [443];

    /// <summary>Reads a token.</summary>
    /// <param name="text">What the file holds.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="InvalidRequestException">It is none; names the reason, and never what it holds.</exception>
    public static ClientToken Parse(string text, string name)
    {
        if (text.Length > MaxLength)
        {
            throw NotAToken(name, string.Create(
                CultureInfo.InvariantCulture, $"it has more than {MaxLength} characters; a token has a few thousand"));
        }

        var trimmed = text.Trim().TrimStart('\uFEFF');
        if (trimmed.Length == 0)
        {
            throw NotAToken(name, "it is empty");
        }

        var parts = trimmed.Split('.');
        if (parts.Length != 3 || parts.Any(p => p.Length == 0 || !p.All(IsBase64Url)))
        {
            throw NotAToken(name, "it does not have the three base64url parts of a token");
        }

        using var header = ReadPart(parts[0], "header", name);
        using var payload = ReadPart(parts[1], "payload", name);
        var ports = ReadPorts(payload.RootElement);
        return new ClientToken(trimmed)
        {
            Expiry = ReadTime(payload.RootElement, "exp"),
            NotBefore = ReadTime(payload.RootElement, "nbf"),
            Servers = ReadServers(payload.RootElement),
            Ports = ports.Count == 0 ? [443] : ports,
        };
    }

    /// <summary>Refuses a token that has ended, or that is for another server.</summary>
    /// <param name="now">The host's time.</param>
    /// <param name="server">The server that it must be for; null for any.</param>
    /// <param name="name">The file's name.</param>
    /// <exception cref="InvalidRequestException">It is of no use.</exception>
    public void Require(DateTimeOffset now, string? server, string name)
    {
        if (Expiry is { } end && end <= now)
        {
            throw new InvalidRequestException(
                ErrorIds.TokenExpired,
                $"the token {name} ended at {Time(end)}, and the host's clock shows {Time(now)}",
                "download a new client configuration token from the licence server; if the clock is wrong: "
                    + "timedatectl status",
                name);
        }

        if (server is not null && Servers.Count > 0
            && !Servers.Any(s => string.Equals(s, server.Trim(), StringComparison.OrdinalIgnoreCase)))
        {
            throw new InvalidRequestException(
                ErrorIds.TokenServerMismatch,
                $"the token {name} is for {string.Join(", ", Servers)}, and not for {server.Trim()}",
                $"download the token from {server.Trim()}, or leave -Server out", name);
        }
    }

    /// <summary>Server and end; nothing of the token itself.</summary>
    public override string ToString() =>
        $"token for {(Servers.Count == 0 ? "an unnamed server" : string.Join(", ", Servers))}, "
        + (Expiry is { } end ? $"ends {Time(end)}" : "without an end");

    /// <summary>A time of a token as messages show it: UTC, to the minute.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static bool IsBase64Url(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';

    private static JsonDocument ReadPart(string part, string what, string name)
    {
        try
        {
            var padded = part.Replace('-', '+').Replace('_', '/');
            var document = JsonText.Parse(
                Convert.FromBase64String(padded + new string('=', (4 - (padded.Length % 4)) % 4)));
            return document.RootElement.ValueKind == JsonValueKind.Object ? document
                : throw NotAToken(name, $"its {what} is not a JSON object");
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw NotAToken(name, $"its {what} is not JSON in base64url");
        }
    }

    private static DateTimeOffset? ReadTime(JsonElement payload, string member) =>
        payload.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetDouble(out var seconds) && seconds is > 0 and < 253_402_300_799
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;

    private static List<string> ReadServers(JsonElement payload) =>
        [.. Items(payload, "node_url_list")
            .Select(n => n.ValueKind == JsonValueKind.Object && n.TryGetProperty("url", out var url)
                && url.ValueKind == JsonValueKind.String ? url.GetString() : null)
            .Where(IsHostName).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)];

    private static List<int> ReadPorts(JsonElement payload) =>
        [.. Items(payload, "svc_port_set_list").SelectMany(s => Items(s, "svc_port_map", nested: true))
            .Select(m => m.ValueKind == JsonValueKind.Object && m.TryGetProperty("port", out var port)
                && port.ValueKind == JsonValueKind.Number && port.TryGetInt32(out var number) ? number : 0)
            .Where(p => p is > 0 and < 65536).Distinct().Order()];

    private static IEnumerable<JsonElement> Items(JsonElement element, string member, bool nested = false)
    {
        var from = element;
        if (!nested && !(element.TryGetProperty("service_instance_configuration", out from)
            && from.ValueKind == JsonValueKind.Object))
        {
            return [];
        }

        return from.ValueKind == JsonValueKind.Object && from.TryGetProperty(member, out var list)
            && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];
    }

    // It goes into probes and messages, so nothing but a name or an address passes.
    private static bool IsHostName(string? text) =>
        text is { Length: > 0 and <= 253 } && text[0] != '-'
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '_');

    private static InvalidRequestException NotAToken(string name, string why) => new(
        ErrorIds.InvalidToken, $"the file {name} is not a client configuration token: {why}",
        "download one from the licence server (client_configuration_token_….tok) and name that file with -TokenPath",
        name);
}
