namespace VgpuPS.Core.Ports;

/// <summary>A guest's operating system.</summary>
/// <param name="IsWindows">Whether it is Windows; Linux otherwise.</param>
/// <param name="Name">Its name, for people: <c>Ubuntu 24.04.2 LTS</c>.</param>
public sealed record GuestSystem(bool IsWindows, string Name);
