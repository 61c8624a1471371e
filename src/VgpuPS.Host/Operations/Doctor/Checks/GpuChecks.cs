using VgpuPS.Core.Rows;
using VgpuPS.Core.Settings;
using static VgpuPS.Host.Operations.Doctor.CheckOutcome;

namespace VgpuPS.Host.Operations.Doctor.Checks;

/// <summary>Virtual functions and MIG mode.</summary>
/// <remarks>Source: facts/errors.md A9, B1-B7, C2, D3; facts/host-behaviour.md 1-4; design.md section 6 for the order
/// at boot.</remarks>
internal static class GpuChecks
{
    public static IEnumerable<HostCheck> All =>
    [
        new("SriovToolMissing", "Sriov", "sriov-manage is installed", p => OnVgpuDriver(p, () => p.Driver.HasSriovTool
            ? Pass("/usr/lib/nvidia/sriov-manage")
            : Fail("/usr/lib/nvidia/sriov-manage does not exist", "the driver's installation is incomplete",
                "reinstall it: Initialize-VgpuHost -DriverPath <file.run>"))),
        new("SriovUnsupported", "Sriov", "GPUs offer virtual functions, or mediated devices themselves", CheckSupport),
        new("FunctionsOff", "Sriov", "virtual functions that VMs name are enabled, or the hook may enable them",
            CheckOff),
        new("FunctionsIncomplete", "Sriov", "a GPU has all of its functions or none", p => WarnOf(
            [.. p.Gpus.Where(g => g.EnabledFunctions > 0 && g.EnabledFunctions < g.TotalFunctions)
                .Select(g => $"GPU {g.Address}: {g.EnabledFunctions} of {g.TotalFunctions}")],
            "all or none", "sriov-manage was interrupted, or a number was written by hand",
            $"enable them again: sriov-manage -d {Partial(p)}; sriov-manage -e {Partial(p)}")),
        new("FunctionUnbound", "Sriov", "functions are bound to the driver", CheckBound),
        new("FunctionWithoutTypes", "Sriov", "virtual functions offer vGPU types", CheckTypes),
        new("UnbindLockHeld", "Sriov", "nothing prevents functions from being enabled", CheckClients),
        new("InstancesBeforeFunctions", "Sriov", "no GPU instance was created before the functions", CheckOrder),
        new("SriovUnitUnordered", "Sriov", "Proxmox's unit for functions runs before the layout is applied",
            p => WarnOf(
            p.Facts.UnorderedSriovUnits.Value, "no such unit, or a drop-in orders it",
            "enabling functions later destroys the GPU instances that the layout created",
            "order it: install -d /etc/systemd/system/pve-nvidia-sriov@.service.d; "
                + "printf '[Unit]\\nBefore=vgpups.service\\n' > "
                + "/etc/systemd/system/pve-nvidia-sriov@.service.d/vgpups.conf; systemctl daemon-reload")),
        new("VgpuCreateRefused", "Sriov", "the driver refused no vGPU since the boot",
            p => p.FindInLog("Failed to add vgpu create request") is { } line
            ? p.LastGoodStart is { } start && start.Time > line.Time
                ? Pass($"over: {line.Quote}; since then: {start.Quote}")
                : Warn(line.Quote, "GPU instances were created before the functions, or no GPU instance fits the type",
                    "create them again: Get-MigInstance | Remove-MigInstance; Sync-VgpuLayout")
            : Pass("no entry about it in the kernel log")),
        new("MigModePending", "Mig", "MIG mode is as requested", CheckPending),
        new("MigModeOff", "Mig", "VMs with a MIG-backed vGPU find MIG mode on, or may enable it",
            p => CheckMode(p, wantsMig: true)),
        new("MigModeOn", "Mig", "VMs with a time-sliced vGPU find a GPU with MIG mode off",
            p => CheckMode(p, wantsMig: false)),
        new("MigUnsupported", "Mig", "the layout requests MIG only where the GPU has it", CheckMigLayout),
        new("IdleHookInstance", "Mig", "no hook-managed GPU instance is orphaned", CheckIdle) { IsRepairable = true },
    ];

    private static CheckOutcome OnVgpuDriver(DoctorSnapshot p, Func<CheckOutcome> look) =>
        !p.Driver.IsLoaded ? Skip("the driver is not loaded")
        : !p.Driver.HasVgpuManager ? Skip("see DriverWrongFlavour")
        : look();

    private static PciAddress? Partial(DoctorSnapshot p) =>
        p.Gpus.FirstOrDefault(g => g.EnabledFunctions > 0 && g.EnabledFunctions < g.TotalFunctions)?.Address;

    private static CheckOutcome CheckSupport(DoctorSnapshot p) => OnVgpuDriver(p, () =>
    {
        var found = p.Gpus.Select(g => (Gpu: g, Why: GpuBoard.WhyWithoutFunctions(g))).Where(g => g.Why is not null)
            .ToList();
        return FailOf(
            [.. found.Select(g => $"GPU {g.Gpu.Address}: sriov_totalvfs is missing or 0")], "all do",
            string.Join("; ", found.Select(g => g.Why!.Value.Cause).Distinct()),
            string.Join("; ", found.Select(g => g.Why!.Value.Fix).Distinct()));
    });

    private static CheckOutcome CheckOff(DoctorSnapshot p)
    {
        if (p.Settings.Sriov == SriovPolicy.Ensure)
        {
            return Pass("the hook enables what a VM needs");
        }

        var off = p.Gpus.Where(g => g.TotalFunctions > 0 && g.EnabledFunctions == 0).Select(g => g.Address).ToHashSet();
        return WarnOf(
            [.. p.Vms.SelectMany(v => v.Requests.SelectMany(r => r.Candidates).Where(c => off.Contains(c.Gpu)).Take(1)
                .Select(c => $"VM {v.Vm} requests {c.Address}, and GPU {c.Gpu} has no virtual functions enabled"))],
            "none is missing", "virtual functions are disabled, and \"sriov\": "
                + "\"never\" in /etc/vgpups/config.json keeps the hook from enabling them",
            "enable them: Enable-Sriov <gpu>; or allow the hook to do it: \"sriov\": \"ensure\"");
    }

    private static CheckOutcome CheckBound(DoctorSnapshot p) => OnVgpuDriver(p, () =>
    {
        var lost = p.Gpus.Where(g => g.Driver == "nvidia" && g.EnabledFunctions > 0)
            .SelectMany(g => p.Host.Devices.GetFunctions(g))
            .Where(f => f.Driver != "nvidia").ToList();
        return WarnOf(
            [.. lost.Select(
                f => $"function {f.Address} has {(f.Driver is null ? "no driver" : $"driver {f.Driver}")}")],
            "all are", "it was unbound by hand, or a VM uses it as a plain PCI device; a vGPU on it fails",
            $"stop the VM that has it, then recreate the functions: sriov-manage -d {lost.FirstOrDefault()?.Parent}; "
                + $"sriov-manage -e {lost.FirstOrDefault()?.Parent}");
    });

    private static CheckOutcome CheckTypes(DoctorSnapshot p) => OnVgpuDriver(p, () =>
    {
        var lacking = p.Gpus.Where(g => g.Driver == "nvidia" && g.EnabledFunctions > 0)
            .Select(g => (Gpu: g.Address, Functions: p.Host.Devices.GetFunctions(g).Where(f => f.LacksTypes)
                .Select(f => f.Address.ToString()).ToList()))
            .Where(g => g.Functions.Count > 0).ToList();
        return p.Facts.FindUnit(Core.Platform.HostUnits.Vgpud) is { HasFailed: true } ? Skip("see VgpudFailed")
            : FailOf(
                [.. lacking.Select(g => $"GPU {g.Gpu} has {FunctionTypes.Describe(g.Functions)}")],
                "all do", FunctionTypes.Cause,
                lacking.Count == 0 ? "" : FunctionTypes.Action(lacking[0].Gpu));
    });

    private static CheckOutcome CheckClients(DoctorSnapshot p) => OnVgpuDriver(p, () =>
    {
        var clients = p.Gpus.Where(g => g is { TotalFunctions: > 0, EnabledFunctions: 0 })
            .SelectMany(g => p.Host.Clients.Find(g.Address, []).Select(c => (Gpu: g.Address, Client: c))).ToList();
        return WarnOf(
            [.. clients.Select(c => $"{c.Client.Text} has GPU {c.Gpu} open")],
            "no program has a GPU open whose virtual functions are disabled",
            "sriov-manage will report: Cannot obtain unbindLock",
            $"stop it before the functions are enabled: {clients.Select(c => c.Client.StopCommand).FirstOrDefault()}");
    });

    private static CheckOutcome CheckOrder(DoctorSnapshot p) => OnAnsweringDriver(p, () => WarnOf(
        [.. p.Report.Gpus.Where(g => g is { TotalFunctions: > 0, EnabledFunctions: 0, InstanceCount: > 0 })
            .Select(g => $"GPU {g.GpuAddress}: {g.Instances.Count} GPU instances and no virtual functions enabled")],
        "none was", "enabling functions rebinds the driver, which destroys GPU instances",
        "enable functions first, then create the instances again: Enable-Sriov <gpu> -Force; Sync-VgpuLayout"));

    internal static CheckOutcome OnAnsweringDriver(DoctorSnapshot p, Func<CheckOutcome> look) =>
        p.DriverAnswers ? OnVgpuDriver(p, look) : Skip("the driver does not answer");

    private static CheckOutcome CheckPending(DoctorSnapshot p) => OnAnsweringDriver(p, () =>
    {
        var pending = p.Report.Gpus.Where(g => g.MigCurrent != g.MigPending).ToList();
        return WarnOf(
            [.. pending.Select(
                g => $"GPU {g.GpuAddress}: MIG mode is {(g.MigCurrent == true ? "on" : "off")}, and "
                    + $"{(g.MigPending == true ? "on" : "off")} after a reset")],
            "all are", "the change waits for a GPU reset or a restart, because something uses the GPU",
            "stop what uses it (fuser -v /dev/nvidia*), then: "
                + $"nvidia-smi --gpu-reset -i {pending.FirstOrDefault()?.GpuAddress}");
    });

    private static CheckOutcome CheckMode(DoctorSnapshot p, bool wantsMig) => OnAnsweringDriver(p, () =>
    {
        if (wantsMig && p.Settings.MigMode != MigModePolicy.Never)
        {
            return Pass("the hook may enable it");
        }

        var agreed = p.Layout?.Gpus.Any(l => l.Mig == wantsMig) == true;
        var found = new List<string>();
        foreach (var (vm, request) in p.Vms.SelectMany(v => v.Requests.Select(r => (v.Vm, r))))
        {
            var gpus = p.Report.Gpus.Where(g => request.Candidates.Any(c => c.Gpu.ToString() == g.GpuAddress)
                && g.Types.Any(t => t.VgpuTypeId == request.Type.Value && t.Profile is not null == wantsMig)).ToList();
            if (gpus.Count > 0 && !agreed && gpus.TrueForAll(g => g.MigCurrent == !wantsMig))
            {
                found.Add($"VM {vm} {request.Name} requests type {request.Type}, "
                    + $"and MIG mode of GPU {gpus[0].GpuAddress} is {(wantsMig ? "off" : "on")}");
            }
        }

        return WarnOf(
            found, "all do", wantsMig ? "such types exist in MIG mode only" : "such types do not exist in MIG mode",
            wantsMig ? "enable it while the GPU is idle: Enable-MigMode <gpu>" : "disable it while the GPU is idle: "
                + "Disable-MigMode <gpu>");
    });

    private static CheckOutcome CheckMigLayout(DoctorSnapshot p) => OnAnsweringDriver(p, () => FailOf(
        [.. (p.Layout?.Gpus ?? []).Where(l => l.Mig == true).SelectMany(l => p.Report.Gpus
            .Where(g => g.MigCurrent is null && FilesChecks.IsMeant(l, g))
            .Select(g => $"GPU {g.GpuAddress} ({g.Model}) has no "
                + $"MIG, and entry {l.Gpu} of the layout requests it"))],
        "it does", "the model has no MIG, or its firmware or display mode hides it",
        "correct it: Export-VgpuLayout -Save; or edit /etc/vgpups/layout.json"));

    private static CheckOutcome CheckIdle(DoctorSnapshot p) => OnAnsweringDriver(p, () =>
    {
        if (p.Settings.Reclaim == ReclaimPolicy.Never)
        {
            return Pass("\"reclaim\": \"never\" keeps them");
        }

        return p.Claims.Claims.Count > 0
            ? Pass("VMs have claims, which may need them")
            : WarnOf(
                [.. p.Report.Gpus.SelectMany(g => g.Instances.Where(i => IsIdle(p, g, i))
                    .Select(i => $"GPU instance {i.GpuInstanceId} ({i.Profile}) of GPU {g.GpuAddress}"))],
                "none is", "a run of the hook was killed, or a VM was still stopping when it released its objects",
                "release it: vgpu-hook sweep");
    });

    private static bool IsIdle(DoctorSnapshot p, GpuInfo gpu, MigInstanceInfo instance) =>
        p.Claims.Instances.Any(
            m => m.IsOurs && m.Gpu.ToString() == gpu.GpuAddress && m.Instance?.Value == instance.GpuInstanceId)
        && !gpu.Vgpus.Any(v => v.GpuInstanceId == instance.GpuInstanceId);
}
