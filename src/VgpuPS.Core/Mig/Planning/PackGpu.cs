namespace VgpuPS.Core.Mig.Planning;

/// <summary>A GPU that instances are packed on.</summary>
/// <param name="Shapes">Its profiles; GPUs of one model share the list.</param>
/// <param name="Occupancy">What is taken of it.</param>
public sealed record PackGpu(IReadOnlyList<ProfileShape> Shapes, Occupancy Occupancy)
{
    /// <summary>A profile by name; null when it has none of that name.</summary>
    public ProfileShape? Find(string profile) => Shapes.FirstOrDefault(s => s.Name == profile);
}
