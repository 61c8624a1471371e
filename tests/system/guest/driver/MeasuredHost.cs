using VgpuPS.Core.Gpu;
using VgpuPS.Host;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Proxmox;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sessions;
using VgpuPS.Host.State;
using VgpuPS.Host.Sysfs;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Proxmox;
using VgpuPS.LabHook;

namespace VgpuPS.SystemTests.Guest;

/// <summary>A simulated host whose VMs 101 and 102 have a vGPU; their guests are real ones, and so is the
/// clock.</summary>
internal sealed class MeasuredHost
{
    private const uint Licensed = 5;

    private readonly LabHostNode _node = LabHostNode.Create(new LabOptions { Gpus = ["A30"], WithVms = true });
    private readonly List<string> _warnings = [];

    /// <summary>What the host warned of.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Starts its VMs, each with a vGPU that has a licence.</summary>
    /// <param name="programs">Runs what leads into guests.</param>
    /// <returns>The host for use cases.</returns>
    public async Task<HostPorts> StartAsync(IProcessRunner programs)
    {
        var host = _node.Connect(_warnings.Add);
        await _node.Host.Processes.RunAsync(
            new ProcessRequest(SriovManage.Tool, ["-e", "ALL"], TimeSpan.FromMinutes(1)), default);
        foreach (var vm in new[] { 101, 102 })
        {
            await HostUseCases.AddVmVgpu.RunAsync(
                host, new AddVmVgpuRequest { Vm = $"{vm}", Type = "A30-6C" }, new Quiet(), default);
            if (await _node.Proxmox.StartAsync(new VmId(vm)) is { Error: { } error })
            {
                throw new InvalidOperationException($"VM {vm} did not start: {error}");
            }
        }

        await _node.Host.WaitAsync(TimeSpan.FromMinutes(5), default);
        _node.Host.Edit(state => state.Guests.ForEach(g =>
        {
            // Its licence service has no more to say.
            g.Events.Clear();
            g.LicenseState = Licensed;
        }));
        return host with
        {
            Clock = TimeProvider.System,
            GuestChannels = new GuestChannels(programs, TimeProvider.System),
            Payloads = new PayloadFiles(new LinuxHostFiles()),
        };
    }

    /// <summary>What the host sees of a VM whose QEMU was killed.</summary>
    public void End(int vm) => _node.Host.EndQemu(new VmId(vm), LabQemuEnd.Kill);

    private sealed class Quiet : IProgress<StepProgress>
    {
        public void Report(StepProgress value)
        {
        }
    }
}
