namespace VgpuPS.Core.Advice;

/// <summary>
/// How good it is: the first member that differs decides. All members add up over GPUs, so that the best for all is
/// made of the best for each.
/// </summary>
/// <param name="Worth">2 for a vGPU that is all that its tenant asks for, 1 for one that is nearly so, 0 where a
/// guarantee is missing.</param>
/// <param name="Placed">vGPUs that have a place.</param>
/// <param name="Preferred">Weights of those that are shared in the way that suits them.</param>
/// <param name="Display">Minus those of a class with displays for tenants that need none.</param>
/// <param name="Crowding">Minus the vGPUs that each shares SMs with, added up.</param>
/// <param name="Mixing">Minus GPUs whose mixed sizes have to be turned on.</param>
/// <param name="Gpus">Minus GPUs that are used.</param>
/// <param name="Memory">Minus frame buffer that is given away, in MiB.</param>
/// <param name="Multiprocessors">SMs that vGPUs have for themselves.</param>
/// <param name="Together">Minus groups of tenants that each GPU serves: those who are alike sit together.</param>
/// <param name="Changes">Minus changes of MIG mode and of mixed sizes.</param>
internal readonly record struct AdviceScore(
    int Worth, int Placed, int Preferred, int Display, int Crowding, int Mixing, int Gpus, long Memory,
    int Multiprocessors, int Together, int Changes) : IComparable<AdviceScore>
{
    public static AdviceScore operator +(AdviceScore one, AdviceScore other) => new(
        one.Worth + other.Worth, one.Placed + other.Placed, one.Preferred + other.Preferred,
        one.Display + other.Display, one.Crowding + other.Crowding, one.Mixing + other.Mixing,
        one.Gpus + other.Gpus, one.Memory + other.Memory, one.Multiprocessors + other.Multiprocessors,
        one.Together + other.Together, one.Changes + other.Changes);

    public int CompareTo(AdviceScore other)
    {
        ReadOnlySpan<long> own =
            [Worth, Placed, Preferred, Display, Crowding, Mixing, Gpus, Memory, Multiprocessors, Together, Changes];
        ReadOnlySpan<long> its =
        [
            other.Worth, other.Placed, other.Preferred, other.Display, other.Crowding, other.Mixing, other.Gpus,
            other.Memory, other.Multiprocessors, other.Together, other.Changes,
        ];
        return own.SequenceCompareTo(its);
    }
}
