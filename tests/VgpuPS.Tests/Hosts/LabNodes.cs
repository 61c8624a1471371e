using System.Globalization;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Sysfs;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Proxmox;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hosts;

/// <summary>Nodes that tests start from, and what is left on them.</summary>
internal static class LabNodes
{
    public const string Gpu = "0000:4b:00.0";
    public const string OtherGpu = "0000:ca:00.0";

    /// <summary>A node of A30 GPUs; functions are on unless told otherwise.</summary>
    public static LabHostNode A30(LabBackend backend, bool mig = true, bool functions = true, int gpus = 1) =>
        Of([.. Enumerable.Repeat("A30", gpus)], backend, mig, functions);

    /// <summary>A node of any GPUs; its Proxmox is the one that goes with the back end unless told otherwise.</summary>
    public static LabHostNode Of(
        string[] models, LabBackend backend, bool mig = true, bool functions = true, string? pve = null)
    {
        var node = LabHostNode.Create(new LabOptions
        {
            Gpus = models,
            Backend = backend,
            PveVersion = pve ?? (backend == LabBackend.Mdev ? "8.4" : "9.2"),
        });
        node.Host.Edit(state => state.Gpus.ForEach(gpu => gpu.MigCurrent = gpu.MigPending = mig));
        if (functions)
        {
            foreach (var gpu in node.Host.State.Gpus.Select(g => g.Address).ToList())
            {
                var result = node.Host.Processes.RunAsync(
                    new("/usr/lib/nvidia/sriov-manage", ["-e", gpu], TimeSpan.FromMinutes(1)), default).Result;
                Assert.Equal(0, result.ExitCode);
            }
        }

        return node;
    }

    /// <summary>Writes a cluster mapping of functions as Proxmox's form does.</summary>
    public static void MapFunctions(this LabHostNode node, string id, params string[] functions)
    {
        SysfsPciDevices devices = node.Connect(_ => { }).Devices;
        var text = $"{id}\n\tmdev 1\n";
        foreach (var function in functions)
        {
            var facts = devices.FindFacts(PciAddress.Parse(function))!;
            text += string.Create(
                CultureInfo.InvariantCulture,
                $"\tmap id={facts.VendorId}:{facts.DeviceId},node={node.Host.State.Setup.Node},path={function}"
                + $",subsystem-id={facts.SubsystemVendorId}:{facts.SubsystemDeviceId},iommugroup={facts.IommuGroup}\n");
        }

        node.Host.Put("/etc/pve/mapping/pci.cfg", text);
    }

    public static LabTaskResult Start(this LabHostNode node, int vm) => node.Proxmox.StartAsync(new VmId(vm)).Result;

    public static LabTaskResult Stop(this LabHostNode node, int vm) => node.Proxmox.StopAsync(new VmId(vm)).Result;

    /// <summary>The stop of both generations: 8.4 calls post-stop in <c>qm cleanup</c> only.</summary>
    public static void StopAndCleanUp(this LabHostNode node, int vm)
    {
        Assert.Null(node.Stop(vm).Error);
        Assert.Null(node.Proxmox.CleanupAsync(new VmId(vm), clean: true, guest: false).Result.Error);
    }

    public static LabHookResult Hook(this LabHostNode node, params string[] arguments) =>
        node.RunHookAsync(arguments).Result;

    /// <summary>Instances, vGPUs, functions' types, claims and reservations in one text.</summary>
    public static string Snapshot(this LabHostNode node)
    {
        var lines = new List<string>();
        foreach (var gpu in node.Host.State.Gpus)
        {
            lines.Add($"gpu {gpu.Address} mig={gpu.MigCurrent}/{gpu.MigPending} functions={gpu.FunctionCount}");
            lines.AddRange(gpu.Instances.OrderBy(i => i.Start).Select(i =>
                $"  gi profile={i.Profile} at {i.Start} ci={i.ComputeInstances.Count}"));
            lines.AddRange(gpu.Vgpus.OrderBy(v => v.Function, StringComparer.Ordinal).Select(v =>
                $"  vgpu {v.Function} type={v.Type} {(v.Holder is null ? "idle" : "live")}"));
        }

        lines.Add("claims " + Claims(node));
        lines.Add("reservations " + Reservations(node));
        return string.Join('\n', lines);
    }

    /// <summary>Claims and hook-made instances; learned demand is no leftover.</summary>
    private static string Claims(LabHostNode node)
    {
        var file = node.Connect(_ => { }).Claims.Load();
        return string.Join("; ", file.Claims.Select(c => $"{c.Vm}.{c.Entry} {c.State} {c.Type}"))
            + " made " + string.Join("; ", file.Instances.Select(i => $"{i.Gpu} {i.Profile} {i.Placement}"));
    }

    // Times and process ids differ from start to start.
    private static string Reservations(LabHostNode node) =>
        string.Join("; ", node.Connect(_ => { }).Proxmox.GetReservations()
        .OrderBy(r => r.Function).Select(r => $"{r.Function} {r.Vm} {(r.IsHeld ? "held" : "stale")}"));
}
