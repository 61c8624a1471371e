using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using VgpuPS.Core.Json;
using VgpuPS.Core.Text;

namespace VgpuPS.Host.Sessions;

/// <summary>
/// Lines between a module and an agent: one JSON object a line, UTF-8, answers in any order by number. The agent speaks
/// first; what stands before its first line is not ours.
/// </summary>
public static class AgentProtocol
{
    /// <summary>The version that both ends must speak; what a newer program adds to a line does not change
    /// it.</summary>
    public const int Version = 2;

    /// <summary>Longest line, in bytes.</summary>
    public const int MaxLineLength = 64 << 20;

    /// <summary>How often the module pings.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);

    /// <summary>Silence after which the module takes the agent for dead.</summary>
    public static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(20);

    /// <summary>Silence after which the agent takes the module for dead: a workstation may sleep for a while.</summary>
    public static readonly TimeSpan MaxClientSilence = TimeSpan.FromMinutes(10);

    /// <summary>Longest time that a reading request waits without an answer.</summary>
    public static readonly TimeSpan MaxReadTime = TimeSpan.FromSeconds(60);

    /// <summary>Longest time that a request which was cancelled waits for its end.</summary>
    public static readonly TimeSpan MaxShutdown = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes of lines that one end keeps for a peer which does not read.</summary>
    public const int MaxUnread = 128 << 20;

    /// <summary>Most requests that an agent works on at once.</summary>
    public const int MaxRequests = 256;

    /// <summary>A frame as a line, its end included.</summary>
    public static byte[] Write(AgentFrame frame) =>
        JsonOutput.WriteLine(frame, AgentJsonContext.Default.AgentFrame);

    /// <summary>A line as a frame; null for one that is none.</summary>
    public static AgentFrame? TryRead(ReadOnlySpan<byte> line) => Read(line).Frame;

    /// <summary>What a line says.</summary>
    public static AgentLine Read(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            return new AgentLine(null, 0, null);
        }

        if (line[0] != (byte)'{')
        {
            return new AgentLine(null, 0, "it is not a JSON object");
        }

        try
        {
            return new AgentLine(JsonSerializer.Deserialize(line, AgentJsonContext.Default.AgentFrame), 0, null);
        }
        catch (Exception e) when (JsonText.IsRefusal(e))
        {
            return new AgentLine(null, FindId(line), IsWhole(line) ? null : e.Message);
        }
    }

    /// <summary>Whether it is an object that a newer program may have sent: without a kind, or of one unknown
    /// here.</summary>
    private static bool IsWhole(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            using var parsed = JsonDocument.ParseValue(ref reader);
            return reader.BytesConsumed == line.Length && (!parsed.RootElement.TryGetProperty("kind", out var kind)
                || (kind.ValueKind == JsonValueKind.String && !Enum.TryParse<AgentFrameKind>(kind.GetString(), out _)));
        }
        catch (Exception e) when (JsonText.IsRefusal(e))
        {
            return false;
        }
    }

    /// <summary>The request that a line belongs to, as far as it can be read; 0 for none.</summary>
    private static int FindId(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1
                    && reader.ValueTextEquals("id"u8))
                {
                    return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var id)
                        ? id : 0;
                }
            }
        }
        catch (Exception e) when (JsonText.IsRefusal(e))
        {
            // It broke before.
        }

        return 0;
    }

    /// <summary>The first characters of a line that is none of ours, without control characters.</summary>
    public static string Quote(ReadOnlySpan<byte> line)
    {
        const int Max = 160;
        var text = Encoding.UTF8.GetString(line[..Math.Min(line.Length, Max * 4)]);
        return VisibleText.Of(text[..Math.Min(text.Length, Max)].Trim());
    }

    /// <summary>Whether an agent is one that this program can work with.</summary>
    /// <param name="handshake">The agent.</param>
    /// <param name="host">Name of the host, for display.</param>
    /// <param name="ownVersion">Version of this program.</param>
    /// <exception cref="HostConnectionException">It speaks another version of the protocol.</exception>
    public static void CheckVersion(AgentHandshake handshake, string host, string ownVersion)
    {
        if (handshake.Protocol < Version)
        {
            throw new HostConnectionException(
                ErrorIds.AgentVersionMismatch,
                $"vgpu-hook {handshake.Version} on {host} is older than this module {ownVersion} (protocol "
                    + $"{handshake.Protocol}, not {Version})",
                $"update it: Update-VgpuHost -HostName {host}", host);
        }

        if (handshake.Protocol > Version)
        {
            throw new HostConnectionException(
                ErrorIds.AgentVersionMismatch,
                $"vgpu-hook {handshake.Version} on {host} is newer than this module {ownVersion} (protocol "
                    + $"{handshake.Protocol}, not {Version})",
                "update the module: Update-PSResource VgpuPS", host);
        }
    }
}

/// <summary>A line as it was understood.</summary>
/// <param name="Frame">The frame; null for a line that is none.</param>
/// <param name="Id">Request that a line which is none belongs to; 0 for none.</param>
/// <param name="Problem">Why it cannot be read; null where nothing is wrong with it, as a newer program may say
/// more.</param>
public readonly record struct AgentLine(AgentFrame? Frame, int Id, string? Problem);

/// <summary>A failure as it travels from an agent: nothing of it is lost on the way.</summary>
/// <param name="Kind">Which exception: <c>InvalidRequest</c>, <c>Capacity</c> …; an unknown one is a fault of the
/// agent.</param>
/// <param name="ErrorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="Message">The fact.</param>
/// <param name="RecommendedAction">What to do.</param>
/// <param name="Target">The object concerned, or null.</param>
public sealed record AgentFailure(
    string Kind, string ErrorId, [property: JsonConverter(typeof(VisibleLinesConverter))] string Message,
    [property: JsonConverter(typeof(VisibleLinesConverter))] string RecommendedAction, string? Target = null)
{
    /// <summary>The call that refused, or null.</summary>
    public string? Function { get; init; }

    /// <summary>Its raw status.</summary>
    public int Status { get; init; }

    /// <summary>The program that failed, or null.</summary>
    public string? Command { get; init; }

    /// <summary>Its exit code, or null.</summary>
    public int? ExitCode { get; init; }

    /// <summary>What it printed, or null.</summary>
    [JsonConverter(typeof(VisibleLinesConverter))]
    public string? Output { get; init; }

    /// <summary>Whether a later try may succeed, of a connection that was refused.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsTransient { get; init; }

    /// <summary>A failure, ready to travel.</summary>
    public static AgentFailure From(Exception failure)
    {
        if (failure is not VgpuException known)
        {
            return new AgentFailure(
                "", ErrorIds.AgentFault, $"unexpected {failure.GetType().Name}: {failure.Message}",
                ProgramFaultException.Action("vgpu-hook"), null);
        }

        var basic = new AgentFailure(
            ErrorKind.Of(known).Name, known.ErrorId, known.Message, known.RecommendedAction, known.Target);
        return known switch
        {
            NativeCallException e => basic with { Function = e.Function, Status = e.Status },
            HostCommandException e => basic with { Command = e.Command, ExitCode = e.ExitCode, Output = e.Output },
            HostConnectionException e => basic with { IsTransient = e.IsTransient },
            _ => basic,
        };
    }

    /// <summary>The failure again, on the other side.</summary>
    /// <param name="host">Name of the session, which its message begins with.</param>
    public VgpuException ToException(string host)
    {
        var message = $"host {host}: {Message}";
        return Kind switch
        {
            nameof(NativeCallException) =>
                new NativeCallException(ErrorId, message, RecommendedAction, Function ?? "", Status, Target),
            nameof(HostConnectionException) =>
                new HostConnectionException(ErrorId, message, RecommendedAction, Target) { IsTransient = IsTransient },
            _ => ErrorKind.Find(Kind)?.Make?.Invoke(ErrorId, message, RecommendedAction, Target)
                ?? new HostCommandException(
                    ErrorId, message, RecommendedAction, Command ?? "vgpu-hook agent", ExitCode, Output ?? "", Target),
        };
    }
}

/// <summary>One line between a module and an agent; members that its kind does not have are null.</summary>
/// <param name="Kind">What it says.</param>
public sealed record AgentFrame(AgentFrameKind Kind)
{
    /// <summary>Number of the request, from 1; 0 for what belongs to none.</summary>
    public int Id { get; init; }

    /// <summary>Who the agent is.</summary>
    public AgentHandshake? Hello { get; init; }

    /// <summary>Name of the use case to run.</summary>
    public string? UseCase { get; init; }

    /// <summary>The request or the result of the use case; of a step, what became known with it.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>The step that begins.</summary>
    public StepProgress? Progress { get; init; }

    /// <summary>Text of a warning.</summary>
    public string? Text { get; init; }

    /// <summary>Why the use case failed.</summary>
    public AgentFailure? Failure { get; init; }
}

/// <summary>What a line between a module and an agent says.</summary>
public enum AgentFrameKind
{
    /// <summary>The agent's first line: who it is and what it can do.</summary>
    Hello,

    /// <summary>To the agent: run a use case.</summary>
    Run,

    /// <summary>To the agent: end a use case between two of its steps.</summary>
    Cancel,

    /// <summary>To the agent: answer, so that a dead peer is noticed.</summary>
    Ping,

    /// <summary>The answer to a ping.</summary>
    Pong,

    /// <summary>A step of a use case begins.</summary>
    Progress,

    /// <summary>A warning of a use case.</summary>
    Warning,

    /// <summary>A use case has ended well.</summary>
    Result,

    /// <summary>A use case has failed.</summary>
    Failure,

    /// <summary>A use case was cancelled, and what it had done is rolled back.</summary>
    Cancelled,
}

/// <summary>Who an agent is, and what it can do.</summary>
/// <param name="Protocol">Version of the protocol that it speaks, <see cref="AgentProtocol.Version"/>.</param>
/// <param name="Version">Version of its program: <c>0.1.0</c>.</param>
/// <param name="Node">The host's own name.</param>
/// <param name="User">Who it runs as, for display.</param>
/// <param name="IsRoot">Whether that is root, or a simulated host where it does not matter.</param>
/// <param name="UseCases">Names of the use cases that it can run, sorted.</param>
public sealed record AgentHandshake(
    int Protocol, string Version, string Node, string User, bool IsRoot, IReadOnlyList<string> UseCases);

/// <summary>
/// How lines between a module and an agent are written: camelCase, on one line, without what is null. Texts of a line
/// that is read are visible ones; a body is read by its use case.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    Converters = [typeof(VisibleTextConverter)],
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AgentFrame))]
internal sealed partial class AgentJsonContext : JsonSerializerContext;
