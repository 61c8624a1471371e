using System.Diagnostics.CodeAnalysis;
using VgpuPS.Core.Ports;

namespace VgpuPS.LabHook;

/// <summary>A simulated host as use cases see it, and the host itself for those that only a simulated one can run.</summary>
public sealed record LabPorts : HostPorts
{
    /// <summary>Adds the host to its ports.</summary>
    [SetsRequiredMembers]
    public LabPorts(HostPorts ports, LabNode node)
        : base(ports) => Node = node;

    /// <summary>The simulated host.</summary>
    public LabNode Node { get; }
}
