using System.Globalization;

namespace VgpuPS.KernelBed.Guest;

/// <summary>What the kernel module knows: the truth that the hook's work is held against.</summary>
internal sealed record KernelState(
    IReadOnlyList<KernelGpu> Gpus, IReadOnlyList<KernelInstance> Instances, IReadOnlyList<KernelVgpu> Vgpus)
{
    /// <summary>The module's node.</summary>
    internal const string Node = "/dev/nvidia-standin";

    /// <summary>Reads it.</summary>
    internal static KernelState Read()
    {
        var lines = File.ReadAllLines(Node).Select(line => line.Split(' ')).ToList();
        return new KernelState(
            [.. lines.Where(w => w[0] == "gpu")
                .Select(w => new KernelGpu(w[1], w[2] == "1", Number(w[4]), w[5] == "1", w[6] == "1"))],
            [.. lines.Where(w => w[0] == "instance").Select(w => new KernelInstance(w[1], Number(w[2]), Number(w[3])))],
            [
                .. lines.Where(w => w[0] == "vgpu").Select(
                    w => new KernelVgpu(w[1], w[2], Number(w[3]), Number(w[4]), Number(w[6]), w[7],
                        w[8], w[9])),
            ]);
    }

    /// <summary>All of it in one line, for messages.</summary>
    public override string ToString() =>
        $"instances [{string.Join("; ", Instances)}] vGPUs [{string.Join("; ", Vgpus)}]";

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>A GPU in the module's eyes.</summary>
internal sealed record KernelGpu(string Address, bool IsBound, int Functions, bool Mig, bool IsMixed);

/// <summary>A GPU instance in the module's eyes.</summary>
internal sealed record KernelInstance(string Gpu, int Id, int Profile);

/// <summary>A vGPU in the module's eyes; instance -1 and holder 0 for none, <c>-</c> for no UUID and for no
/// parameters, set or started with.</summary>
internal sealed record KernelVgpu(
    string Gpu, string Function, int Type, int Instance, int Holder, string Uuid, string Parameters, string Active);
