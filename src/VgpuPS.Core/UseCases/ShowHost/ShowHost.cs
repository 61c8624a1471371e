using VgpuPS.Core.Errors;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Reading;
using VgpuPS.Core.Vgpu;
using VgpuPS.Core.Vgpu.Capacity;

namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>Reads what is on the GPUs: MIG mode, instances, functions with their vGPUs, and types that fit now.</summary>
public sealed class ShowHost(HostPorts host)
{
    /// <summary>Makes the report; changes nothing.</summary>
    /// <exception cref="VgpuException">The driver cannot be asked.</exception>
    public HostReport Run()
    {
        using var driver = host.Driver.Open();
        var lines = new List<string>();
        var file = host.Claims.Load();
        foreach (var gpu in host.Devices.GetGpus().Where(g => g.Driver == "nvidia"))
        {
            var types = driver.GetTypes(gpu.Address).ToDictionary(t => t.Id);
            var state = GpuReader.Read(host, driver, gpu, []);
            lines.Add($"GPU {gpu.Address}  {state.Model}  MIG {Mig(state)}  functions {gpu.EnabledFunctions} of {gpu.TotalFunctions}");
            lines.AddRange(state.Instances.OrderBy(i => i.Placement).Select(i =>
                $"  instance {i.Id}  {state.FindProfile(i.Profile)?.Name}  at {i.Placement}{Owner(file, state, i.Id.Value)}"));
            lines.AddRange(state.Functions.Select(f => Function(f, types)));
            var creatable = driver.GetCreatableTypes(gpu.Address);
            lines.AddRange(types.Values.OrderBy(t => t.Id).Select(t =>
                $"  type nvidia-{t.Id}  {t.ShortName}  {t.FramebufferMiB} MiB  {(creatable.Contains(t.Id) ? "can be created now" : "not now")}"));
        }

        lines.AddRange(file.Claims.Select(c =>
            $"claim VM {c.Vm} hostpci{c.Entry}  type {c.Type}  {c.State}  {(c.Function is { } f ? f.ToString() : "function left to Proxmox")}"));
        return new HostReport(host.Guests.Node, driver.DriverVersion, lines);
    }

    private static string Mig(GpuState gpu) => gpu.Mig switch
    {
        null => "not supported",
        { Current: var now, Pending: var then } when now != then => then ? "off, on after a reset" : "on, off after a reset",
        { Current: true } => "on",
        _ => "off",
    };

    private static string Owner(ClaimFile file, GpuState gpu, uint instance) =>
        file.Instances.Any(m => m.Gpu == gpu.Address && m.IsOurs && m.Instance?.Value == instance)
            ? "  made by vgpu-hook"
            : "";

    private static string Function(VirtualFunction f, Dictionary<VgpuTypeId, VgpuType> types)
    {
        var devices = f.Devices.Select(d => d.Uuid.Guest is { } guest
            ? $"{Name(d.Type)} of VM {guest.Vm}"
            : $"{Name(d.Type)} {d.Uuid}");
        var on = f.CurrentType is { } type ? devices.Append(Name(type)) : devices;
        var text = string.Join(", ", on);
        return $"  function {f.Address}  {f.Driver ?? "no driver"}  {(text.Length == 0 ? "free" : text)}";

        string Name(VgpuTypeId? id) => id is { } known && types.TryGetValue(known, out var type) ? type.ShortName : $"type {id}";
    }
}
