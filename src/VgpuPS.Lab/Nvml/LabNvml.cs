namespace VgpuPS.Lab.Nvml;

/// <summary>NVML of the simulated machine.</summary>
/// <remarks>Source: facts/nvml.md 5 and 6.</remarks>
public sealed partial class LabNvml : INvmlApi
{
    private const uint NoId = 0xFFFFFFFF;
    private const int GenerationShift = 8;
    private const long BytesPerMiB = 1L << 20;

    // What a dead or foreign handle is answered with (assumed).
    private const NvmlStatus Dead = NvmlStatus.InvalidArgument;

    private readonly LabHost _host;

    internal LabNvml(LabHost host) => _host = host;

    /// <inheritdoc/>
    public NvmlStatus Init()
    {
        using var call = _host.Enter("nvmlInit_v2");
        var setup = _host.State.Setup;
        if (call.Refusal is { } refusal)
        {
            return (NvmlStatus)refusal;
        }

        if (setup.LibraryIsMissing || !_host.State.DriverIsLoaded || setup.VersionsDiffer)
        {
            return setup.LibraryIsMissing ? NvmlStatus.LibraryNotFound
                : !_host.State.DriverIsLoaded ? NvmlStatus.DriverNotLoaded
                : NvmlStatus.LibRmVersionMismatch;
        }

        if (Client is { } client)
        {
            client.Count++;
        }
        else
        {
            DropDeadClients();
            _host.State.NvmlClients.Add(new LabNvmlClient
            {
                Owner = _host.Actor.Owner,
                Pid = Environment.ProcessId,
                Count = 1,
            });
        }

        _host.Change();
        return NvmlStatus.Success;
    }

    /// <inheritdoc/>
    public NvmlStatus Shutdown()
    {
        using var call = _host.Enter("nvmlShutdown");
        if (Refuse(call, "nvmlShutdown") is { } refusal)
        {
            return refusal;
        }

        if (Client is { } client && --client.Count == 0)
        {
            _host.State.NvmlClients.Remove(client);
        }

        _host.Change();
        return NvmlStatus.Success;
    }

    /// <inheritdoc/>
    public NvmlStatus Find(string function) => _host.State.Setup.MissingFunctions.Contains(function)
        ? NvmlStatus.FunctionNotFound : NvmlStatus.Success;

    /// <inheritdoc/>
    public NvmlStatus SystemGetDriverVersion(out string version) => AskLibrary(
        "nvmlSystemGetDriverVersion", out version, "", () => (NvmlStatus.Success, _host.State.Setup.DriverVersion));

    /// <inheritdoc/>
    public NvmlStatus DeviceGetHandleByPciBusId(string busId, out NvmlDevice device) => AskLibrary(
        "nvmlDeviceGetHandleByPciBusId_v2", out device, default,
        () => PciAddress.TryParse(busId, out var address) && Visible.FirstOrDefault(g => g.Pci == address) is { } gpu
            ? (NvmlStatus.Success, Attach(gpu))
            : (NvmlStatus.NotFound, default));

    private IEnumerable<LabGpu> Visible => _host.State.Gpus.Where(gpu => gpu.Driver == "nvidia");

    private LabNvmlClient? Client => _host.State.NvmlClients.Find(client => client.Owner == _host.Actor.Owner);

    private NvmlDevice Attach(LabGpu gpu)
    {
        if (Client is { } client && !client.Gpus.Contains(gpu.Address))
        {
            client.Gpus.Add(gpu.Address);
            _host.Change();
        }

        return new NvmlDevice((gpu.Generation << GenerationShift) | (_host.State.Gpus.IndexOf(gpu) + 1));
    }

    private LabGpu? Find(NvmlDevice device)
    {
        var index = (int)(device.Value & ((1 << GenerationShift) - 1)) - 1;
        return index >= 0 && index < _host.State.Gpus.Count
            && _host.State.Gpus[index].Generation == device.Value >> GenerationShift
            && _host.State.Gpus[index].Driver == "nvidia"
            ? _host.State.Gpus[index]
            : null;
    }

    // A process that ended without a shutdown holds nothing any more.
    private void DropDeadClients() =>
        _host.State.NvmlClients.RemoveAll(client => client.Pid != 0 && !LabPids.IsAlive(client.Pid));

    private NvmlStatus? Refuse(in LabCall call, string function) =>
        call.Refusal is { } number ? (NvmlStatus)number
        : _host.State.Setup.MissingFunctions.Contains(function) ? NvmlStatus.FunctionNotFound
        : Client is null ? NvmlStatus.Uninitialized
        : null;

    private NvmlStatus AskLibrary<T>(string function, out T value, T none, Func<(NvmlStatus, T)> read)
    {
        using var call = _host.Enter(function);
        value = none;
        if (Refuse(call, function) is { } refusal)
        {
            return refusal;
        }

        (var status, value) = read();
        return status;
    }

    private NvmlStatus Ask<T>(
        string function, NvmlDevice device, out T value, T none, Func<LabGpu, (NvmlStatus, T)> read) =>
        AskLibrary(function, out value, none, () => Find(device) is not { } gpu ? (Dead, none)
            : gpu.IsLost ? (NvmlStatus.GpuIsLost, none)
            : read(gpu));

    private NvmlStatus Do<T>(
        string function, out T value, T none, bool needsRoot, Func<(NvmlStatus, T)> work)
    {
        using var call = _host.Enter(function);
        value = none;
        if (Refuse(call, function) is { } refusal)
        {
            return refusal;
        }

        if (needsRoot && _host.State.Setup.CallersAreUnprivileged)
        {
            return NvmlStatus.NoPermission;
        }

        if (call.IsLie)
        {
            return NvmlStatus.Success;
        }

        (var status, value) = work();
        _host.Change();
        return status;
    }
}
