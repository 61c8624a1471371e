namespace VgpuPS.Core.Steps;

/// <summary>
/// What a plan will have done, for the plans that follow it in one command: these are made on top of it, as nothing of
/// it is done yet.
/// </summary>
public sealed record ForeseenChange
{
    /// <summary>Keys of VMs' configurations.</summary>
    public IReadOnlyList<ForeseenVmSetting> VmSettings { get; set; } = [];

    /// <summary>Paths of the hook's copies that are written.</summary>
    public IReadOnlyList<string> HookFiles { get; set; } = [];

    /// <summary>GPU instances that are created.</summary>
    public IReadOnlyList<ForeseenInstance> Instances { get; set; } = [];

    /// <summary>vGPUs that are created on functions.</summary>
    public IReadOnlyList<ForeseenVgpu> Vgpus { get; set; } = [];

    /// <summary>Whether there is nothing in it.</summary>
    public bool IsEmpty => VmSettings.Count + HookFiles.Count + Instances.Count + Vgpus.Count == 0;

    /// <summary>What steps of a GPU's plan create on it.</summary>
    public static ForeseenChange Of(IEnumerable<PlanStep> steps)
    {
        var all = steps.ToList();
        return new ForeseenChange
        {
            Instances =
            [
                .. all.OfType<CreateInstanceStep>().Select(s => new ForeseenInstance(
                    s.Gpu.ToString(), s.Profile.Id.Value, s.Placement.Start, s.Placement.Size)
                {
                    HasComputeInstance = s.WithComputeInstance,
                }),
            ],
            Vgpus =
            [
                .. all.OfType<CreateVgpuStep>().Select(s => new ForeseenVgpu(
                    s.Function.ToString(), s.Type.Id.Value, s.Uuid?.Value)),
                .. all.OfType<AttachDeviceStep>().Where(s => !s.IsThere).Select(s => new ForeseenVgpu(
                    s.Function.ToString(), s.Type.Id.Value, s.Request.Uuid.Value)),
            ],
        };
    }
}

/// <summary>A key of a VM's configuration.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">Its new value; null where it is deleted.</param>
public sealed record ForeseenVmSetting(int Vm, string Key, string? Value);

/// <summary>A GPU instance.</summary>
/// <param name="GpuAddress">Its GPU.</param>
/// <param name="ProfileId">Its profile, as nvidia-smi numbers it.</param>
/// <param name="Start">Its first memory slice.</param>
/// <param name="Size">Its memory slices.</param>
public sealed record ForeseenInstance(string GpuAddress, uint ProfileId, int Start, int Size)
{
    /// <summary>Whether a compute instance fills it.</summary>
    public bool HasComputeInstance { get; init; }
}

/// <summary>A vGPU on a function.</summary>
/// <param name="FunctionAddress">The function.</param>
/// <param name="VgpuTypeId">Its type.</param>
/// <param name="MdevUuid">Its mediated device where the function offers such; null with vendor VFIO.</param>
public sealed record ForeseenVgpu(string FunctionAddress, uint VgpuTypeId, string? MdevUuid);
