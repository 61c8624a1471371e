using System.Text.Json.Serialization;
using VgpuPS.Core.Borders;
using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Contracts;

/// <summary>A failure as it travels from an agent: nothing of it is lost on the way.</summary>
/// <param name="Kind">Which exception: <c>InvalidRequest</c>, <c>Capacity</c> …; an unknown one is a fault of the agent.</param>
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
