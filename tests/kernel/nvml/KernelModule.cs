using System.Globalization;
using System.Text;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;

namespace VgpuPS.KernelBed.Nvml;

/// <summary>
/// The kernel module's node. The module owns functions, vGPUs and the driver's binding; this library owns MIG mode,
/// instances and mixed sizes, and tells the module, which decides by them what may be created.
/// </summary>
internal static class KernelModule
{
    /// <summary>The node: reads as the whole state, takes one command a write.</summary>
    internal const string Node = "/dev/nvidia-standin";

    private static readonly LinuxHostFiles s_files = new();

    /// <summary>What the module says now.</summary>
    internal static byte[] Read()
    {
        // Not as the product reads, which takes ordinary files only.
        using var node = new FileStream(Node, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        using var all = new MemoryStream();
        node.CopyTo(all);
        return all.ToArray();
    }

    /// <summary>Makes the simulated GPUs what the kernel says they are.</summary>
    internal static void Pull(LabState state, byte[] text)
    {
        foreach (var gpu in state.Gpus)
        {
            (gpu.Driver, gpu.FunctionCount) = (null, 0);
            gpu.Vgpus.Clear();
        }

        var lines = Encoding.ASCII.GetString(text).Split('\n').Select(line => line.Split(' ')).ToList();
        foreach (var words in lines)
        {
            if (words.Length > 1 && state.Gpus.Find(gpu => gpu.Address == words[1]) is { } gpu)
            {
                Take(gpu, words);
            }
        }

        foreach (var gpu in state.Gpus.Where(gpu => gpu.Driver is not null))
        {
            Reconcile(
                gpu, [.. lines.Where(w => w[0] == "instance" && w[1] == gpu.Address).Select(w => (uint)Number(w[2]))]);
        }
    }

    /// <summary>Tells the kernel what a call changed.</summary>
    /// <returns>False when the kernel refuses an instance's end, because a vGPU came onto it meanwhile.</returns>
    internal static bool Push(DriverSnapshot before, LabState state)
    {
        foreach (var gpu in state.Gpus.Where(gpu => gpu.Driver is not null))
        {
            var old = before[gpu];
            if (old.Mig != gpu.MigCurrent)
            {
                Tell(gpu, $"mig {(gpu.MigCurrent ? 1 : 0)}");
            }

            if (old.MixedSizes != gpu.MixedSizes)
            {
                Tell(gpu, $"mixed {(gpu.MixedSizes ? 1 : 0)}");
            }

            foreach (var created in gpu.Instances.Except(old.Instances))
            {
                Tell(gpu, string.Create(CultureInfo.InvariantCulture, $"make {created.Id} {created.Profile}"));
            }

            // A switch of MIG mode dropped them all.
            foreach (var gone in old.Mig == gpu.MigCurrent ? old.Instances.Except(gpu.Instances).ToList() : [])
            {
                if (!TryDrop(gpu, gone.Id))
                {
                    gpu.Instances.Add(gone);
                    return false;
                }
            }
        }

        return true;
    }

    private static void Take(LabGpu gpu, string[] words)
    {
        switch (words[0])
        {
            case "gpu":
                var generation = Number(words[3]);
                if (generation != gpu.Generation)
                {
                    LabGpuRules.Rebind(gpu);
                    gpu.Generation = generation;
                }

                gpu.Driver = words[2] == "1" ? "nvidia" : null;
                gpu.FunctionCount = Number(words[4]);
                TakeMode(gpu, isMig: words[5] == "1", isMixed: words[6] == "1");
                break;
            case "vgpu":
                var holder = Number(words[6]);
                gpu.Vgpus.Add(new LabVgpu
                {
                    Function = words[2],
                    Type = (uint)Number(words[3]),
                    GpuInstance = words[4] == "-1" ? null : (uint)Number(words[4]),
                    Handle = uint.Parse(words[5], CultureInfo.InvariantCulture),
                    Holder = holder == 0 ? null : holder,
                    VmUuid = holder == 0 ? null : FindUuid(holder),
                    MdevUuid = words[7] == "-" ? null : words[7],
                });
                break;
            default:
                break;
        }
    }

    private static void TakeMode(LabGpu gpu, bool isMig, bool isMixed)
    {
        if (isMig != gpu.MigCurrent)
        {
            (gpu.MigCurrent, gpu.MigPending) = (isMig, isMig);
            gpu.Instances.Clear();
        }

        gpu.MixedSizes = isMixed;
    }

    /// <summary>
    /// A process that was killed between what it told the kernel and what it noted: an instance it had just made was
    /// not made, one it had just dropped is gone.
    /// </summary>
    private static void Reconcile(LabGpu gpu, IReadOnlyCollection<uint> known)
    {
        gpu.Instances.RemoveAll(instance => !known.Contains(instance.Id));
        foreach (var id in known.Where(id => !gpu.Instances.Exists(instance => instance.Id == id)).ToList())
        {
            TryDrop(gpu, id);
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string? FindUuid(int process)
    {
        try
        {
            var words = File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
            var at = Array.IndexOf(words, "-uuid");
            return at >= 0 && at + 1 < words.Length ? words[at + 1] : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool TryDrop(LabGpu gpu, uint instance)
    {
        try
        {
            Tell(gpu, string.Create(CultureInfo.InvariantCulture, $"drop {instance}"));
            return true;
        }
        catch (HostFileException e) when (e.Number == Errno.EBUSY)
        {
            return false;
        }
    }

    private static void Tell(LabGpu gpu, string order) => s_files.WriteAttribute(Node, $"gpu {gpu.Address} {order}");
}
