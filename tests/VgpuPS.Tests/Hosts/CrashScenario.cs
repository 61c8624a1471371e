using VgpuPS.Core.Gpu;
using VgpuPS.Host.Proxmox;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hosts;

/// <summary>A host, and VM 101 on it whose start and stop are interrupted.</summary>
public sealed record CrashScenario(string Name, Func<LabHostNode> Make)
{
    public const int Vm = 101;

    public override string ToString() => Name;

    private const string First = "0000:4b:00.4";
    private const string Settings = "/etc/vgpups/config.json";

    public static IReadOnlyList<CrashScenario> All { get; } =
    [
        .. Each("fresh MIG start", backend => Vm101(LabNodes.A30(backend), 689)),
        .. Each("everything off", backend =>
        {
            var node = Vm101(LabNodes.A30(backend, mig: false, functions: false), 689);
            node.Host.Put(Settings, """{"migMode":"whenIdle"}""");
            return node;
        }),
        .. Each("time-sliced", backend => Vm101(LabNodes.A30(backend, mig: false), 685)),
        .. Each("functions off", backend => Vm101(LabNodes.A30(backend, mig: false, functions: false), 685)),
        .. Each("adopt an instance of somebody", backend =>
        {
            var node = Vm101(LabNodes.A30(backend), 689);
            using var driver = node.Connect(_ => { }).Driver.Open();
            var gpu = PciAddress.Parse(LabNodes.Gpu);
            var profile = driver.GetProfiles(gpu).First(p => p.Name == "1g.6gb");
            driver.CreateInstance(gpu, profile.Id, new Placement(2, 1));
            return node;
        }),
        .. Each("beside another VM of the profile", backend =>
        {
            var node = Vm101(LabNodes.A30(backend), 689);
            node.CreateVm(new VmId(102), "0=0000:4b:00.5,mdev=nvidia-689");
            Assert.Null(node.Start(102).Error);
            return node;
        }),
        .. Each("two entries", backend =>
        {
            var node = LabNodes.A30(backend);
            node.CreateVm(new VmId(Vm), $"0={First},mdev=nvidia-689", "1=0000:4b:00.5,mdev=nvidia-690");
            return node;
        }),
        .. Each("mapping", backend =>
        {
            var node = LabNodes.A30(backend);
            node.MapFunctions("gpus", "0000:4b:00.4", "0000:4b:00.5", "0000:4b:00.6");
            node.CreateVm(new VmId(Vm), "0=mapping=gpus,mdev=nvidia-690");
            return node;
        }),
        .. Each("plugin parameters", backend => Parameterised(Vm101(LabNodes.A30(backend), 689))),
        new("plugin parameters, Proxmox takes an earlier function, vfio", () => Parameterised(Earlier("9.2"))),
        new("mapping, Proxmox takes an earlier function, vfio", () => Earlier("9.2")),
        new("mapping, Proxmox takes an earlier function, vfio of 8.4", () => Earlier("8.4")),
        .. Each("compute instances left to the guest", backend =>
        {
            var node = Vm101(LabNodes.A30(backend), 689);
            node.Host.Put(Settings, """{"computeInstance":"guest"}""");
            return node;
        }),
        new("instance shared by two VMs", () =>
        {
            var node = LabNodes.Of(["RTX PRO 6000"], LabBackend.Vfio);
            var type = node.Host.State.Gpus[0].Model.Types.First(
                t => t.Name.EndsWith("DC-1-12Q", StringComparison.Ordinal));
            var function = node.Host.State.Gpus[0].FunctionAt(0).ToString();
            var other = node.Host.State.Gpus[0].FunctionAt(1).ToString();
            node.CreateVm(new VmId(Vm), $"0={function},mdev=nvidia-{type.Id}");
            node.CreateVm(new VmId(102), $"0={other},mdev=nvidia-{type.Id}");
            Assert.Null(node.Start(102).Error);
            return node;
        }),
    ];

    /// <summary>
    /// The first function is reserved at pre-start and free at the choice, and two instances wait: the hook prepares
    /// the second function, Proxmox takes the first.
    /// </summary>
    private static LabHostNode Parameterised(LabHostNode node)
    {
        node.Host.Put(
            Settings, """{"vgpuParameters":{"101":{"hostpci0":{"enable_uvm":1,"enable_profiling":1}}}}""");
        return node;
    }

    private static LabHostNode Earlier(string pve)
    {
        var node = LabNodes.Of(["A30"], LabBackend.Vfio, pve: pve);
        node.MapFunctions("gpus", First, "0000:4b:00.5", "0000:4b:00.6");
        node.CreateVm(new VmId(Vm), "0=mapping=gpus,mdev=nvidia-690");
        using (var driver = node.Connect(_ => { }).Driver.Open())
        {
            var gpu = PciAddress.Parse(LabNodes.Gpu);
            var profile = driver.GetProfiles(gpu).First(p => p.Name == "2g.12gb");
            foreach (var start in (int[])[0, 2])
            {
                var instance = driver.CreateInstance(gpu, profile.Id, new Placement(start, 2))!.Value;
                driver.CreateComputeInstance(
                    gpu, instance, driver.GetComputeProfiles(gpu, instance).MaxBy(p => p.ComputeSlices)!.Id);
            }
        }

        ProxmoxHost proxmox = node.Connect(_ => { }).Proxmox;
        proxmox.ReserveFirstAsync([PciAddress.Parse(First)], new VmId(200), TimeSpan.FromSeconds(20), default).Wait();
        node.Proxmox.VolumeActivation = (_, ct) =>
        {
            proxmox.UnreserveAsync(PciAddress.Parse(First), new VmId(200), ct).Wait(ct);
            return node.Host.WaitAsync(TimeSpan.FromSeconds(30), ct);
        };
        return node;
    }

    /// <summary>Between pre-start and Proxmox's choice time passes, and the timer sweeps.</summary>
    private static LabHostNode WithTime(LabHostNode node)
    {
        node.Proxmox.VolumeActivation = async (_, ct) =>
        {
            await node.Host.WaitAsync(TimeSpan.FromSeconds(90), ct);
            Assert.True((await node.RunHookAsync(["sweep"], cancellationToken: ct)).Succeeded);
        };
        return node;
    }

    private static CrashScenario[] Each(string name, Func<LabBackend, LabHostNode> make) =>
    [
        new($"{name}, mdev", () => WithTime(make(LabBackend.Mdev))),
        new($"{name}, vfio", () => WithTime(make(LabBackend.Vfio))),
    ];

    private static LabHostNode Vm101(LabHostNode node, int type)
    {
        node.CreateVm(new VmId(Vm), $"0={First},mdev=nvidia-{type}");
        return node;
    }
}
