namespace VgpuPS.Core.Mig.Planning;

/// <summary>An instance that needs a place.</summary>
/// <param name="Profile">Its profile, by name.</param>
/// <param name="Gpus">Indices of the GPUs that it may go to.</param>
public sealed record PackItem(string Profile, IReadOnlyList<int> Gpus);
