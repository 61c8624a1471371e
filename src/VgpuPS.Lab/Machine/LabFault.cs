namespace VgpuPS.Lab.Machine;

/// <summary>What the gate does to one call.</summary>
/// <param name="Number">Status, errno or exit code to answer with; null for none.</param>
/// <param name="IsLie">Whether success is reported and nothing done.</param>
/// <param name="Delay">How long the call takes.</param>
/// <param name="CrashesBefore">Whether the actor ends before the call.</param>
/// <param name="CrashesAfter">Whether the actor ends when the call is done.</param>
internal readonly record struct LabFault(
    int? Number, bool IsLie, TimeSpan Delay, bool CrashesBefore, bool CrashesAfter);
