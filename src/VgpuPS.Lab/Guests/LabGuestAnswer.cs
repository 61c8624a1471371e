using System.Globalization;
using System.Text;
using System.Text.Json;

namespace VgpuPS.Lab.Guests;

/// <summary>How a program ended in a guest, and how <c>qm guest exec</c> prints it.</summary>
/// <remarks>Source: facts/proxmox.md (g): pretty JSON; members sorted as Perl's canonical writer does (assumed).</remarks>
internal sealed record LabGuestAnswer(int Code, string Output = "", string Error = "")
{
    public static LabGuestAnswer Missing { get; } = new(127);

    public bool IsMissing => ReferenceEquals(this, Missing);

    public string ToJson(bool isTruncated)
    {
        var text = new StringBuilder("{\n");
        var output = isTruncated ? Output[..(Output.Length / 2)] : Output;
        if (Error.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"   \"err-data\" : \"{JsonEncodedText.Encode(Error)}\",\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"   \"exitcode\" : {Code},\n   \"exited\" : 1");
        if (output.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $",\n   \"out-data\" : \"{JsonEncodedText.Encode(output)}\"");
        }

        return text.Append(isTruncated ? ",\n   \"out-truncated\" : 1\n}\n" : "\n}\n").ToString();
    }
}
