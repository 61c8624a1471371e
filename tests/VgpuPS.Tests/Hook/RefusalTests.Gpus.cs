using System.Globalization;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;
using static VgpuPS.Tests.Hosts.RefusalCase;

namespace VgpuPS.Tests.Hook;

/// <content>GPUs in a state that does not fit the type, and GPUs that are full.</content>
public sealed partial class RefusalTests
{
    private const string Function = First;

    private static RefusalCase[] Gpus =>
    [
        .. Each("time-sliced type with MIG on", b => With(LabNodes.A30(b), 685),
            69, ["A30-6C", "time-sliced", "MIG mode of GPU 0000:4b:00.0 (NVIDIA A30) is on"],
            "nvidia-smi -i 0000:4b:00.0 -mig 0"),
        .. Each("MIG-backed type with MIG off", b => With(LabNodes.A30(b, mig: false)),
            69, ["A30-1-6C", "MIG-backed", "MIG mode of GPU 0000:4b:00.0 (NVIDIA A30) is off"],
            "nvidia-smi -i 0000:4b:00.0 -mig 1"),
        .. Each("MIG-backed type on a GPU without MIG", b =>
        {
            var node = With(LabNodes.A30(b, mig: false));
            node.Host.Gate.Fail("nvmlDeviceGetMigMode", NvmlStatus.NotSupported, times: 99);
            return node;
        }, 69, ["A30-1-6C", "MIG-backed", "has no MIG"], "vgpu-hook show"),
        .. Each("model without MIG", b => With(LabNodes.Of(["L4"], b, mig: false)),
            66, ["NVIDIA L4", "no vGPU type 689"], "vgpu-hook show"),
        .. Each("MIG on pending", b => Pending(b, now: false, then: true),
            69, ["is off", "on is pending"], "nvidia-smi --gpu-reset -i 0000:4b:00.0"),
        .. Each("MIG off pending", b => Pending(b, now: true, then: false),
            69, ["is on", "off is pending"], "nvidia-smi --gpu-reset -i 0000:4b:00.0"),
        .. Each("MIG switch needs a reset", b => Consented(b, state => state.Setup.MigChangeAsksForReset = true),
            69, ["0000:4b:00.0", "needs a GPU reset"], "nvidia-smi --gpu-reset -i 0000:4b:00.0", isLate: true,
            unforeseen: "the driver says so when the mode is set"),
        .. Each("MIG switch while a process is on the GPU",
            b => Consented(b, state => state.Gpus[0].ComputeProcesses.Add(777)),
            75, ["0000:4b:00.0", "in use by another client"], "fuser -v /dev/nvidia", isLate: true,
            unforeseen: "the driver says so when the mode is set"),
        .. Each("MIG switch while a time-sliced vGPU is on the GPU", b =>
        {
            var node = With(LabNodes.A30(b, mig: false), $"0000:4b:00.5,mdev=nvidia-689");
            node.Host.Put(Settings, """{"migMode":"whenIdle"}""");
            node.CreateVm(new VmId(102), $"0={Function},mdev=nvidia-685");
            Assert.Null(node.Start(102).Error);
            return node;
        }, 75, ["needs MIG mode", "which is off", $"function {Function} (VM 102)"], "qm shutdown 102"),
        .. Each("all instances occupied", Full,
            75, ["insufficient capacity for A30-1-6C", "1g.6gb at 0:1 (VM 10", "1g.6gb at 3:1 (VM 10", "VM 105"],
            "qm shutdown 10", isLate: true),
        .. Each("instance there and occupied, no room for another", b =>
        {
            var node = With(LabNodes.A30(b), $"0000:4b:00.5,mdev=nvidia-691");
            node.CreateVm(new VmId(102), $"0={Function},mdev=nvidia-691");
            Assert.Null(node.Start(102).Error);
            return node;
        }, 75, ["insufficient capacity for A30-4-24C", "4g.24gb at 0:4 (VM 102)"], "qm shutdown 102", isLate: true),
        .. Each("time-sliced size that is not on the GPU", b =>
        {
            var node = With(LabNodes.A30(b, mig: false), $"0000:4b:00.5,mdev=nvidia-687");
            node.CreateVm(new VmId(102), $"0={Function},mdev=nvidia-685");
            Assert.Null(node.Start(102).Error);
            return node;
        }, 75, ["insufficient capacity for A30-12C", "1 x A30-6C", $"function {Function} (VM 102)",
            "the maximum is 2 x A30-12C", "same size"],
        "qm shutdown 102"),
        .. Each("time-sliced GPU full of the size that is wanted", b =>
        {
            var node = With(LabNodes.A30(b, mig: false), "0000:4b:01.0,mdev=nvidia-685");
            for (var vm = 102; vm <= 105; vm++)
            {
                node.CreateVm(new VmId(vm), string.Create(
                    CultureInfo.InvariantCulture, $"0=0000:4b:00.{vm - 98},mdev=nvidia-685"));
                Assert.Null(node.Start(vm).Error);
            }

            return node;
        }, 75, ["insufficient capacity for A30-6C", "has 4 x A30-6C", "the maximum is 4 x A30-6C"],
            "do: stop VM 102 (qm shutdown 102), then: qm start 101"),
        .. Each("function behind those that are enabled", b =>
        {
            var node = With(LabNodes.A30(b), "0000:4b:02.0,mdev=nvidia-689,rombar=0");
            node.Host.Edit(state => state.Gpus[0].FunctionCount = 4);
            return node;
        }, 66, ["function 0000:4b:02.0", "has 4 of 16 virtual functions enabled"],
            "qm set 101 --hostpci0 <function>,mdev=nvidia-689,rombar=0"),
        .. Each("function of a mapping behind those that are enabled", b =>
        {
            var node = With(LabNodes.A30(b), "mapping=gpus,mdev=nvidia-689");
            node.MapFunctions("gpus", Function, "0000:4b:02.0");
            node.Host.Edit(state => state.Gpus[0].FunctionCount = 4);
            return node;
        }, 66, ["function 0000:4b:02.0 of mapping gpus (hostpci0)", "has 4 of 16 virtual functions enabled"],
            "pvesh set /cluster/mapping/pci/gpus --map node=pve1,path=0000:4b:00.4,"),
        .. Each("functions without vGPU types", b =>
        {
            var node = With(LabNodes.A30(b));
            node.Host.Edit(state => state.Gpus[0].FunctionsHaveTypes = false);
            return node;
        }, 69, [Function, "offers no vGPU types"], "systemctl status nvidia-vgpud nvidia-vgpu-mgr"),
        .. Each("type whose profile the GPU does not report", b =>
        {
            var node = With(LabNodes.A30(b));
            node.Host.Gate.Fail("nvmlDeviceGetGpuInstanceProfileInfoV", NvmlStatus.NotSupported, times: 999);
            return node;
        }, 66, ["A30-1-6C", "needs a GPU instance of profile 14", "does not offer"], "nvidia-smi mig -lgip"),
        .. Each("functions of a mapping that must go for MIG mode while its VM runs", b =>
        {
            var node = With(LabNodes.Of(["H100 PCIe"], b, mig: false), "0000:4b:00.5,mdev=nvidia-821");
            node.Host.Put(Settings, """{"migMode":"whenIdle"}""");
            node.MapFunctions("gpus", Function);
            node.CreateVm(new VmId(102), "0=mapping=gpus,mdev=nvidia-822");
            LockConfig(node, 102);
            return node;
        }, 75, ["needs MIG mode on GPU 0000:4b:00.0", "requires its virtual functions to be disabled", "VM 102"],
            "qm shutdown 102"),
        .. Each("functions off while an instance exists", b =>
        {
            var node = With(LabNodes.A30(b, functions: false));
            using var driver = node.Connect(_ => { }).Driver.Open();
            var gpu = PciAddress.Parse(LabNodes.Gpu);
            driver.CreateInstance(gpu, driver.GetProfiles(gpu).First(p => p.Name == "2g.12gb").Id, new Placement(0, 2));
            return node;
        }, 69, ["functions of GPU 0000:4b:00.0 (NVIDIA A30) are disabled", "would destroy", "2g.12gb at 0:2"],
            "nvidia-smi mig -i 0000:4b:00.0 -dgi"),
        .. Each("functions off while mixed sizes are on", b =>
        {
            var node = With(LabNodes.A30(b, mig: false, functions: false), 685);
            node.Host.Edit(state => state.Gpus[0].MixedSizes = true);
            return node;
        }, 69, ["are disabled", "mixed-size mode"],
        "sriov-manage -e 0000:4b:00.0; nvidia-smi vgpu -i 0000:4b:00.0 -shm 1"),
        .. Each("functions off and not to be enabled", b =>
        {
            var node = With(LabNodes.A30(b, functions: false));
            node.Host.Put(Settings, """{"sriov":"never"}""");
            return node;
        }, 69, ["are disabled", "sriov is never"], "/usr/lib/nvidia/sriov-manage -e 0000:4b:00.0"),
        .. Each("function bound to vfio-pci", b =>
        {
            var node = With(LabNodes.A30(b));
            node.Host.Edit(state => state.Gpus[0].FunctionDrivers[Function] = "vfio-pci");
            return node;
        }, 69, [Function, "bound to vfio-pci instead of nvidia"], "/usr/lib/nvidia/sriov-manage -d 0000:4b:00.0"),
        .. Each("GPU bound to vfio-pci", b =>
        {
            var node = With(LabNodes.A30(b, functions: false));
            node.Host.Edit(state => state.Gpus[0].Driver = "vfio-pci");
            return node;
        }, 69, ["GPU 0000:4b:00.0 of hostpci0", "bound to vfio-pci instead of nvidia"],
            "vgpu-hook doctor VfioIdsOption"),
        .. Each("GPU without a driver", b =>
        {
            var node = With(LabNodes.A30(b, functions: false));
            node.Host.Edit(state => state.Gpus[0].Driver = null);
            return node;
        }, 69, ["GPU 0000:4b:00.0 of hostpci0", "bound to no driver"], "modprobe nvidia"),
    ];

    private static LabHostNode Pending(LabBackend backend, bool now, bool then)
    {
        var node = With(LabNodes.A30(backend));
        node.Host.Edit(state => (state.Gpus[0].MigCurrent, state.Gpus[0].MigPending) = (now, then));
        return node;
    }

    private static LabHostNode Consented(LabBackend backend, Action<LabState> change)
    {
        var node = With(LabNodes.A30(backend, mig: false));
        node.Host.Put(Settings, """{"migMode":"whenIdle"}""");
        node.Host.Edit(change);
        return node;
    }

    private static LabHostNode Full(LabBackend backend)
    {
        var node = With(LabNodes.A30(backend), $"0000:4b:01.0,mdev=nvidia-689");
        for (var vm = 102; vm <= 105; vm++)
        {
            var function = string.Create(CultureInfo.InvariantCulture, $"0000:4b:00.{vm - 98}");
            node.CreateVm(new VmId(vm), $"0={function},mdev=nvidia-689");
            Assert.Null(node.Start(vm).Error);
        }

        return node;
    }
}
