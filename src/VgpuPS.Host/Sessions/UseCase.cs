using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VgpuPS.Core.Json;
using VgpuPS.Core.Rows;
using VgpuPS.Core.Text;

namespace VgpuPS.Host.Sessions;

/// <summary>A use case as a face asks a host session for it, wherever the host is.</summary>
/// <typeparam name="TRequest">What is asked: a plain record.</typeparam>
/// <typeparam name="TResult">What comes back: a plain record.</typeparam>
/// <param name="name">Its name, unique among <see cref="HostUseCases.All"/>: <c>showHost</c>.</param>
/// <param name="requestJson">How the request travels.</param>
/// <param name="resultJson">How the result travels.</param>
/// <param name="run">Executes it on a host.</param>
public sealed class UseCase<TRequest, TResult>(
    string name, JsonTypeInfo<TRequest> requestJson, JsonTypeInfo<TResult> resultJson,
    Func<HostPorts, TRequest, IProgress<StepProgress>, CancellationToken, Task<TResult>> run) : UseCase(name)
    where TRequest : notnull
    where TResult : notnull
{
    private readonly Lazy<JsonTypeInfo<TResult>> _visibleResult = new(() =>
    {
        var options = new JsonSerializerOptions(resultJson.Options);
        options.Converters.Add(new VisibleTextConverter());
        return (JsonTypeInfo<TResult>)options.GetTypeInfo(typeof(TResult));
    });

    /// <summary>How the request travels.</summary>
    public JsonTypeInfo<TRequest> RequestJson => requestJson;

    /// <summary>How the result travels.</summary>
    public JsonTypeInfo<TResult> ResultJson => resultJson;

    /// <summary>Executes it on a host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="progress">Notified before each step that changes something.</param>
    /// <param name="cancellationToken">Ends it between two steps; what was done is rolled back.</param>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public Task<TResult> RunAsync(
        HostPorts host, TRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken) =>
        run(host, request, progress, cancellationToken);

    /// <inheritdoc/>
    public override async Task<JsonElement> RunAsync(
        HostPorts host, JsonElement request, IProgress<StepProgress> progress, CancellationToken cancellationToken) =>
        JsonSerializer.SerializeToElement(
            await run(host, Read(request), progress, cancellationToken).ConfigureAwait(false), resultJson);

    /// <summary>Reads a result that another machine sent: its texts are visible ones.</summary>
    /// <param name="result">The result.</param>
    /// <param name="host">Name of the session, which its rows bear.</param>
    /// <exception cref="JsonException">It is none; so are what else <see cref="JsonText.IsRefusal"/> knows.</exception>
    public TResult ReadResult(JsonElement result, string host) => Stamp(Read(result, VisibleResult), host);

    /// <summary>A result of this machine as a face may show it: with visible texts, as if it had travelled.</summary>
    /// <param name="result">The result.</param>
    /// <param name="host">Name of the session, which its rows bear.</param>
    public TResult Show(TResult result, string host)
    {
        // In JSON whatever is not plain ASCII is an escape; most results have none.
        var json = JsonSerializer.SerializeToUtf8Bytes(result, resultJson);
        return Stamp(
            json.AsSpan().IndexOf((byte)'\\') < 0 ? result : JsonSerializer.Deserialize(json, VisibleResult)!, host);
    }

    private static TResult Stamp(TResult result, string host)
    {
        if (result is IHostRows some)
        {
            some.Stamp(host);
        }

        foreach (var row in result as IEnumerable<HostObject> ?? (result is HostObject one ? [one] : []))
        {
            row.VgpuHost = host;
        }

        return result;
    }

    private JsonTypeInfo<TResult> VisibleResult => _visibleResult.Value;

    // A program of another version may say more; what this one needs must be there.
    private static T Read<T>(JsonElement json, JsonTypeInfo<T> type)
    {
        try
        {
            return HasNullItem(json) ? throw new JsonException("an item of a list is null")
                : json.Deserialize(type) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e) when (e.Path is not null)
        {
            throw new JsonException($"{e.Path}: {JsonFileReader.Explain(e, type).Reason}", e);
        }
    }

    // The serializer takes null for a record or text in a list.
    private static bool HasNullItem(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().Any(i => i.ValueKind == JsonValueKind.Null || HasNullItem(i)),
        JsonValueKind.Object => json.EnumerateObject().Any(m => HasNullItem(m.Value)),
        _ => false,
    };

    private TRequest Read(JsonElement request)
    {
        try
        {
            return Read(request, requestJson);
        }
        catch (Exception e) when (JsonText.IsRefusal(e))
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidRequest, $"the request '{Name}' cannot be read: {e.Message}",
                "update the module and vgpu-hook to one version: Update-VgpuHost", Name);
        }
    }
}

/// <summary>A use case by name.</summary>
/// <param name="name">Its name, unique among <see cref="HostUseCases.All"/>.</param>
public abstract class UseCase(string name)
{
    /// <summary>Its name, unique among <see cref="HostUseCases.All"/>.</summary>
    public string Name { get; } = name;

    /// <summary>Whether it only reads, and so is given up on where no answer comes.</summary>
    public bool IsReading { get; init; }

    /// <summary>Executes it on a host for a caller who sent the request as JSON.</summary>
    /// <param name="host">The host.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="progress">Notified before each step that changes something.</param>
    /// <param name="cancellationToken">Ends it between two steps; what was done is rolled back.</param>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public abstract Task<JsonElement> RunAsync(
        HostPorts host, JsonElement request, IProgress<StepProgress> progress, CancellationToken cancellationToken);
}
