using VgpuPS.Core.Capacity;
using VgpuPS.Core.Rows;
using static VgpuPS.Host.Operations.Doctor.CheckOutcome;

namespace VgpuPS.Host.Operations.Doctor.Checks;

/// <summary>What a start of a VM needs: the hook, and entries that Proxmox and the hook understand.</summary>
/// <remarks>Source: facts/proxmox.md (a), (b), (c); facts/errors.md E6, E7; the checks of Test-VgpuHook.</remarks>
internal static class VmStartChecks
{
    private const string Area = "VmStart";

    public static IEnumerable<HostCheck> All =>
    [
        new("HookNotInstalled", Area, "the hook is installed",
            p => Hook(p, "Installed", isWarning: false, "the package was never installed, or removed")),
        new("HookNotRegistered", Area, "VMs with a vGPU have the hook", p => Hook(p, "Registered", isWarning: true,
            "without it nothing creates what the vGPU needs before the start")),
        new("HookFileMissing", Area, "the hook's file of each VM is there", p => Hook(p, "File", isWarning: false,
            "its storage is missing or not mounted, or the file was deleted: each start "
                + "fails")) { IsRepairable = true },
        new("SnippetsNotAllowed", Area, "the hook's storage has snippets among its content", p =>
            Hook(p, "Storage", isWarning: false, "Proxmox refuses a hookscript from a storage without that content"))
        {
            IsRepairable = true
        },
        new("HookNotExecutable", Area, "the hook's file may be executed",
            p => Hook(p, "Executable", isWarning: false, "it was copied without its mode: each start fails"))
        {
            IsRepairable = true
        },
        new("HookOutdated", Area, "the hook's file is the installed program", p => Hook(p, "Content", isWarning: true,
            "the package was updated and the copy was not, or it is another program")) { IsRepairable = true },
        new("ChainBroken", Area, "chained scripts are there and executable",
            p => Hook(p, "Chain", isWarning: false, "the script was moved, or copied without its mode")),
        new("VgpuEntryUnusable", Area, "vGPU entries of VMs can be used", p => Problems(
            p, e => e.ErrorId is ErrorIds.UnusableVgpuEntry or ErrorIds.NotAVgpuFunction
                or ErrorIds.PciExpressUnsupported,
            "Proxmox drops, misreads or refuses the line, or it names no function of a GPU")),
        new("VgpuMixRefused", Area, "vGPUs of a VM are as many, and of such types, as the driver allows", CheckMix),
        new("VgpuFunctionMissing", Area, "functions and mappings that VMs name exist", p => Problems(
            p, e => e.ErrorId is ErrorIds.DeviceNotFound or ErrorIds.MappingNotFound,
            "the GPU was moved to another slot, or the mapping has no entry for this node")),
        new("VmConfigUnreadable", Area, "configurations of VMs can be read", p => Problems(
            p, e => e is UnreadableDataException or ProgramFaultException,
            "the cluster file system does not answer, or the file is damaged")),
        new("MappingMismatch", Area, "mappings of VMs match the hardware", p => FailOf(
            [.. p.Vms.Select(v => v.MappingProblem).OfType<VgpuException>().Select(e => e.Message)
                .Distinct(StringComparer.Ordinal)],
            "all do", "a device was replaced, or functions were recreated: their IOMMU groups may have changed",
            p.Vms.Select(v => v.MappingProblem?.RecommendedAction).OfType<string>().FirstOrDefault() ?? "")),
        new("VgpuTypeUnknown", Area, "vGPU types that VMs name exist", CheckTypes),
        new("VgpuParametersRefused", Area, "vGPU types allow the plugin parameters that are configured",
            CheckParameters),
        new("FunctionNamedTwice", Area, "no two running or starting VMs name one function", CheckDuplicates),
    ];

    private static CheckOutcome Hook(DoctorSnapshot p, string check, bool isWarning, string cause)
    {
        var checks = p.Hooks.Where(c => c.Check == check).ToList();
        var wrong = checks.Where(c => !c.Passed && !IsExplained(p, c.Check)).ToList();
        if (checks.Count == 0 || (wrong.Count == 0 && checks.Exists(c => !c.Passed)))
        {
            return checks.Count == 0 ? Skip("no VM is affected") : Skip("see HookNotInstalled");
        }

        string[] found = [
            .. wrong.Select(c => c.VmId is { } vm ? $"VM {vm}: {c.Detail}" : $"{c.Detail} does not exist")];
        var fix = wrong.Select(c => c.RecommendedAction).OfType<string>().FirstOrDefault() ?? "";
        return isWarning ? WarnOf(found, checks[0].Detail, cause, fix) : FailOf(found, checks[0].Detail, cause, fix);
    }

    /// <summary>Without the installed program no copy can be compared with it.</summary>
    private static bool IsExplained(DoctorSnapshot p, string check) => check == "Content"
        && p.Hooks.Any(c => c is { Check: "Installed", Passed: false });

    private static CheckOutcome Problems(DoctorSnapshot p, Func<VgpuException, bool> isMeant, string cause)
    {
        var found = p.Vms.Where(v => v.Problem is { } e && isMeant(e)).ToList();
        return FailOf(
            [.. found.Select(v => $"VM {v.Vm}: {v.Problem!.Message}")], $"{p.Vms.Count} VMs", cause,
            found.Count == 0 ? "" : found[0].Problem!.RecommendedAction);
    }

    private static CheckOutcome CheckTypes(DoctorSnapshot p) => GpuChecks.OnAnsweringDriver(p, () =>
    {
        if (p.Report.Gpus.All(g => g.Types.Count == 0))
        {
            return Skip("no GPU has types; see NoVgpuTypes");
        }

        return FailOf(
            [.. p.Vms.SelectMany(
                v => v.Requests.Where(r => !IsKnown(p, r)).Select(r => $"VM {v.Vm} {r.Name}: type {r.Type}"))],
            "all do", "the number belongs to another model, or was mistyped",
            "see the types: Get-VgpuType; then: Set-VmVgpu <vm> -Type <name>");
    });

    private static CheckOutcome CheckMix(DoctorSnapshot p) => GpuChecks.OnAnsweringDriver(p, () =>
    {
        var found = p.Vms.Where(v => v.Requests.Count > 1)
            .Select(v => (v.Vm, Breach: VmVgpuLimits.Find(
                [.. v.Requests.Select(r => (r.Name, Type: FindType(p, r))).Where(r => r.Type is not null)
                    .Select(r => new VmVgpu(r.Name, r.Type!))],
                (one, other) => p.Report.Gpus.Any(g => Has(g, one) && Has(g, other)))))
            .Where(v => v.Breach is not null).ToList();
        return FailOf(
            [.. found.Select(f => $"VM {f.Vm} requests {string.Join(", ", f.Breach!.Before.Append(f.Breach.Excess))}, "
                + $"and {f.Breach.Rule}")],
            "all are", "the entries were written by hand or by a tool; neither hook nor vGPU manager accepts them",
            "remove an entry, or choose another type (Set-VmVgpu): "
                + found.Select(f => $"Remove-VmVgpu {f.Vm} {f.Breach!.Excess.Entry}").FirstOrDefault());

        static bool Has(GpuInfo gpu, VgpuType type) => gpu.Types.Any(t => t.VgpuTypeId == type.Id.Value);
    });

    private static CheckOutcome CheckParameters(DoctorSnapshot p) => GpuChecks.OnAnsweringDriver(p, () =>
    {
        var found = p.Vms.SelectMany(v => v.Requests.Select(r => (v.Vm, Request: r, Type: FindType(p, r))))
            .Where(v => v.Type is not null)
            .Select(v => (v.Vm, v.Request, Fault: VgpuParameters.FindFault(
                VgpuParameters.Read(v.Request.Parameters), v.Type!)))
            .Where(v => v.Fault is not null).ToList();
        return FailOf(
            [.. found.Select(f => $"VM {f.Vm} {f.Request.Name}: {f.Fault}")], "all do",
            "the type was changed with qm, or the configuration was edited: the start is refused",
            "take them away: "
                + found.Select(f => $"Set-VmVgpu {f.Vm} {f.Request.Name} -Parameter @{{}}").FirstOrDefault());
    });

    /// <summary>The type of a request on the first of its GPUs that has it, as far as a VM's limits go.</summary>
    private static VgpuType? FindType(DoctorSnapshot p, VmVgpuRequest request) => p.Report.Gpus
        .Where(g => request.Candidates.Any(c => c.Gpu.ToString() == g.GpuAddress)).SelectMany(g => g.Types)
        .Where(t => t.VgpuTypeId == request.Type.Value)
        .Select(t => new VgpuType(request.Type, t.VgpuType, t.Class, t.FramebufferMiB, t.MaxPerGpu, null,
            t.Profile is null ? null : default(ProfileId))
        {
            MaxPerVm = t.MaxPerVm,
            IsExclusiveInVm = t.IsExclusiveInVm,
        }).FirstOrDefault();

    private static bool IsKnown(DoctorSnapshot p, VmVgpuRequest request) => p.Report.Gpus
        .Where(g => request.Candidates.Any(c => c.Gpu.ToString() == g.GpuAddress))
        .Any(g => g.Types.Any(t => t.VgpuTypeId == request.Type.Value));

    private static CheckOutcome CheckDuplicates(DoctorSnapshot p) => WarnOf(
    [
        .. p.Vms.SelectMany(v => v.Requests.Where(r => !r.IsMapped && r.Candidates.Count == 1)
            .Select(r => (v.Vm, r.Candidates[0].Address, r.Candidates[0].Gpu)))
            .Where(r => r.Address != r.Gpu).GroupBy(r => r.Address)
            .Where(g => g.Select(r => r.Vm).Distinct().Count() > 1 && g.Any(r => p.Host.Proxmox.IsRunning(r.Vm)))
            .Select(
                g => $"function {g.Key} is named by VMs {string.Join(", ", g.Select(r => r.Vm).Distinct())}, and one "
                    + "of them runs"),
    ], "none do", "a VM was cloned with its vGPU entry; the others cannot start while this one runs",
        "use a separate function for each VM: Set-VmVgpu <vm> -Function <address>; or use a mapping");
}
