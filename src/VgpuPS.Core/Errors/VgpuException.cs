using VgpuPS.Core.Text;

namespace VgpuPS.Core.Errors;

/// <summary>
/// Base of every failure that this product explains: what is wrong, and what to do. Whatever it is made of, a terminal
/// may be given it.
/// </summary>
/// <param name="errorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="message">The fact, with names and numbers.</param>
/// <param name="recommendedAction">A sentence in the imperative with a command that the user can type.</param>
/// <param name="target">The object concerned (an address, a VM id, a path), or null.</param>
/// <param name="inner">The failure below, or null.</param>
public abstract class VgpuException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : Exception(VisibleText.Of(message, keepLines: true), inner)
{
    /// <summary>One of <see cref="ErrorIds"/>.</summary>
    public string ErrorId { get; } = errorId;

    /// <summary>A sentence in the imperative with a command that the user can type.</summary>
    public string RecommendedAction { get; } = VisibleText.Of(recommendedAction, keepLines: true);

    /// <summary>The object concerned (an address, a VM id, a path), or null.</summary>
    public string? Target { get; } = target is null ? null : VisibleText.Of(target);
}

/// <summary>The caller's input cannot be right.</summary>
public sealed class InvalidRequestException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner);

/// <summary>A file or reply is not readable as what it should be.</summary>
public sealed class UnreadableDataException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner)
{
    /// <summary>Line of what is wrong, from 1; null where it is not known.</summary>
    public long? Line { get; init; }

    /// <summary>Column of what is wrong, from 1, in bytes; null where it is not known.</summary>
    public long? Column { get; init; }

    /// <summary>What is wrong there, without file and place; null where the message says no more.</summary>
    public string? Reason { get; init; }
}

/// <summary>The GPU, function, type or guest named does not exist.</summary>
public sealed class ObjectNotFoundException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner);

/// <summary>Driver, MIG mode, SR-IOV or IOMMU is missing or off.</summary>
public sealed class HostNotReadyException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner);

/// <summary>NVML, or the kernel behind a file, refused and no other exception says it better.</summary>
/// <param name="errorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="message">The fact, with names and numbers.</param>
/// <param name="recommendedAction">What to do, with a command.</param>
/// <param name="function">The call: an NVML function, or <c>write</c>, <c>open</c>.</param>
/// <param name="status">The raw status: <c>nvmlReturn_t</c> or an errno.</param>
/// <param name="target">The object concerned, or null.</param>
/// <param name="inner">The failure below, or null.</param>
public sealed class NativeCallException(
    string errorId, string message, string recommendedAction, string function, int status,
    string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner)
{
    /// <summary>The call that refused: an NVML function, or <c>write</c>, <c>open</c>.</summary>
    public string Function { get; } = function;

    /// <summary>The raw status: <c>nvmlReturn_t</c>, or the errno of a system call.</summary>
    public int Status { get; } = status;
}

/// <summary>A program on the host failed, or said that it succeeded and did not.</summary>
/// <param name="errorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="message">The fact, with names and numbers.</param>
/// <param name="recommendedAction">What to do, with a command.</param>
/// <param name="command">The program and its arguments, as a user would type them; never with a secret.</param>
/// <param name="exitCode">Its exit code; null when it did not end or was killed by a signal.</param>
/// <param name="output">The last lines of what it printed.</param>
/// <param name="target">The object concerned, or null.</param>
public sealed class HostCommandException(
    string errorId, string message, string recommendedAction, string command, int? exitCode, string output,
    string? target = null)
    : VgpuException(errorId, message, recommendedAction, target)
{
    /// <summary>The program and its arguments, as a user would type them; never with a secret.</summary>
    public string Command { get; } = VisibleText.Of(command, keepLines: true);

    /// <summary>Its exit code; null when it did not end or was killed by a signal.</summary>
    public int? ExitCode { get; } = exitCode;

    /// <summary>The last lines of what it printed.</summary>
    public string Output { get; } = VisibleText.Of(output, keepLines: true);
}

/// <summary>In use by a guest, a process or a lock.</summary>
public sealed class ResourceBusyException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner);

/// <summary>No placement, virtual function or memory is left.</summary>
public sealed class CapacityException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner);

/// <summary>Something did not finish in time.</summary>
public sealed class HostTimeoutException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner);

/// <summary>Permission is missing on the host.</summary>
public sealed class AccessDeniedException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner);

/// <summary>A host cannot be reached, is not who it was, or has no agent that this program can talk to.</summary>
/// <param name="errorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="message">The fact, with names and numbers.</param>
/// <param name="recommendedAction">What to do, with a command.</param>
/// <param name="target">The host.</param>
/// <param name="inner">The failure below, or null.</param>
public sealed class HostConnectionException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner)
{
    /// <summary>Whether the host refused only for now, as one does that too many connect to; a later try may
    /// succeed.</summary>
    public bool IsTransient { get; init; }
}

/// <summary>A fault of this program, reported as the result of one item so that the others' still come.</summary>
/// <param name="errorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="message">The fact, with names and numbers.</param>
/// <param name="recommendedAction">What to do, with a command.</param>
/// <param name="target">The object concerned, or null.</param>
/// <param name="inner">What was thrown, or null.</param>
public sealed class ProgramFaultException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner)
{
    /// <summary>What to do about a fault of a program.</summary>
    /// <param name="program">Its name.</param>
    public static string Action(string program) =>
        $"this is a fault of {program}; keep this text and the log, and report it: journalctl -b";

    /// <summary>A failure as one that is explained: itself where it is, else the program's fault.</summary>
    /// <param name="failure">What was thrown; never a cancellation.</param>
    /// <param name="what">What was done: <c>check IommuOff</c>.</param>
    /// <param name="target">The object concerned, or null.</param>
    public static VgpuException Explain(Exception failure, string what, string? target = null) =>
        failure as VgpuException ?? new ProgramFaultException(
            ErrorIds.ProgramFault, $"{what}: unexpected {failure.GetType().Name}: {failure.Message}",
            Action("vgpu-hook"), target, failure);
}
