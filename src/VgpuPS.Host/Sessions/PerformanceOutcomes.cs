using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VgpuPS.Core.Json;
using VgpuPS.Core.Rows;
using VgpuPS.Core.Text;

namespace VgpuPS.Host.Sessions;

/// <summary>How results of a measurement travel that come before its end.</summary>
public static class PerformanceOutcomes
{
    private static readonly JsonTypeInfo<PerformanceOutcome> s_json = UseCaseJsonContext.Default.PerformanceOutcome;

    private static readonly Lazy<JsonTypeInfo<PerformanceOutcome>> s_visible = new(() =>
    {
        var options = new JsonSerializerOptions(s_json.Options);
        options.Converters.Add(new VisibleTextConverter());
        return (JsonTypeInfo<PerformanceOutcome>)options.GetTypeInfo(typeof(PerformanceOutcome));
    });

    /// <summary>A result, ready to travel.</summary>
    public static JsonElement Write(PerformanceOutcome outcome) => JsonSerializer.SerializeToElement(outcome, s_json);

    /// <summary>A result that another machine sent: its texts are visible ones.</summary>
    /// <exception cref="JsonException">It is none; so are what else <see cref="JsonText.IsRefusal"/> knows.</exception>
    public static PerformanceOutcome Read(JsonElement body) =>
        body.Deserialize(s_visible.Value) ?? throw new JsonException("it is empty");

    /// <summary>A result as a face may show it, wherever it comes from.</summary>
    /// <param name="outcome">The result.</param>
    /// <param name="host">Name of the session, which its row bears.</param>
    public static PerformanceOutcome Show(PerformanceOutcome outcome, string host)
    {
        var shown = Read(Write(outcome));
        if (shown.Row is { } row)
        {
            row.VgpuHost = host;
        }

        return shown;
    }
}
