using VgpuPS.Core.Errors;
using VgpuPS.Core.Pci;

namespace VgpuPS.Core.UseCases.Steps;

/// <summary>A function could not be had for a vGPU, and nothing of the attempt is left on it: another may do.</summary>
/// <param name="function">The function that the driver refused; null where other VMs hold all that were asked for.</param>
/// <param name="reason">Why; what the start is refused with when no other does.</param>
internal sealed class FunctionRefusedException(PciAddress? function, VgpuException reason)
    : Exception(reason.Message, reason)
{
    /// <summary>The function that the driver refused; null where other VMs hold all that were asked for.</summary>
    public PciAddress? Function { get; } = function;

    /// <summary>Why.</summary>
    public VgpuException Reason { get; } = reason;
}
