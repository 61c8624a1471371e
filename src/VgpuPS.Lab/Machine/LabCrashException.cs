namespace VgpuPS.Lab.Machine;

/// <summary>The actor was ended by an injected crash; it does nothing on the machine any more.</summary>
/// <param name="actor">Name of the actor.</param>
/// <param name="call">The call that it ended at.</param>
public sealed class LabCrashException(string actor, string call) : Exception($"{actor} crashed at {call}.")
{
    /// <summary>Name of the actor.</summary>
    public string Actor { get; } = actor;

    /// <summary>The call that it ended at.</summary>
    public string Call { get; } = call;
}
