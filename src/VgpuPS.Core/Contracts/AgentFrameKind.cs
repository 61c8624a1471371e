namespace VgpuPS.Core.Contracts;

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
