namespace VgpuPS.Core.Contracts;

/// <summary>Who an agent is, and what it can do.</summary>
/// <param name="Protocol">Version of the protocol that it speaks, <see cref="AgentProtocol.Version"/>.</param>
/// <param name="Version">Version of its program: <c>0.1.0</c>.</param>
/// <param name="Node">The host's own name.</param>
/// <param name="User">Who it runs as, for people.</param>
/// <param name="IsRoot">Whether that is root, or a simulated host where it does not matter.</param>
/// <param name="UseCases">Names of the use cases that it can run, sorted.</param>
public sealed record AgentHello(
    int Protocol, string Version, string Node, string User, bool IsRoot, IReadOnlyList<string> UseCases);
