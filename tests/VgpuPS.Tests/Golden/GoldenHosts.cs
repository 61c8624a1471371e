using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using VgpuPS.Tests.Operations.Doctor;
using Xunit;

namespace VgpuPS.Tests.Golden;

/// <summary>Hosts of every kind, each with what is typical on it.</summary>
internal static class GoldenHosts
{
    public static IReadOnlyDictionary<string, Func<LabHostNode>> All { get; } = new Dictionary<string,
        Func<LabHostNode>>
    {
        ["mig-vfio"] = () => WithMigVms(LabBackend.Vfio),
        ["mig-mdev"] = () => WithMigVms(LabBackend.Mdev),
        ["time-sliced-vfio"] = () => WithTimeSlicedVms(LabBackend.Vfio),
        ["time-sliced-mdev"] = () => WithTimeSlicedVms(LabBackend.Mdev),
        ["classic-mdev"] = Classic,
        ["shared-instance"] = SharedInstance,
        ["mapped"] = Mapped,
        ["cluster"] = Cluster,
        ["booted"] = Booted,
        ["half-done"] = () => HalfDone(LabBackend.Vfio),
        ["left-over"] = LeftOver,
        ["licensed"] = Licensed,
        ["other-models"] = () => LabNodes.Of(["H100-PCIe", "L40S"], LabBackend.Vfio, mig: false, functions: false),
        ["no-gpu"] = () => LabHostNode.Create(new LabOptions { Gpus = [], WithVms = true }),
        ["no-driver"] = () => LabHostNode.Create(new LabOptions { IsBare = true, WithVms = true }),
        ["findings"] = Findings,
    };

    /// <summary>VM 101 on an instance of the hook's, 102 on a person's, 103 without a vGPU, 104 that would not
    /// fit.</summary>
    public static LabHostNode WithMigVms(LabBackend backend)
    {
        var s = Situation.Of(backend == LabBackend.Mdev ? "8.4" : "9.2", backend, models: ["A30", "A30"])
            .Vm(101, $"0={Situation.First},mdev=nvidia-689").Vm(102, $"0={Situation.Second},mdev=nvidia-690").Vm(103)
            .Vm(104, "0=0000:4b:00.6,mdev=nvidia-691");
        s.PersonCreates("2g.12gb", new Placement(2, 2), computeSlices: 2);
        s.Starts(101);
        s.Starts(102);
        return s.Node;
    }

    public static LabHostNode WithTimeSlicedVms(LabBackend backend)
    {
        var s = Situation.Of(backend == LabBackend.Mdev ? "8.4" : "9.2", backend, mig: false, models: ["A30", "A30"])
            .Vm(101, $"0={Situation.First},mdev=nvidia-685")
            .Vm(102, $"0={Situation.Second},mdev=nvidia-685", "1=0000:ca:00.4,mdev=nvidia-684");
        s.Host.Put(Situation.Settings, """{ "keepTypes": { "103": { "hostpci0": "nvidia-685" } } }""");
        s.Vm(103, "0=0000:4b:00.6,driver=keep");
        s.Starts(101);
        s.Starts(102);
        return s.Node;
    }

    /// <summary>A mapping over both GPUs, from which Proxmox serves two VMs; a third waits between its pre-start and
    /// QEMU.</summary>
    public static LabHostNode Mapped()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio, models: ["A30", "A30"]);
        s.Node.MapFunctions("gpus", "0000:4b:00.4", "0000:ca:00.4", "0000:4b:00.5", "0000:ca:00.5");
        s.Vm(101, "0=mapping=gpus,mdev=nvidia-690").Vm(102, "0=mapping=gpus,mdev=nvidia-689")
            .Vm(103, "0=mapping=gpus,mdev=nvidia-690");
        s.Starts(101);
        s.Starts(102);
        PreStarts(s, 103);
        return s.Node;
    }

    /// <summary>VM 101 runs; of VM 102 the pre-start alone is done.</summary>
    public static LabHostNode HalfDone(LabBackend backend)
    {
        var s = Situation.Of(backend == LabBackend.Mdev ? "8.4" : "9.2", backend)
            .Vm(101, $"0={Situation.First},mdev=nvidia-689").Vm(102, $"0={Situation.Second},mdev=nvidia-690");
        s.Starts(101);
        PreStarts(s, 102);
        return s.Node;
    }

    /// <summary>VM 101 runs; VM 102's pre-start was killed between its GPU instance and the compute instance in
    /// it.</summary>
    public static LabHostNode Killed(LabBackend backend)
    {
        var s = Situation.Of(backend == LabBackend.Mdev ? "8.4" : "9.2", backend)
            .Vm(101, $"0={Situation.First},mdev=nvidia-689").Vm(102, $"0={Situation.Second},mdev=nvidia-690");
        s.Starts(101);
        s.Host.Gate.Passing = (call, actor) =>
        {
            if (call.StartsWith("nvmlGpuInstanceCreateComputeInstance", StringComparison.Ordinal))
            {
                s.Host.Gate.Passing = null;
                s.Host.Gate.CrashBefore(1, actor);
            }
        };
        Assert.Equal(9, s.Node.Hook("102", "pre-start").Signal);
        Assert.Equal([0, 1], s.Gpu().Instances.Select(i => i.ComputeInstances.Count).Order());
        return s.Node;
    }

    private static void PreStarts(Situation s, int vm)
    {
        using (s.HoldConfigLock(vm))
        {
            var result = s.Node.Hook($"{vm}", "pre-start");
            Assert.True(result.Succeeded, result.Error);
        }
    }

    private static LabHostNode Classic()
    {
        var node = LabNodes.Of(["T4", "T4"], LabBackend.Mdev, mig: false, functions: false);
        var type = node.Host.State.Gpus[0].Model.Types.First(t => t.Name == "GRID T4-4Q").Id;
        node.CreateVm(new VmId(101), $"0={node.Host.State.Gpus[0].Address},mdev=nvidia-{type}");
        node.CreateVm(new VmId(102), $"0={node.Host.State.Gpus[1].Address},mdev=nvidia-{type}");
        Assert.Null(node.Start(101).Error);
        return node;
    }

    public static LabHostNode SharedInstance()
    {
        var node = LabNodes.Of(["RTX PRO 6000"], LabBackend.Vfio);
        var gpu = node.Host.State.Gpus[0];
        var type = gpu.Model.Types.First(t => t.Name.EndsWith("DC-1-12Q", StringComparison.Ordinal)).Id;
        foreach (var vm in (int[])[101, 102])
        {
            node.CreateVm(new VmId(vm), $"0={gpu.FunctionAt(vm - 101)},mdev=nvidia-{type}");
            Assert.Null(node.Start(vm).Error);
        }

        return node;
    }

    private static LabHostNode Cluster()
    {
        var node = Mapped();
        node.Host.Put(
            "/etc/pve/.members",
            """
            {
            "nodename": "pve1", "version": 4,
            "cluster": { "name": "lab", "version": 2, "nodes": 2, "quorate": 1 },
            "nodelist": {
              "pve1": { "id": 1, "online": 1, "ip": "10.0.0.1"},
              "pve2": { "id": 2, "online": 1, "ip": "10.0.0.2"}
              }
            }

            """);
        node.Host.Put(
            "/etc/pve/nodes/pve2/qemu-server/301.conf", "hostpci0: 0000:4b:00.4,mdev=nvidia-690\nname: elsewhere\n");
        return node;
    }

    private static LabHostNode Booted()
    {
        var host = new BootNode();
        host.Node.Host.Reboot(LabBootSetup.Slow());
        host.Boots(0);
        return host.Node;
    }

    private static LabHostNode LeftOver()
    {
        var s = Situation.Of("8.4", LabBackend.Vfio)
            .Vm(101, $"0={Situation.First},mdev=nvidia-689").Vm(102, $"0={Situation.Second},mdev=nvidia-690");
        s.Starts(101);
        s.Kills(101);
        s.Host.Gate.Fail("run /usr/bin/kvm", 1);
        Assert.NotNull(s.Node.Start(102).Error);
        return s.Node;
    }

    private static LabHostNode Licensed()
    {
        var node = LabHostNode.Create(new LabOptions { WithVms = true });
        HostFault.EnableFunctions(node);
        HostFault.CreateVm(node, 201, "0000:4b:00.4,mdev=nvidia-686");
        Assert.Null(node.Start(201).Error);
        node.Host.Edit(s => (s.Gpus[0].Vgpus[0].GuestDriver, s.Gpus[0].Vgpus[0].LicenseState) = ("580.105.06", 1));
        return node;
    }

    private static LabHostNode Findings()
    {
        var node = LabHostNode.Create(new LabOptions { WithVms = true });
        foreach (var fault in (string[])
            [
                "IommuOffInFirmware", "RestartPending", "MmioTooSmall", "GpuOnVfioPci", "NouveauNotBlacklisted",
                "DkmsMissing",
                "VgpudFailed", "FunctionsIncomplete", "VgpuTypeUnknown", "SnippetsNotAllowed", "ConfigUnreadable",
                "LayoutUnreadable", "ClaimsNewer",
            ])
        {
            HostFaults.All.First(f => f.Name == fault).Inject(node);
        }

        return node;
    }
}
