using System.Globalization;

namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>A compute instance.</summary>
/// <param name="Id">Its id within the GPU instance.</param>
/// <param name="Profile">Name of its profile, such as <c>1c.2g.12gb</c>.</param>
/// <param name="ComputeSlices">Compute slices.</param>
/// <param name="Multiprocessors">SMs.</param>
public sealed record ComputeInstanceReport(uint Id, string Profile, int ComputeSlices, int Multiprocessors)
{
    /// <summary>Its id.</summary>
    public override string ToString() => Id.ToString(CultureInfo.InvariantCulture);
}
