namespace VgpuPS.Core.Platform;

/// <summary>What the boot loader must have once its files were brought to it.</summary>
/// <param name="Kernel">The kernel that it must boot; null for any.</param>
/// <param name="Present">Words that its entry must have.</param>
/// <param name="Absent">Words that its entry must not have.</param>
public sealed record LoaderExpectation(string? Kernel, IReadOnlyList<string> Present, IReadOnlyList<string> Absent);
