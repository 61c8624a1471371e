using System.Text;
using VgpuPS.Host.Nvml.Native;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Nvml;

/// <summary>NVML through the installed driver's own library.</summary>
/// <param name="library">Soname or path of the library.</param>
/// <remarks>Source: nvml.h; facts/nvml.md 1 to 4.</remarks>
public sealed unsafe partial class NativeNvmlApi(string library = "libnvidia-ml.so.1") : INvmlApi
{
    private const int TextSize = 128;

    private readonly NvmlLibrary _library = new(library);

    /// <inheritdoc/>
    public NvmlStatus Init() => _library.TryLoad() ? Call("nvmlInit_v2") : NvmlStatus.LibraryNotFound;

    /// <inheritdoc/>
    public NvmlStatus Shutdown() => Call("nvmlShutdown");

    /// <inheritdoc/>
    public NvmlStatus SystemGetDriverVersion(out string version)
    {
        var text = stackalloc byte[TextSize];
        var f = (delegate* unmanaged<byte*, uint, int>)_library.Find("nvmlSystemGetDriverVersion");
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(text, 80);
        version = status == NvmlStatus.Success ? Text(text, TextSize) : "";
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetCount(out uint count)
    {
        uint value = 0;
        var f = (delegate* unmanaged<uint*, int>)_library.Find("nvmlDeviceGetCount_v2");
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(&value);
        count = value;
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetHandleByIndex(uint index, out NvmlDevice device)
    {
        nint handle = 0;
        var f = (delegate* unmanaged<uint, nint*, int>)_library.Find("nvmlDeviceGetHandleByIndex_v2");
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(index, &handle);
        device = new NvmlDevice(handle);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetHandleByPciBusId(string busId, out NvmlDevice device)
    {
        nint handle = 0;
        var f = (delegate* unmanaged<byte*, nint*, int>)_library.Find("nvmlDeviceGetHandleByPciBusId_v2");
        var status = NvmlStatus.FunctionNotFound;
        fixed (byte* text = Encoding.ASCII.GetBytes(busId + "\0"))
        {
            status = f == null ? status : (NvmlStatus)f(text, &handle);
        }

        device = new NvmlDevice(handle);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetPciInfo(NvmlDevice device, out NvmlPciInfo info)
    {
        nvmlPciInfo_t raw = default;
        var f = (delegate* unmanaged<nint, nvmlPciInfo_t*, int>)_library.Find("nvmlDeviceGetPciInfo_v3");
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(device.Value, &raw);
        info = new NvmlPciInfo(Text((byte*)&raw.busId, 32), raw.pciDeviceId, raw.pciSubSystemId);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetUuid(NvmlDevice device, out string uuid) =>
        GetText("nvmlDeviceGetUUID", device.Value, 96, out uuid);

    /// <inheritdoc/>
    public NvmlStatus DeviceGetName(NvmlDevice device, out string name) =>
        GetText("nvmlDeviceGetName", device.Value, 96, out name);

    /// <inheritdoc/>
    public NvmlStatus DeviceGetMemoryInfo(NvmlDevice device, out NvmlMemory memory)
    {
        nvmlMemory_t raw = default;
        var f = (delegate* unmanaged<nint, nvmlMemory_t*, int>)_library.Find("nvmlDeviceGetMemoryInfo");
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(device.Value, &raw);
        memory = new NvmlMemory(raw.total, raw.free, raw.used);
        return status;
    }

    /// <inheritdoc/>
    /// <remarks>Assumed: nvmlProcessInfo_t of this version is 24 bytes and begins with the process id.</remarks>
    public NvmlStatus DeviceGetComputeRunningProcesses(NvmlDevice device, out IReadOnlyList<uint> processIds)
    {
        const int InfoSize = 24;
        processIds = [];
        var f = (delegate* unmanaged<nint, uint*, byte*, int>)_library.Find("nvmlDeviceGetComputeRunningProcesses_v3");
        if (f == null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        uint count = 0;
        var status = (NvmlStatus)f(device.Value, &count, null);
        while (status == NvmlStatus.InsufficientSize)
        {
            count += 8;
            var buffer = new byte[count * InfoSize];
            fixed (byte* start = buffer)
            {
                status = (NvmlStatus)f(device.Value, &count, start);
            }

            if (status == NvmlStatus.Success)
            {
                processIds = [.. Enumerable.Range(0, (int)count).Select(i => BitConverter.ToUInt32(buffer, i * InfoSize))];
            }
        }

        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetMigMode(NvmlDevice device, out uint current, out uint pending)
    {
        uint now = 0;
        uint then = 0;
        var f = (delegate* unmanaged<nint, uint*, uint*, int>)_library.Find("nvmlDeviceGetMigMode");
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(device.Value, &now, &then);
        current = now;
        pending = then;
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceSetMigMode(NvmlDevice device, uint mode, out NvmlStatus activationStatus)
    {
        var activation = 0;
        var f = (delegate* unmanaged<nint, uint, int*, int>)_library.Find("nvmlDeviceSetMigMode");
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(device.Value, mode, &activation);
        activationStatus = (NvmlStatus)activation;
        return status;
    }

    private NvmlStatus Call(string name)
    {
        var f = (delegate* unmanaged<int>)_library.Find(name);
        return f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f();
    }

    private NvmlStatus GetNumber(string name, nint handle, out uint value)
    {
        uint number = 0;
        var f = (delegate* unmanaged<nint, uint*, int>)_library.Find(name);
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(handle, &number);
        value = number;
        return status;
    }

    private NvmlStatus GetText(string name, nint handle, uint size, out string value)
    {
        var text = stackalloc byte[TextSize];
        var f = (delegate* unmanaged<nint, byte*, uint, int>)_library.Find(name);
        var status = f == null ? NvmlStatus.FunctionNotFound : (NvmlStatus)f(handle, text, size);
        value = status == NvmlStatus.Success ? Text(text, TextSize) : "";
        return status;
    }

    /// <summary>A list by NVML's counting convention: asked for the count first, again where it grew meanwhile.</summary>
    private NvmlStatus GetList(string name, nint handle, out IReadOnlyList<uint> values)
    {
        values = [];
        var f = (delegate* unmanaged<nint, uint*, uint*, int>)_library.Find(name);
        if (f == null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        uint count = 0;
        var status = (NvmlStatus)f(handle, &count, null);
        while (status == NvmlStatus.InsufficientSize)
        {
            var buffer = new uint[Math.Max(count, 1)];
            fixed (uint* start = buffer)
            {
                status = (NvmlStatus)f(handle, &count, start);
            }

            values = status == NvmlStatus.Success ? buffer[..(int)Math.Min(count, (uint)buffer.Length)] : [];
        }

        return status;
    }

    private static string Text(byte* start, int size)
    {
        var span = new ReadOnlySpan<byte>(start, size);
        var end = span.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? span : span[..end]);
    }
}
