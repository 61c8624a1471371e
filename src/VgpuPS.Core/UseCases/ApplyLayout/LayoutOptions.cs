using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.ApplyLayout;

/// <summary>What a change of a GPU's layout may do beside it.</summary>
/// <param name="Force">Whether what nobody named may be destroyed, where no VM runs.</param>
/// <param name="Reset">Whether the GPU may be reset where a change of its MIG mode asks for it.</param>
/// <param name="Persist">Whether the scheduler is written into the driver's module options as well.</param>
/// <param name="OptionFiles">Files of module options, path and text; read only where they matter.</param>
/// <param name="FindUsers">Finds who keeps a GPU from being changed; asked only where that matters.</param>
/// <param name="DefaultOptionFile">Where options go that are in no file yet.</param>
internal sealed record LayoutOptions(
    bool Force, bool Reset, bool Persist, Func<IReadOnlyList<(string Path, string Text)>> OptionFiles,
    Func<ManagedGpu, GpuUsers> FindUsers, string DefaultOptionFile);
