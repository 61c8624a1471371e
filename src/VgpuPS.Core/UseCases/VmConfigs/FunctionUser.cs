using VgpuPS.Core.Guests;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.UseCases.VmConfigs;

/// <summary>An entry of a VM that names a function.</summary>
/// <param name="Vm">The VM, running or not.</param>
/// <param name="Name">Its name; null without one.</param>
/// <param name="Entry">N of its entry.</param>
/// <param name="Type">The vGPU type; null for a device passed through as it is.</param>
internal sealed record FunctionUser(VmId Vm, string? Name, int Entry, VgpuTypeId? Type)
{
    /// <summary>The VM for people.</summary>
    public string Label => Name is null ? $"VM {Vm}" : $"VM {Vm} ({Name})";
}
