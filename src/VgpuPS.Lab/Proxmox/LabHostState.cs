using System.Text.Json.Nodes;

namespace VgpuPS.Lab.Proxmox;

/// <summary>What is on the host at one moment, as the recordings note it.</summary>
/// <remarks>Source: tests/data/pve-recordings/README.md, <c>seen</c> and <c>state</c>.</remarks>
internal static class LabHostState
{
    private const int Limit = 16 * 1024 * 1024;

    /// <summary>Mediated devices, lines of reservations, vGPU types other than 0, and whether the VM runs.</summary>
    /// <param name="machine">The host.</param>
    /// <param name="vm">The VM.</param>
    public static JsonObject Read(ILabMachine machine, VmId vm)
    {
        var files = machine.Files;
        var types = new JsonObject();
        foreach (var id in files.List(PvePaths.PciDevices) ?? [])
        {
            if (Text(files, PvePaths.CurrentType(id))?.Trim() is { Length: > 0 } type and not "0")
            {
                types[id] = type;
            }
        }

        var reservations = Text(files, PvePaths.Reservations) ?? "";
        return new JsonObject
        {
            ["mdevs"] = LabTimeline.List(files.List(PvePaths.MdevDevices) ?? []),
            ["reservations"] = LabTimeline.List(reservations.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            ["vgpuTypes"] = types,
            ["vmRunning"] = machine.GetQemuPid(vm) is not null,
        };
    }

    /// <summary>Configuration files of VMs below /etc/pve, relative to it.</summary>
    /// <param name="files">Files of the host.</param>
    public static JsonArray ConfigFiles(IHostFiles files)
    {
        var found = new List<string>();
        foreach (var node in files.List(PvePaths.Nodes) ?? [])
        {
            found.AddRange((files.List($"{PvePaths.Nodes}/{node}/qemu-server") ?? [])
                .Where(name => name.EndsWith(".conf", StringComparison.Ordinal))
                .Select(name => $"nodes/{node}/qemu-server/{name}"));
        }

        return LabTimeline.List(found);
    }

    private static string? Text(IHostFiles files, string path)
    {
        try
        {
            return Encoding.UTF8.GetString(files.Read(path, Limit));
        }
        catch (HostFileException)
        {
            return null;
        }
    }
}
