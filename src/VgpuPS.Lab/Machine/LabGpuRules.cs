using VgpuPS.Lab.Models;

namespace VgpuPS.Lab.Machine;

/// <summary>What the driver lets be created on a GPU, and what a rebind costs.</summary>
/// <remarks>Source: facts/host-behaviour.md 1.5, 2, 4 and 5.</remarks>
internal static class LabGpuRules
{
    // The most time-sliced vGPUs on any GPU (facts/vgpu-types.json, instance_cap).
    private const int MaxTimeSliced = 32;
    private const uint ManyPerVm = 16;

    /// <summary>Types that may be created on a function now, ascending; the GPU itself without SR-IOV.</summary>
    public static IEnumerable<GpuModelType> CreatableOn(LabGpu gpu, string function)
    {
        var hasCapacity = gpu.Model.TotalFunctions == 0 || !gpu.Vgpus.Exists(vgpu => vgpu.Function == function);
        return hasCapacity ? gpu.Model.Types.Where(type => CanCreate(gpu, type)) : [];
    }

    /// <summary>Types that may be created anywhere on the GPU now, ascending.</summary>
    public static IEnumerable<GpuModelType> Creatable(LabGpu gpu)
    {
        var taken = gpu.Vgpus.Select(vgpu => vgpu.Function).Distinct().Count();
        return gpu.Model.TotalFunctions == 0 || taken < gpu.FunctionCount
            ? gpu.Model.Types.Where(type => CanCreate(gpu, type))
            : [];
    }

    /// <summary>Whether the GPU has capacity for one more of a type, functions left aside.</summary>
    public static bool CanCreate(LabGpu gpu, GpuModelType type)
    {
        if (!gpu.HasTypes || gpu.MigCurrent != type.GpuInstanceProfile is not null)
        {
            return false;
        }

        return gpu.MigCurrent ? ChooseInstance(gpu, type) is not null : HasTimeSlicedCapacity(gpu, type);
    }

    /// <summary>The GPU instance with the lowest id that takes one more of a type; null when none does.</summary>
    public static LabGpuInstance? ChooseInstance(LabGpu gpu, GpuModelType type) => gpu.Instances
        .Where(instance => instance.Profile == type.GpuInstanceProfile)
        .OrderBy(instance => instance.Id)
        .FirstOrDefault(instance =>
        {
            var inside = gpu.Vgpus.Where(vgpu => vgpu.GpuInstance == instance.Id).ToList();
            return inside.Count < (type.MaxInstancesPerGpuInstance ?? 1)
                && inside.TrueForAll(vgpu => gpu.Model.FindType(vgpu.Type)?.FramebufferMiB == type.FramebufferMiB);
        });

    /// <summary>Adds a vGPU that <see cref="CanCreate"/> allows.</summary>
    public static LabVgpu Create(LabState state, LabGpu gpu, GpuModelType type, string function, string? uuid)
    {
        var vgpu = new LabVgpu
        {
            Function = function,
            Type = type.Id,
            MdevUuid = uuid,
            GpuInstance = gpu.MigCurrent ? ChooseInstance(gpu, type)?.Id : null,
            Handle = 3_251_634_000 + (uint)state.NextSerial++,
        };
        gpu.Vgpus.Add(vgpu);
        return vgpu;
    }

    /// <summary>How many vGPUs a VM may have in all where one is of this type.</summary>
    /// <remarks>
    /// Source: facts/vgpu-types.json, multi_vgpu: with driver 510 the largest types of class Q and C alone, later all
    /// of them. That boards before SR-IOV stay with types that take the whole board is from memory of NVIDIA's guide
    /// (assumed), and so is that several are as many as Proxmox has entries.
    /// </remarks>
    public static uint MaxPerVm(GpuModel model, GpuModelType type, string driver) =>
        type.Class is not ("Compute" or "Quadro") ? 1
        : type.GpuInstanceProfile is null && type.FramebufferMiB < TypeMemory(model)
            && (model.TotalFunctions == 0 || driver.StartsWith("510.", StringComparison.Ordinal)) ? 1
        : ManyPerVm;

    /// <summary>Why the manager does not give a VM all these vGPUs; null where it does.</summary>
    /// <remarks>Source: a public log of the manager for the first; the words of the second are assumed.</remarks>
    public static string? FindClash(LabState state, IReadOnlyCollection<LabVgpu> vgpus)
    {
        var types = vgpus.Select(v => state.Gpus.Find(g => g.Vgpus.Contains(v))!)
            .Zip(vgpus, (gpu, vgpu) => (gpu.Model, Type: gpu.Model.FindType(vgpu.Type)!)).ToList();
        return types.Exists(t => vgpus.Count > MaxPerVm(t.Model, t.Type, state.Setup.DriverVersion))
            ? "multiple vGPUs in a VM not supported"
            : types.Select(t => t.Type.Id).Distinct().Count() > 1
                && types.Exists(t => state.Setup.ExclusiveTypes.Contains(t.Type.Id))
            ? "vGPU type does not mix with others in a VM" : null;
    }

    /// <summary>A placement id that the vGPU cannot start with; null for none.</summary>
    /// <remarks>
    /// Source: facts/host-behaviour.md 1.6 and 5: ids are for mixed sizes, and an invalid one makes the VM fail. A
    /// type's ids are the multiples of its placement size (L4-6Q: 6, so 0 6 12 18); that the size is its memory in GiB
    /// is assumed.
    /// </remarks>
    public static string? FindBadPlacement(LabState state, LabVgpu vgpu)
    {
        const string Name = "vgpu-placement-id=";
        var text = vgpu.Parameters.Split(',').FirstOrDefault(p => p.StartsWith(Name, StringComparison.Ordinal));
        if (text is null)
        {
            return null;
        }

        var gpu = state.Gpus.Find(g => g.Vgpus.Contains(vgpu))!;
        var id = int.Parse(text[Name.Length..], CultureInfo.InvariantCulture);
        var size = Math.Max(1, gpu.Model.FindType(vgpu.Type)!.FramebufferMiB / 1024);
        return gpu.MixedSizes && id % size == 0 && id + size <= TypeMemory(gpu.Model) / 1024
            && !gpu.Vgpus.Exists(v => v.Holder is not null && v.ActiveParameters.Split(',').Contains(text))
                ? null : text[Name.Length..];
    }

    /// <summary>
    /// What rebinding the driver destroys: instances, vGPUs, mixed sizes, the scheduler, all handles.
    /// </summary>
    public static void Rebind(LabGpu gpu)
    {
        gpu.Generation++;
        gpu.Instances.Clear();
        gpu.Vgpus.Clear();
        gpu.MixedSizes = false;
        gpu.SchedulerPolicy = 1;
        gpu.ArrMode = 0;
        gpu.TimesliceNs = 2_000_000;
    }

    /// <summary>Why the driver cannot get the GPU for itself; null when it can.</summary>
    /// <remarks>Source: facts/host-behaviour.md 2: NVML and CUDA clients and running VMs hold it.</remarks>
    public static string? FindUser(LabState state, LabGpu gpu, string? exceptOwner)
    {
        if (state.NvmlClients.Find(c => c.Owner != exceptOwner && c.Gpus.Contains(gpu.Address)) is { } client)
        {
            return client.Owner;
        }

        if (state.Programs.Find(p => p.Gpus.Contains(gpu.Address)) is { } program)
        {
            return program.Name;
        }

        return gpu.Vgpus.Exists(vgpu => vgpu.Holder is not null) ? "a running VM"
            : gpu.ComputeProcesses.Count > 0 ? "a compute process"
            : null;
    }

    private static bool HasTimeSlicedCapacity(LabGpu gpu, GpuModelType type)
    {
        var own = gpu.Vgpus.Count(vgpu => vgpu.Type == type.Id);
        if (gpu.Vgpus.Count >= MaxTimeSliced)
        {
            return false;
        }

        var types = gpu.Vgpus.Select(vgpu => gpu.Model.FindType(vgpu.Type)).OfType<GpuModelType>().ToList();
        return gpu.MixedSizes
            ? own < (type.MaxInstancesMixed ?? type.MaxInstances)
                && types.Sum(other => other.FramebufferMiB) + type.FramebufferMiB <= TypeMemory(gpu.Model)
            : types.TrueForAll(other => other.FramebufferMiB == type.FramebufferMiB)
                && types.Count < type.MaxInstances;
    }

    // The largest type takes the whole GPU, whatever the driver keeps for itself.
    private static int TypeMemory(GpuModel model) =>
        model.Types.Where(type => type.GpuInstanceProfile is null).Max(type => type.FramebufferMiB);
}

/// <summary>Where GPU instances fit, and which ids they get.</summary>
/// <remarks>
/// Source: facts/mig-profiles.json (gi_id_encoding; ids in the order of positions are assumed). That decoders, JPEG
/// and optical flow engines are counted against those of the whole GPU is assumed.
/// </remarks>
internal static class LabPlacements
{
    public static bool Fits(
        GpuModel model, IReadOnlyCollection<LabGpuInstance> instances, GpuModelProfile profile, int start)
    {
        var others = instances.Select(instance => model.FindProfile(instance.Profile)).OfType<GpuModelProfile>()
            .ToList();
        return !instances.Any(other => start < other.Start + other.Size && other.Start < start + profile.PlacementSize)
            && others.Count(other => other.Id == profile.Id) < profile.MaxInstances
            && !(profile.Media && others.Exists(other => other.Media))
            && HasLeft(p => p.ComputeSlices, model.ComputeSlices)
            && HasLeft(p => p.Decoders, model.Profiles.Max(p => p.Decoders))
            && HasLeft(p => p.Jpegs, model.Profiles.Max(p => p.Jpegs))
            && HasLeft(p => p.Ofas, model.Profiles.Max(p => p.Ofas));

        bool HasLeft(Func<GpuModelProfile, int> count, int all) => others.Sum(count) + count(profile) <= all;
    }

    public static LabGpuInstance Make(LabGpu gpu, GpuModelProfile profile, int start, long serial) => new()
    {
        Id = IdAt(gpu.Model, start, profile.PlacementSize),
        Serial = serial,
        Profile = profile.Id,
        Start = start,
        Size = profile.PlacementSize,
    };

    // 0 the whole GPU, 1-2 halves, 3-6 quarters, 7-14 eighths.
    private static uint IdAt(GpuModel model, int start, int size)
    {
        var parts = model.MemorySlices / size;
        return (uint)(parts - 1 + (start / size));
    }
}
