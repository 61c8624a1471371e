using System.Text.Json;
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
