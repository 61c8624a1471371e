using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Nvml;

namespace VgpuPS.KernelBed.Nvml;

/// <summary>
/// The library's one machine: the simulated host's NVML on a state file that processes share, kept equal to the kernel
/// module before and after each call.
/// </summary>
internal static class StandIn
{
    /// <summary>Where the state lies; whoever boots the guest makes it.</summary>
    internal const string StatePath = "/run/nvidia-standin/state.json";

    private static readonly Lock s_gate = new();
    private static readonly ClientNodes s_nodes = new();
    private static LabHost? s_machine;
    private static (LabState? State, long Sequence) s_pulled;
    private static byte[] s_text = [];
    private static DriverSnapshot? s_before;
    private static int s_count;

    /// <summary>Which struct of the versioned calls is the newest that is known: 3, or less to imitate older
    /// drivers.</summary>
    internal static int NewestForm { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("STANDIN_NVML_FORM"), out var form) ? form : 3;

    /// <summary>nvmlInit_v2.</summary>
    internal static NvmlStatus Init()
    {
        lock (s_gate)
        {
            if (!File.Exists(KernelModule.Node))
            {
                return NvmlStatus.DriverNotLoaded;
            }

            if (s_machine is null)
            {
                s_machine = LabHost.Open(StatePath);
                Saboteurs.Apply(s_machine.Gate, Environment.GetEnvironmentVariable("STANDIN_NVML_FAULTS"));
            }

            var status = Call(nvml => nvml.Init());
            s_count += status == NvmlStatus.Success ? 1 : 0;
            return status;
        }
    }

    /// <summary>nvmlShutdown; the last one gives the GPUs back.</summary>
    internal static NvmlStatus Shutdown()
    {
        lock (s_gate)
        {
            var status = Call(nvml => nvml.Shutdown());
            if (status == NvmlStatus.Success && --s_count == 0)
            {
                s_nodes.Close();
            }

            return status;
        }
    }

    /// <summary>One call: what the kernel knows is read first, what the call changed is told to it.</summary>
    /// <param name="work">The call.</param>
    internal static NvmlStatus Call(Func<LabNvml, NvmlStatus> work)
    {
        lock (s_gate)
        {
            return s_machine is not { } machine
                ? NvmlStatus.Uninitialized
                : machine.With(state => Call(machine, state, work));
        }
    }

    /// <summary>What neither the kernel nor another process has changed since the last call is not taken over
    /// again.</summary>
    private static NvmlStatus Call(LabHost machine, LabState state, Func<LabNvml, NvmlStatus> work)
    {
        var text = KernelModule.Read();
        if (s_before is not { } before || s_pulled != (state, state.Sequence) || !text.AsSpan().SequenceEqual(s_text))
        {
            KernelModule.Pull(state, text);
            s_before = before = new DriverSnapshot(state);
            (s_pulled, s_text) = ((state, state.Sequence), text);
        }

        var changes = machine.ChangeCount;
        var status = work(machine.Nvml);
        if (machine.ChangeCount == changes)
        {
            return status;
        }

        s_pulled = default;
        return KernelModule.Push(before, state) ? status : NvmlStatus.InUse;
    }

    /// <summary>A call that attaches a GPU, which makes this process a client of it in the kernel's eyes.</summary>
    /// <param name="work">The call, which gives the handle.</param>
    internal static NvmlStatus Attach(Func<LabNvml, (NvmlStatus Status, int Index)> work) => Call(nvml =>
    {
        var (status, index) = work(nvml);
        // What the library says while sriov-manage has the GPU locked is assumed.
        return status == NvmlStatus.Success && !s_nodes.Open(index) ? NvmlStatus.InUse : status;
    });
}
