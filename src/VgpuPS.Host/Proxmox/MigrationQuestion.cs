using System.Text.Json;
using VgpuPS.Core.Json;
using VgpuPS.Core.Migration;

namespace VgpuPS.Host.Proxmox;

/// <summary>Asks Proxmox whether a VM can be migrated, without trying.</summary>
/// <param name="processes">Runs <c>pvesh</c>.</param>
/// <remarks>Source: facts/cluster.md D6.</remarks>
public sealed class MigrationQuestion(IProcessRunner processes)
{
    private const string Tool = "/usr/bin/pvesh";
    private const int KeptText = 300;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    /// <summary>Asks.</summary>
    /// <returns>The answer, or why there is none.</returns>
    public async Task<(ProxmoxAnswer? Answer, string? Problem)> AskAsync(
        VmId vm, string node, string target, CancellationToken cancellationToken)
    {
        string[] arguments =
            ["get", $"/nodes/{node}/qemu/{vm}/migrate", "--target", target, "--output-format", "json"];
        var result = await processes.RunAsync(new ProcessRequest(Tool, arguments, s_limit), cancellationToken)
            .ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            return (null, result.StartErrno != 0 ? $"{Tool} was not started: {Errno.Describe(result.StartErrno)}"
                : result.TimedOut ? $"{Tool} had not ended in time" : Shorten(QmErrors.LastLines(result)));
        }

        try
        {
            using var document = JsonText.Parse(System.Text.Encoding.UTF8.GetBytes(result.Output));
            return (Read(document.RootElement, target), null);
        }
        catch (Exception e) when (JsonText.IsRefusal(e))
        {
            return (null, $"its answer cannot be read: {Shorten(e.Message)}");
        }
    }

    private static ProxmoxAnswer Read(JsonElement answer, string target)
    {
        var refused = Member(Member(answer, "not_allowed_nodes"), target);
        return new ProxmoxAnswer(
            Texts(Member(answer, "local_resources")),
            [
                .. Texts(Member(refused, "unavailable_storages")).Select(s => $"storage {s}"),
                .. Texts(Member(refused, "unavailable-resources")),
            ],
            [
                .. Items(Member(refused, "blocking-ha-resources"))
                    .Select(b => $"{Text(Member(b, "sid"))} ({Text(Member(b, "cause"))})"),
            ],
            [
                .. Members(Member(answer, "mapped-resource-info"))
                    .Where(m => Text(Member(m.Value, "live-migration")) is not ("1" or "True")).Select(m => m.Name),
            ]);
    }

    private static JsonElement? Member(JsonElement? value, string name) =>
        value is { ValueKind: JsonValueKind.Object } known && known.TryGetProperty(name, out var found) ? found : null;

    private static IEnumerable<JsonElement> Items(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Array } known ? known.EnumerateArray() : [];

    private static IEnumerable<JsonProperty> Members(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Object } known ? known.EnumerateObject() : [];

    private static IReadOnlyList<string> Texts(JsonElement? value) => [.. Items(value).Select(v => Text(v))];

    private static string Text(JsonElement? value) => Shorten(value?.ToString() ?? "");

    private static string Shorten(string text) => text.Length <= KeptText ? text : text[..KeptText] + " ...";
}
