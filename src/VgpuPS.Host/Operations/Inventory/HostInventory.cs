using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Operations.Inventory;

/// <summary>A host's report taken apart into the objects that commands write.</summary>
/// <param name="report">The report.</param>
/// <param name="session">Name of the session that it came from.</param>
public sealed partial class HostInventory(HostReport report, string session)
{
    private const string Driver = "nvidia";

    /// <summary>Name of the session that it came from.</summary>
    public string Name => session;

    /// <summary>The report.</summary>
    public HostReport Report => report;

    /// <summary>GPUs, ascending address.</summary>
    public IEnumerable<GpuInfo> Gpus => report.Gpus.Select(GpuOf);

    /// <summary>The host.</summary>
    /// <param name="kind">Kind of the session.</param>
    public HostInfo ToHost(string kind) => new()
    {
        VgpuHost = session,
        Kind = kind,
        Node = report.Node,
        Kernel = report.Kernel,
        DriverVersion = report.DriverVersion,
        QemuServerVersion = report.QemuServerVersion,
        Backend = report.Gpus.Select(g => g.Backend).FirstOrDefault(b => b != "none") ?? "none",
        IommuIsActive = report.IommuIsActive,
        Gpus = [.. report.Gpus.Select(g => g.Model)],
        VmCount = report.Vms.Count,
        BootStatus = report.Boot?.State,
        BootTime = report.Boot is { } boot ? EventTime.Parse(boot.Time) : null,
        BootProblems = report.Boot is null ? []
            : [.. report.Boot.Problems.Select(p => p.Message),
                .. report.Boot.Gpus.Where(g => g.Problem is not null).Select(g => $"GPU {g.Gpu}: {g.Problem!.Message}")],
    };

    /// <summary>A GPU.</summary>
    public GpuInfo GpuOf(GpuReport gpu)
    {
        var free = gpu.MemorySlices - gpu.Instances.Sum(i => i.Placement.Size);
        return new GpuInfo
        {
            VgpuHost = session,
            GpuIndex = gpu.Index,
            GpuUuid = gpu.Uuid,
            GpuAddress = gpu.Address,
            Model = gpu.Model,
            MemoryMiB = gpu.MemoryMiB,
            NumaNode = gpu.NumaNode,
            MigCurrent = gpu.Mig?.Current,
            MigPending = gpu.Mig?.Pending,
            TotalFunctions = gpu.TotalFunctions,
            EnabledFunctions = gpu.EnabledFunctions,
            FreeFunctions = gpu.Functions.Count(IsFree),
            Backend = gpu.Backend,
            MixedSizes = gpu.CanMixSizes ? gpu.MixedSizes : null,
            MemorySlices = gpu.MemorySlices,
            FreeSlices = free,
            Creatable = gpu.Mig is { Current: true }
                ? [.. ProfilesOf(gpu).Where(p => p.Free > 0).Select(p => p.Profile)]
                : [.. gpu.Types.Where(t => t.IsCreatable).Select(t => t.Name)],
            InstanceCount = gpu.Instances.Count,
            VgpuCount = gpu.Vgpus.Count,
            VmIds = [.. gpu.Vgpus.Select(v => v.VmId).OfType<int>().Distinct().Order()],
        };
    }

    /// <summary>Functions of a GPU, ascending index.</summary>
    public IEnumerable<SriovFunctionInfo> FunctionsOf(GpuReport gpu)
    {
        var creatable = gpu.Types.Where(t => t.IsCreatable).Select(t => t.Name).ToList();
        foreach (var function in gpu.Functions)
        {
            var vm = gpu.Vgpus.FirstOrDefault(v => v.Function == function.Address)?.VmId ?? PendingVmOf(function.Address);
            var isFree = IsFree(function);
            yield return new SriovFunctionInfo
            {
                VgpuHost = session,
                GpuUuid = gpu.Uuid,
                GpuAddress = gpu.Address,
                FunctionAddress = function.Address,
                FunctionIndex = function.Index,
                Driver = function.Driver,
                IommuGroup = function.IommuGroup,
                VgpuTypeId = function.CurrentType,
                VgpuType = function.CurrentType is { } type
                    ? gpu.Types.FirstOrDefault(t => t.Id == type)?.Name ?? $"type {type}"
                    : null,
                VmId = vm,
                IsFree = isFree,
                CreatableTypes = isFree ? creatable : [],
            };
        }
    }

    /// <summary>vGPU types of a GPU, ascending number.</summary>
    public IEnumerable<VgpuTypeInfo> TypesOf(GpuReport gpu) => gpu.Types.Select(type => new VgpuTypeInfo
    {
        VgpuHost = session,
        GpuUuid = gpu.Uuid,
        GpuAddress = gpu.Address,
        VgpuTypeId = type.Id,
        VgpuType = type.Name,
        Class = type.Class,
        FramebufferMiB = type.FramebufferMiB,
        Profile = type.Profile,
        IsCreatable = type.IsCreatable,
        MaxPerGpu = type.MaxPerGpu,
        MaxPerGpuInstance = type.MaxPerGpuInstance,
        MaxPerVm = type.MaxPerVm,
        IsExclusiveInVm = type.IsExclusiveInVm,
        License = type.License,
    });

    /// <summary>vGPUs of a GPU, in the order of their functions.</summary>
    public IEnumerable<VgpuInfo> VgpusOf(GpuReport gpu) => gpu.Vgpus.Select(vgpu => new VgpuInfo
    {
        VgpuHost = session,
        GpuUuid = gpu.Uuid,
        GpuAddress = gpu.Address,
        FunctionAddress = vgpu.Function,
        MdevUuid = vgpu.Uuid,
        VgpuTypeId = vgpu.Type,
        VgpuType = vgpu.TypeName,
        FramebufferMiB = vgpu.FramebufferMiB,
        FramebufferUsedMiB = vgpu.Guest?.FramebufferUsedMiB,
        GpuInstanceId = vgpu.GpuInstanceId,
        VmId = vgpu.VmId,
        VmName = vgpu.VmId is { } id ? report.Vms.FirstOrDefault(v => v.Id == id)?.Name : null,
        IsRunning = vgpu.IsRunning,
        LicenseStatus = vgpu.Guest?.LicenseStatus,
        LicenseExpiry = vgpu.Guest?.LicenseExpiry,
        GuestDriver = vgpu.Guest?.DriverVersion,
    });

    /// <summary>The scheduler of a GPU's time-sliced vGPUs; null where the driver has none for it.</summary>
    public VgpuSchedulerInfo? SchedulerOf(GpuReport gpu) => gpu.Scheduler is not { } scheduler ? null : new VgpuSchedulerInfo
    {
        VgpuHost = session,
        GpuUuid = gpu.Uuid,
        GpuAddress = gpu.Address,
        Policy = scheduler.Policy,
        TimesliceMilliseconds = scheduler.TimesliceMilliseconds,
        Policies = scheduler.Policies,
        MinTimesliceMilliseconds = scheduler.MinTimesliceMilliseconds,
        MaxTimesliceMilliseconds = scheduler.MaxTimesliceMilliseconds,
    };

    /// <summary>A diagram of a GPU.</summary>
    public GpuPictureInfo PictureOf(GpuReport gpu)
    {
        var lines = GpuDiagram.Draw(gpu);
        return new GpuPictureInfo
        {
            VgpuHost = session,
            GpuUuid = gpu.Uuid,
            GpuAddress = gpu.Address,
            Lines = [.. lines.Select(l => l.ToString())],
            ColoredLines = [.. lines.Select(GpuPictureInfo.Color)],
        };
    }

    private bool IsFree(FunctionReport function) => function.CurrentType is null && function.Driver == Driver
        && PendingVmOf(function.Address) is null;

    private int? PendingVmOf(string function) =>
        report.Reservations.FirstOrDefault(r => r.Function == function && r.IsHeld)?.VmId
        ?? report.Claims.FirstOrDefault(c => c.Function == function)?.VmId;
}

/// <summary>A function that can have a vGPU.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Index">N of the GPU's link <c>virtfnN</c>; 0 for the GPU itself.</param>
/// <param name="Driver">Name of the bound driver; null when none is.</param>
/// <param name="IommuGroup">IOMMU group; null when it has none.</param>
/// <param name="CurrentType">Number of the vGPU type on it, set or as a mediated device; null for a free one.</param>
public sealed record FunctionReport(string Address, int Index, string? Driver, int? IommuGroup, uint? CurrentType);
