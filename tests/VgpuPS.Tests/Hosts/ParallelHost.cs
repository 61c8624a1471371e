using System.Globalization;
using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;

namespace VgpuPS.Tests.Hosts;

/// <summary>
/// Four GPUs, the last one time-sliced, and 32 VMs that want more than there is: types that fit and types that fight, a
/// mapping over the first two GPUs, two entries, and two VMs with one function.
/// </summary>
internal sealed class ParallelHost
{
    public const int Vms = 32;
    private const int Gpus = 4;
    private const int PoolStart = 8;
    private const int PoolSize = 4;
    private const string Pool = "pool";

    private static readonly int[] s_timeSliced = [685, 685, 687];
    private static readonly int[] s_small = [689, 689, 689, 690];

    // Up to 4, 2, 2 and 4 of them in one GPU instance.
    private static readonly int[] s_shared = [1553, 1558, 1570, 1576];

    private readonly Dictionary<VmId, List<uint>> _wanted = [];
    private readonly Random _random;

    /// <summary>Makes the host.</summary>
    /// <param name="backend">How vGPUs are handed out.</param>
    /// <param name="sharesInstances">Whether the first two GPUs put several vGPUs on a GPU instance.</param>
    /// <param name="random">Decides who wants what.</param>
    public ParallelHost(LabBackend backend, bool sharesInstances, Random random)
    {
        _random = random;
        var first = sharesInstances ? "RTX PRO 6000" : "A30";
        Node = LabNodes.Of([first, first, "A30", "A30"], backend);
        Node.Host.Edit(state => state.Gpus[^1].MigCurrent = state.Gpus[^1].MigPending = false);
        Node.Host.Gate.Delay("nvmlDeviceCreateGpuInstance*", TimeSpan.FromMilliseconds(700));
        Node.Host.Gate.Delay("nvmlGpuInstanceDestroy", TimeSpan.FromMilliseconds(400));
        Node.MapFunctions(Pool, [.. State.Gpus.Take(2).SelectMany(
            gpu => Enumerable.Range(PoolStart, PoolSize).Select(i => gpu.FunctionAt(i).ToString()))]);
        for (var index = 0; index < Vms; index++)
        {
            MakeVm(index);
        }
    }

    public LabHostNode Node { get; }

    /// <summary>The types that each VM wants, one an entry.</summary>
    public IReadOnlyDictionary<VmId, List<uint>> Wanted => _wanted;

    private LabState State => Node.Host.State;

    private void MakeVm(int index)
    {
        var vm = new VmId(101 + index);
        var (gpu, row) = (State.Gpus[index % Gpus], index / Gpus);

        // The last one wants the function of the one before it on that GPU.
        var function = gpu.FunctionAt(index == Vms - 1 ? row - 1 : row);
        var entries =
            new List<string> { Entry(vm, 0, index % Gpus == 1 ? $"mapping={Pool}" : function.ToString(), gpu) };
        if (index % 8 is 6 or 3)
        {
            entries.Add(Entry(vm, 1, gpu.FunctionAt(PoolStart + row).ToString(), gpu));
        }
        else if (index is 5 or 12)
        {
            // Of one class: those of graphics and of compute do not mix in a VM.
            var other = State.Gpus[gpu.Model.Name == State.Gpus[2].Model.Name ? 2 : 1 - (index % Gpus)];
            entries.Add(Entry(vm, 1, other.FunctionAt(index).ToString(), other));
        }

        Node.CreateVm(vm, entries);
    }

    private string Entry(VmId vm, int number, string device, LabGpu gpu)
    {
        var types = !gpu.MigCurrent
            ? s_timeSliced : gpu.Model.Name.Contains("A30", StringComparison.Ordinal) ? s_small : s_shared;
        var type = types[_random.Next(types.Length)];
        if (!_wanted.TryGetValue(vm, out var wanted))
        {
            _wanted[vm] = wanted = [];
        }

        wanted.Add((uint)type);
        return string.Create(CultureInfo.InvariantCulture, $"{number}={device},mdev=nvidia-{type}");
    }
}
