using System.Buffers.Binary;
using VgpuPS.Lab.Files;
using VgpuPS.Lab.Models;
using VgpuPS.Lab.Platform;
using VgpuPS.Lab.Processes;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Lab.Machine;

/// <summary>The first state of a machine.</summary>
internal static class LabStart
{
    // Ascending, since the driver counts GPUs in this order: the first one requested is GPU 0.
    private static readonly string[] s_addresses =
    [
        "0000:4b:00.0", "0000:ca:00.0", "0000:d1:00.0", "0000:d8:00.0", "0000:e3:00.0", "0000:e9:00.0", "0000:f1:00.0",
        "0000:f8:00.0",
    ];

    public static LabState Make(LabOptions options)
    {
        if (options.Gpus.Count > s_addresses.Length)
        {
            throw new ArgumentException($"The lab takes {s_addresses.Length} GPUs at most.", nameof(options));
        }

        var state = new LabState
        {
            WallTicks = options.Start.UtcTicks,
            BootTicks = options.Start.UtcTicks,
            MonotonicNs = 60_000_000_000,
            BootId = MakeUuid($"boot {options.Node}"),
            Setup = new LabSetup
            {
                Node = options.Node,
                PveVersion = options.PveVersion,
                Kernel = options.Kernel ?? (options.PveVersion.StartsWith('8') ? "6.8.12-9-pve" : "6.14.11-4-pve"),
                Backend = options.Backend,
                DriverVersion = options.DriverVersion,
                OtherDevices =
                [
                    new()
                    {
                        Address = "0000:03:00.0",
                        Vendor = "0x8086",
                        Device = "0x1572",
                        Class = "0x020000",
                        Driver = "i40e"
                    },
                    new()
                    {
                        Address = "0000:0a:00.0",
                        Vendor = "0x1002",
                        Device = "0x744c",
                        Class = "0x030000",
                        Driver = "amdgpu"
                    },
                ],
            },
        };
        for (var index = 0; index < options.Gpus.Count; index++)
        {
            state.Gpus.Add(new LabGpu
            {
                Address = s_addresses[index],
                Uuid = $"GPU-{MakeUuid($"gpu {s_addresses[index]}{options.Serial}")}",
                ModelName = GpuModel.Load(options.Gpus[index]).Name,
            });
        }

        MakeFiles(state);
        LabPlatformFiles.Make(state, options);
        LabKernelStart.Run(state);
        MakeVolatileFolders(state);
        LabBoot.Begin(state, state.Setup.Boot);
        if (options.WithVms)
        {
            LabVms.Make(state);
        }

        return state;
    }

    /// <summary>A UUID that depends on the text alone.</summary>
    /// <remarks>FNV-1a: the library's own digests load OpenSSL, which a machine need not have.</remarks>
    public static string MakeUuid(string text)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Hash(text));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Hash(text + "\0"));
        return new Guid(bytes).ToString("D");
    }

    /// <summary><c>/run</c> as it is after a boot.</summary>
    public static void MakeVolatileFolders(LabState state)
    {
        LabTree.Remove(state, "/run");
        LabTree.PutFolder(state, "/run/lock/qemu-server", LabEntry.FolderMode);
        LabTree.PutFolder(state, "/run/qemu-server", LabEntry.FolderMode);
    }

    // Source: FNV-1a with 64 bits, its published offset and prime; mixed once more, since its high bits move little.
    private static ulong Hash(string text)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var part in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ part) * 0x100000001B3;
        }

        hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93;
        return hash ^ (hash >> 32);
    }

    private static void MakeFiles(LabState state)
    {
        var node = state.Setup.Node;
        var qemuServer = state.Setup.PveVersion.StartsWith('8') ? "8.4.10" : "9.2.6";
        foreach (var folder in (string[])
            [$"/etc/pve/nodes/{node}/qemu-server", "/etc/pve/mapping", "/var/log", "/var/lib/vz/snippets", "/tmp",
                "/dev"])
        {
            LabTree.PutFolder(state, folder, LabEntry.FolderMode);
        }

        LabTree.PutLink(state, "/etc/pve/local", $"nodes/{node}");
        LabTree.PutLink(state, "/etc/pve/qemu-server", $"nodes/{node}/qemu-server");
        LabTree.PutLink(state, "/var/run", "/run");
        LabTree.PutLink(state, "/var/lock", "/run/lock");
        LabTree.PutFile(state, "/etc/hostname", Encoding.ASCII.GetBytes(node + "\n"), LabEntry.FileMode);
        LabTree.PutFile(
            state, "/var/lib/dpkg/status",
            Encoding.ASCII.GetBytes(
                "Package: qemu-server\nStatus: install ok installed\nMaintainer: Proxmox Support Team "
                + $"<support@proxmox.com>\nArchitecture: amd64\nVersion: {qemuServer}\n\n"), LabEntry.FileMode);
        LabTree.PutFile(
            state, "/etc/pve/storage.cfg",
            "dir: local\n\tpath /var/lib/vz\n\tcontent iso,vztmpl,backup,snippets\n\n"u8.ToArray(), LabEntry.FileMode);
        LabTree.PutFile(state, LabQm.Path, "#!/usr/bin/perl\n"u8.ToArray(), LabEntry.FolderMode);
        LabTree.PutFile(state, LabProcesses.SystemctlTool, "\u007fELF"u8.ToArray(), LabEntry.FolderMode);
    }
}
