namespace VgpuPS.Lab.Machine;

/// <summary>Nobody on the machine can go on: every actor waits for something that no clock brings.</summary>
/// <param name="message">Who waits for what.</param>
public sealed class LabDeadlockException(string message) : Exception(message);
