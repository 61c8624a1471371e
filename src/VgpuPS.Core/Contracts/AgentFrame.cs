using System.Text.Json;
using System.Text.Json.Serialization;
using VgpuPS.Core.Borders;
using VgpuPS.Core.UseCases;

namespace VgpuPS.Core.Contracts;

/// <summary>One line between a module and an agent; members that its kind does not have are null.</summary>
/// <param name="Kind">What it says.</param>
public sealed record AgentFrame(AgentFrameKind Kind)
{
    /// <summary>Number of the request, from 1; 0 for what belongs to none.</summary>
    public int Id { get; init; }

    /// <summary>Who the agent is.</summary>
    public AgentHello? Hello { get; init; }

    /// <summary>Name of the use case to run.</summary>
    public string? UseCase { get; init; }

    /// <summary>The request or the result of the use case.</summary>
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

    /// <summary>A use case was cancelled, and what it had done is taken back.</summary>
    Cancelled,
}

/// <summary>Who an agent is, and what it can do.</summary>
/// <param name="Protocol">Version of the protocol that it speaks, <see cref="AgentProtocol.Version"/>.</param>
/// <param name="Version">Version of its program: <c>0.1.0</c>.</param>
/// <param name="Node">The host's own name.</param>
/// <param name="User">Who it runs as, for people.</param>
/// <param name="IsRoot">Whether that is root, or a simulated host where it does not matter.</param>
/// <param name="UseCases">Names of the use cases that it can run, sorted.</param>
public sealed record AgentHello(
    int Protocol, string Version, string Node, string User, bool IsRoot, IReadOnlyList<string> UseCases);

/// <summary>
/// How lines between a module and an agent are written: camelCase, on one line, without what is null. Texts of a line that is
/// read are visible ones; a body is read by its use case.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    Converters = [typeof(VisibleTextConverter)],
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AgentFrame))]
public sealed partial class AgentJsonContext : JsonSerializerContext;
