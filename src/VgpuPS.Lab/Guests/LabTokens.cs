using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace VgpuPS.Lab.Guests;

/// <summary>Tokens for simulated licence servers: shaped as real ones, signed by nobody.</summary>
/// <remarks>Source: members as FastAPI-DLS writes them (main.py, client-token).</remarks>
public static class LabTokens
{
    private const string Header = """{"alg":"RS256","typ":"JWT"}""";

    /// <summary>Makes one.</summary>
    /// <param name="server">The server that it is for.</param>
    /// <param name="expires">When it ends.</param>
    public static string Make(string server, DateTimeOffset expires)
    {
        var end = expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var payload = $$$"""
            {"iss":"NLS Service Instance","aud":"NLS Licensed Client","iat":1735689600,"nbf":1735689600,"exp":{{{end}}},
            "service_instance_configuration":{"nls_service_instance_ref":"lab","svc_port_set_list":[{"idx":0,"d_name":"DLS",
            "svc_port_map":[{"service":"auth","port":443},{"service":"lease","port":443}]}],
            "node_url_list":[{"idx":0,"url":"{{{JsonEncodedText.Encode(server)}}}","svc_port_set_idx":0}]}}
            """;
        return $"{Encode(Header)}.{Encode(payload)}.{Encode("signed by nobody")}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
