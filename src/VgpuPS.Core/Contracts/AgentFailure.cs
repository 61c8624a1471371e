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

    /// <summary>A failure, ready to travel.</summary>
    public static AgentFailure From(Exception failure) => failure switch
    {
        NativeCallException e => Basic(nameof(NativeCallException), e) with { Function = e.Function, Status = e.Status },
        HostCommandException e => Basic(nameof(HostCommandException), e) with
        {
            Command = e.Command,
            ExitCode = e.ExitCode,
            Output = e.Output,
        },
        VgpuException e => Basic(e.GetType().Name, e),
        _ => new AgentFailure(
            "", ErrorIds.AgentFault, $"unexpected {failure.GetType().Name}: {failure.Message}",
            ProgramFaultException.Action("vgpu-hook"), null),
    };

    /// <summary>The failure again, on the other side.</summary>
    /// <param name="host">Name of the session, which its message begins with.</param>
    public VgpuException ToException(string host)
    {
        var message = $"host {host}: {Message}";
        return Kind switch
        {
            nameof(InvalidRequestException) => new InvalidRequestException(ErrorId, message, RecommendedAction, Target),
            nameof(UnreadableDataException) => new UnreadableDataException(ErrorId, message, RecommendedAction, Target),
            nameof(ObjectNotFoundException) => new ObjectNotFoundException(ErrorId, message, RecommendedAction, Target),
            nameof(HostNotReadyException) => new HostNotReadyException(ErrorId, message, RecommendedAction, Target),
            nameof(NativeCallException) =>
                new NativeCallException(ErrorId, message, RecommendedAction, Function ?? "", Status, Target),
            nameof(ResourceBusyException) => new ResourceBusyException(ErrorId, message, RecommendedAction, Target),
            nameof(CapacityException) => new CapacityException(ErrorId, message, RecommendedAction, Target),
            nameof(HostTimeoutException) => new HostTimeoutException(ErrorId, message, RecommendedAction, Target),
            nameof(AccessDeniedException) => new AccessDeniedException(ErrorId, message, RecommendedAction, Target),
            nameof(ProgramFaultException) => new ProgramFaultException(ErrorId, message, RecommendedAction, Target),
            nameof(HostConnectionException) => new HostConnectionException(ErrorId, message, RecommendedAction, Target),
            _ => new HostCommandException(
                ErrorId, message, RecommendedAction, Command ?? "vgpu-hook agent", ExitCode, Output ?? "", Target),
        };
    }

    private static AgentFailure Basic(string kind, VgpuException failure) =>
        new(kind, failure.ErrorId, failure.Message, failure.RecommendedAction, failure.Target);
}
