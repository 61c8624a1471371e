namespace VgpuPS.Host.Nvml;

/// <summary>
/// An initialised NVML; handles are looked up for each call, since a rebind or a mode change ends them. What a model
/// offers (profiles, types) is asked once until the MIG mode is set: a session does not outlive a switch of the
/// functions.
/// </summary>
/// <remarks>
/// Source: facts/nvml.md 1 (lookup by bus id attaches that GPU only) and 5 (when handles die; supported types are
/// static). That profiles change with the MIG mode alone is assumed.
/// </remarks>
internal sealed partial class NvmlGpuDriverSession(INvmlApi api) : IGpuDriverSession
{
    private const long BytesPerMiB = 1L << 20;

    // NVML's "none": a time-sliced type has no profile, a time-sliced vGPU no GPU instance.
    private const uint NoId = 0xFFFFFFFF;

    // Drivers end an enumeration of slots themselves; this ends it where one does not.
    private const uint SlotLimit = 64;

    private readonly Dictionary<PciAddress, IReadOnlyList<uint>> _supported = [];
    private readonly Dictionary<(PciAddress Gpu, uint Type), VgpuType> _types = [];
    private readonly Dictionary<PciAddress, IReadOnlyList<(uint Slot, NvmlGpuInstanceProfile Profile)>> _slots = [];
    private readonly Dictionary<PciAddress, IReadOnlyList<GpuInstanceProfile>> _profiles = [];
    private readonly Dictionary<(PciAddress Gpu, uint Profile),
        IReadOnlyList<NvmlComputeInstanceProfile>> _compute = [];
    private bool _closed;

    public string DriverVersion
    {
        get
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            NvmlStatusMapping.ThrowIfFailed(
                api.SystemGetDriverVersion(out var version), "nvmlSystemGetDriverVersion", null);
            return version;
        }
    }

    public (GpuUuid Uuid, string Model, long MemoryMiB) GetIdentity(PciAddress gpu)
    {
        var device = Find(gpu);
        Check(api.DeviceGetUuid(device, out var uuid), "nvmlDeviceGetUUID", gpu);
        Check(api.DeviceGetName(device, out var name), "nvmlDeviceGetName", gpu);
        Check(api.DeviceGetMemoryInfo(device, out var memory), "nvmlDeviceGetMemoryInfo", gpu);
        return (new GpuUuid(uuid), name, (long)(memory.Total / BytesPerMiB));
    }

    public MigMode? GetMigMode(PciAddress gpu)
    {
        var status = api.DeviceGetMigMode(Find(gpu), out var current, out var pending);
        if (status == NvmlStatus.NotSupported)
        {
            return null;
        }

        Check(status, "nvmlDeviceGetMigMode", gpu);
        return new MigMode(current != 0, pending != 0);
    }

    public MigModeChange SetMigMode(PciAddress gpu, bool enabled)
    {
        Forget();
        var status = api.DeviceSetMigMode(Find(gpu), enabled ? 1u : 0u, out var activation);
        if (status == NvmlStatus.Success)
        {
            status = activation;

            if (status is not (NvmlStatus.Success or NvmlStatus.InUse))
            {
                return status == NvmlStatus.NotSupported
                    ? MigModeChange.NotActivated : MigModeChange.ResetRequired;
            }
        }

        switch (status)
        {
            case NvmlStatus.Success:
                return MigModeChange.Applied;
            case NvmlStatus.InUse:
                return MigModeChange.InUse;
            case NvmlStatus.ResetRequired:
                return MigModeChange.ResetRequired;
            default:
                throw NvmlStatusMapping.ToException(status, "nvmlDeviceSetMigMode", gpu.ToString());
        }
    }

    public void Dispose()
    {
        if (!_closed)
        {
            _closed = true;

            // A failed shutdown leaves nothing to do: the library's count ends with the process.
            _ = api.Shutdown();
        }
    }

    private static void Check(NvmlStatus status, string function, PciAddress gpu) =>
        NvmlStatusMapping.ThrowIfFailed(status, function, gpu.ToString());

    private void Forget()
    {
        _supported.Clear();
        _types.Clear();
        _slots.Clear();
        _profiles.Clear();
        _compute.Clear();
    }

    private static TValue Once<TKey, TValue>(Dictionary<TKey, TValue> known, TKey key, Func<TValue> ask)
        where TKey : notnull
    {
        if (!known.TryGetValue(key, out var value))
        {
            known[key] = value = ask();
        }

        return value;
    }

    private NvmlDevice Find(PciAddress gpu)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        Check(api.DeviceGetHandleByPciBusId(gpu.NvmlText, out var device), "nvmlDeviceGetHandleByPciBusId_v2", gpu);
        return device;
    }
}

/// <summary>The GPU driver behind NVML.</summary>
/// <param name="api">The library.</param>
public sealed class NvmlGpuDriver(INvmlApi api)
{
    /// <summary>Initialises the library and nothing more: a GPU is attached when it is first requested.</summary>
    public IGpuDriverSession Open()
    {
        NvmlStatusMapping.ThrowIfFailed(api.Init(), "nvmlInit_v2", null);
        return new NvmlGpuDriverSession(api);
    }
}
