using System.Globalization;
using System.Text;

namespace VgpuPS.Tests.Licensing;

/// <summary>Tokens shaped as a licence server writes them; the signature is any.</summary>
internal static class Tokens
{
    public static readonly DateTimeOffset Far = new(2036, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string Make(
        string server = "dls.lab", DateTimeOffset? expiry = null, string signature = "c2lnbmF0dXJl",
        string marker = "x")
    {
        var end = (expiry ?? Far).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return Part("{\"alg\":\"RS256\",\"typ\":\"JWT\"}") + "." + Part($$"""
            {"jti":"{{marker}}","iss":"NLS Service Instance","aud":"NLS Licensed Client","iat":1735689600,"nbf":1735689600,
            "exp":{{end}},"update_mode":"ABSOLUTE","scope_ref_list":["1"],"service_instance_configuration":{
            "nls_service_instance_ref":"i","svc_port_set_list":[{"idx":0,"d_name":"DLS","svc_port_map":[
            {"service":"auth","port":443},{"service":"lease","port":443}]}],
            "node_url_list":[{"idx":0,"url":"{{server}}","url_qr":"{{server}}","svc_port_set_idx":0}] } }
            """) + "." + signature;
    }

    public static string Part(string json) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
