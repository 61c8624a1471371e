using System.Buffers.Binary;
using VgpuPS.Lab.Cluster;
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
    private static readonly byte[] s_buses = [0x4b, 0xca, 0xd1, 0xd8, 0xe3, 0xe9, 0xf1, 0xf8];

    public static LabState Make(LabOptions options)
    {
        var release = LabRelease.Of(options.PveVersion);
        var kernel = options.Kernel ?? release.Kernel;
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
                Kernel = kernel,
                Backend = options.Backend,
                DriverVersion = options.DriverVersion ?? LabInstaller.DriverFor(kernel),
                Cpus = options.Topology,
                OtherDevices = MakeOtherDevices(),
            },
        };
        state.Gpus.AddRange(MakeGpus(options).OrderBy(gpu => gpu.Pci));
        CheckAddresses(state);
        MakeFiles(state, release);
        LabPlatformFiles.Make(state, options);
        LabKernelStart.Run(state);
        MakeVolatileFolders(state);
        LabBoot.Begin(state, state.Setup.Boot);
        if (options.WithVms)
        {
            LabVms.Make(state, options.NodeIndex);
        }

        return state;
    }

    // A network card, and another vendor's GPU.
    private static List<LabPciDevice> MakeOtherDevices() =>
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
    ];

    // The GPUs of a board have a bus each, one after the other (assumed).
    private static IEnumerable<LabGpu> MakeGpus(LabOptions options)
    {
        var free = new Queue<PciAddress>(s_buses.Select(bus => new PciAddress(0, bus, 0, 0))
            .Where(address => !options.Addresses.Contains(address)));
        for (var board = 0; board < options.Gpus.Count; board++)
        {
            var own = options.Models.FirstOrDefault(m => m.IsNamed(options.Gpus[board]));
            var model = own ?? GpuModel.Load(options.Gpus[board]);
            if (board >= options.Addresses.Count && free.Count == 0)
            {
                throw TooMany($"more than {board}");
            }

            var first = board < options.Addresses.Count ? options.Addresses[board] : free.Dequeue();
            for (var n = 0; n < (model.GpusPerBoard ?? 1); n++)
            {
                var address = first with { Bus = (byte)Math.Min(first.Bus + n, byte.MaxValue) };
                yield return new LabGpu
                {
                    Address = address.ToString(),
                    Uuid = $"GPU-{MakeUuid($"gpu {address}{options.Serial}")}",
                    ModelName = model.Name,
                    OwnModel = own,
                    IsInDisplayMode = options.IsInDisplayMode && model.HasDisplayMode,
                };
            }
        }
    }

    private static void CheckAddresses(LabState state)
    {
        if (state.Gpus.Count > LabOptions.MaxGpus)
        {
            throw TooMany($"{state.Gpus.Count}");
        }

        var taken = state.Setup.OtherDevices.ToDictionary(d => PciAddress.Parse(d.Address), _ => "another device");
        foreach (var gpu in state.Gpus)
        {
            // Functions of the last bus would leave the domain.
            if (gpu.Pci.RoutingId + gpu.Model.FunctionOffset + (gpu.Model.TotalFunctions * gpu.Model.FunctionStride)
                > ushort.MaxValue)
            {
                throw new ArgumentException($"there is no place for the virtual functions of a GPU at {gpu.Address}");
            }

            foreach (var address in Enumerable.Range(0, gpu.Model.TotalFunctions).Select(gpu.FunctionAt)
                .Prepend(gpu.Pci))
            {
                if (!taken.TryAdd(address, $"the GPU {gpu.Address} or a function of it"))
                {
                    throw new ArgumentException($"a GPU cannot be at {gpu.Address}: {address} is {taken[address]}");
                }
            }
        }
    }

    private static ArgumentOutOfRangeException TooMany(string count) =>
        new(null, $"the maximum of the lab is {LabOptions.MaxGpus} GPUs, and {count} are requested");

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

    private static void MakeFiles(LabState state, LabRelease release)
    {
        var node = state.Setup.Node;
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
                + $"<support@proxmox.com>\nArchitecture: amd64\nVersion: {release.QemuServer}\n\n"), LabEntry.FileMode);
        LabTree.PutFile(
            state, "/etc/pve/storage.cfg",
            "dir: local\n\tpath /var/lib/vz\n\tcontent iso,vztmpl,backup,snippets\n\n"u8.ToArray(), LabEntry.FileMode);
        foreach (var program in (string[])[LabQm.Path, LabPvesh.Path, LabHaManager.Path])
        {
            LabTree.PutFile(state, program, "#!/usr/bin/perl\n"u8.ToArray(), LabEntry.FolderMode);
        }

        LabTree.PutFile(state, LabProcesses.SystemctlTool, "\u007fELF"u8.ToArray(), LabEntry.FolderMode);
    }
}
