using System.IO.Enumeration;

namespace VgpuPS.Lab.Machine;

/// <summary>
/// What every call of a seam passes, and what makes it take its time. Names are those of NVML's functions, and
/// <c>read PATH</c>, <c>write PATH</c>, <c>run PROGRAM</c> and the like; patterns may hold <c>*</c> and <c>?</c>.
/// </summary>
public sealed class LabGate
{
    private readonly List<(string Pattern, TimeSpan Time)> _delays = [];

    /// <summary>Called at every passage, before the call, with its name and the actor's.</summary>
    public Action<string, string>? Passing { get; set; }

    /// <summary>Spoils calls, by their names and the actor's; null for none.</summary>
    internal Func<string, string, LabFault>? Spoiling { get; set; }

    /// <summary>Makes calls take time; the first pattern that fits decides.</summary>
    /// <param name="pattern">Names.</param>
    /// <param name="time">How long.</param>
    public void Delay(string pattern, TimeSpan time)
    {
        lock (_delays)
        {
            _delays.Add((pattern, time));
        }
    }

    internal LabFault Pass(string name, string actor)
    {
        var fault = Spoiling?.Invoke(name, actor) ?? default;
        if (fault.Delay > TimeSpan.Zero)
        {
            return fault;
        }

        lock (_delays)
        {
            return fault with { Delay = _delays.Find(d => Fits(d.Pattern, name)).Time };
        }
    }

    internal static bool Fits(string pattern, string name) =>
        FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}

/// <summary>One call inside the machine: no other call is in it until this is disposed.</summary>
internal readonly struct LabCall(LabHost host, string name, LabFault fault) : IDisposable
{
    public int? Refusal => fault.Number;

    public bool IsLie => fault.IsLie;

    public void Dispose() => host.Leave(name, fault);
}

/// <summary>What the gate does to one call.</summary>
/// <param name="Number">Status, errno or exit code to answer with; null for none.</param>
/// <param name="IsLie">Whether success is reported and nothing done.</param>
/// <param name="Delay">How long the call takes.</param>
/// <param name="CrashesBefore">Whether the actor ends before the call.</param>
/// <param name="CrashesAfter">Whether the actor ends when the call is done.</param>
internal readonly record struct LabFault(
    int? Number, bool IsLie, TimeSpan Delay, bool CrashesBefore, bool CrashesAfter);

/// <summary>The actor was ended by an injected crash; it does nothing on the machine any more.</summary>
/// <param name="actor">Name of the actor.</param>
/// <param name="call">The call that it ended at.</param>
internal sealed class LabCrashException(string actor, string call) : Exception($"{actor} crashed at {call}.");
