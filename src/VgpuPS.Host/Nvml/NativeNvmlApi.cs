using System.Text;
using VgpuPS.Host.Nvml.Native;

namespace VgpuPS.Host.Nvml;

/// <summary>NVML of the installed driver, called through the library's exports.</summary>
/// <param name="path">Path or soname of the library.</param>
/// <remarks>Source: facts/nvml.md 1 (calling convention), 3 (prototypes), 4 (structs).</remarks>
public sealed unsafe partial class NativeNvmlApi(string path = NativeNvmlApi.DefaultLibrary) : INvmlApi
{
    /// <summary>Soname of the library that the driver installs.</summary>
    public const string DefaultLibrary = "libnvidia-ml.so.1";

    private const int DriverVersionSize = 80;
    private const int UuidSize = 96;
    private const int NameSize = 96;

    private readonly NvmlLibrary _library = new(path);

    /// <inheritdoc/>
    public NvmlStatus Init() => _library.TryLoad() ? Call("nvmlInit_v2") : NvmlStatus.LibraryNotFound;

    /// <inheritdoc/>
    public NvmlStatus Shutdown() => Call("nvmlShutdown");

    /// <inheritdoc/>
    public NvmlStatus Find(string function) =>
        _library.Export(function) == 0 ? NvmlStatus.FunctionNotFound : NvmlStatus.Success;

    /// <inheritdoc/>
    public NvmlStatus SystemGetDriverVersion(out string version)
    {
        version = string.Empty;
        var call = (delegate* unmanaged[Cdecl]<byte*, uint, NvmlStatus>)_library.Export("nvmlSystemGetDriverVersion");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        var buffer = stackalloc byte[DriverVersionSize];
        var status = call(buffer, DriverVersionSize);
        version = status == NvmlStatus.Success
            ? Text(new ReadOnlySpan<byte>(buffer, DriverVersionSize)) : string.Empty;
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetHandleByPciBusId(string busId, out NvmlDevice device)
    {
        device = default;
        var call = (delegate* unmanaged[Cdecl]<byte*, nint*, NvmlStatus>)
            _library.Export("nvmlDeviceGetHandleByPciBusId_v2");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        nint handle = 0;
        NvmlStatus status;
        fixed (byte* text = Encoding.UTF8.GetBytes(busId + '\0'))
        {
            status = call(text, &handle);
        }

        device = new NvmlDevice(handle);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetUuid(NvmlDevice device, out string uuid) =>
        ReadText("nvmlDeviceGetUUID", device.Value, UuidSize, out uuid);

    /// <inheritdoc/>
    public NvmlStatus DeviceGetName(NvmlDevice device, out string name) =>
        ReadText("nvmlDeviceGetName", device.Value, NameSize, out name);

    /// <inheritdoc/>
    public NvmlStatus DeviceGetMemoryInfo(NvmlDevice device, out NvmlMemory memory)
    {
        nvmlMemory_t native = default;
        var status = Read("nvmlDeviceGetMemoryInfo", device.Value, ref native);
        memory = new NvmlMemory(native.total, native.free, native.used);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetComputeRunningProcesses(NvmlDevice device, out IReadOnlyList<uint> processIds)
    {
        var status = ReadCounted<nvmlProcessInfo_t>(
            "nvmlDeviceGetComputeRunningProcesses_v3", device, out var processes);
        processIds = Array.ConvertAll(processes, process => process.pid);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetMigMode(NvmlDevice device, out uint current, out uint pending)
    {
        current = 0;
        pending = 0;
        var call = (delegate* unmanaged[Cdecl]<nint, uint*, uint*, NvmlStatus>)_library.Export("nvmlDeviceGetMigMode");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        fixed (uint* first = &current, second = &pending)
        {
            return call(device.Value, first, second);
        }
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceSetMigMode(NvmlDevice device, uint mode, out NvmlStatus activationStatus)
    {
        activationStatus = NvmlStatus.Success;
        return ReadOf("nvmlDeviceSetMigMode", device.Value, mode, ref activationStatus);
    }
}
