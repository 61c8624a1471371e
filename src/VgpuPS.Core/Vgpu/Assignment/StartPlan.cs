using VgpuPS.Core.Mig.Plans;

namespace VgpuPS.Core.Vgpu.Assignment;

/// <summary>What a start needs: steps in order, and the claims that cover them.</summary>
/// <param name="Steps">Steps in order; none where everything is there and nothing needs checking.</param>
/// <param name="Claims">One claim for each vGPU of the VM.</param>
public sealed record StartPlan(IReadOnlyList<PlanStep> Steps, IReadOnlyList<VgpuClaim> Claims);
