using System.Text.Json;
using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Ports;

namespace VgpuPS.Host.Proxmox;

/// <summary>The JSON that <c>qm guest</c> prints.</summary>
/// <remarks>
/// Source: facts/proxmox.md (g): exited 0/1, exitcode or signal, out-data, err-data (decoded), out-truncated, err-truncated.
/// </remarks>
internal sealed class QmGuestReply : IDisposable
{
    private readonly GuestWay _way;
    private readonly string _what;
    private readonly JsonDocument _document;

    private QmGuestReply(GuestWay way, string what, JsonDocument document) => (_way, _what, _document) = (way, what, document);

    /// <summary>How the program ended; null where it has not.</summary>
    public GuestResult? Result => Flag("exited")
        ? _way.ToResult(
            Number("signal") is null ? Number("exitcode") ?? 0 : null, Number("signal"), Text("out-data") ?? "",
            Text("err-data") ?? "", Flag("out-truncated") || Flag("err-truncated"))
        : null;

    private JsonElement Root => _document.RootElement.TryGetProperty("result", out var inner)
        && inner.ValueKind == JsonValueKind.Object ? inner : _document.RootElement;

    /// <summary>Reads a reply.</summary>
    /// <exception cref="UnreadableDataException">It is none.</exception>
    public static QmGuestReply Read(GuestWay way, string what, string output)
    {
        // Only the end of a long output is kept, so that its beginning is missing.
        if (output.AsSpan().TrimStart() is { IsEmpty: false } begun && begun[0] != '{')
        {
            throw new UnreadableDataException(
                ErrorIds.UnreadableData, $"{what} in {way.Label} printed more than qm's answer can be read of (64 KiB)",
                $"Run it by hand and look: qm guest exec {way.Vm} -- {what}", way.Vm.ToString());
        }

        try
        {
            var document = JsonText.Parse(output);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new QmGuestReply(way, what, document)
                : throw Unreadable(way, what, "it is no JSON object");
        }
        catch (JsonException e)
        {
            throw Unreadable(way, what, $"it is no JSON (position {e.BytePositionInLine} of line {e.LineNumber + 1})");
        }
    }

    public string? Text(string member) =>
        Root.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public int? Number(string member) =>
        Root.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number : null;

    public UnreadableDataException Unreadable(string why) => Unreadable(_way, _what, why);

    public void Dispose() => _document.Dispose();

    // Perl's JSON writes a flag as a number, a word or a text, as it came.
    private bool Flag(string member) => Root.TryGetProperty(member, out var value) && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.Number => value.TryGetInt32(out var number) && number != 0,
        JsonValueKind.String => value.GetString() is not ("" or "0"),
        _ => false,
    };

    private static UnreadableDataException Unreadable(GuestWay way, string what, string why) => new(
        ErrorIds.UnreadableData, $"qm's answer to {what} in {way.Label} cannot be read: {why}",
        $"Run it by hand and look: qm guest exec {way.Vm} -- {what}", way.Vm.ToString());
}
