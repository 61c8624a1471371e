using VgpuPS.Core.Proxmox;
using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Migration;

/// <summary>Whether a VM with vGPUs can be migrated: each rule by itself, and the sum.</summary>
/// <remarks>Source: facts/cluster.md D5 to D14; facts/numa.md C1, C6, C8; facts/proxmox.md (a).</remarks>
public static partial class MigrationRules
{
    /// <summary>The check that sums up.</summary>
    public const string Sum = "Migration";

    private const string StoppedVm = "the VM does not run, so it is moved offline";

    // What NVIDIA's driver, a vGPU and its memory ask for; a VM without one meets none of it.
    private static readonly string[] s_ofVgpus =
    [
        "LiveMigration", "QemuServer", "DriverVersion", "EccMode", "Parameters", "VgpuType", "Capacity", "HostMemory",
        "License", "Nvml", "VgpuVersion",
    ];

    // What Proxmox does not look at when it moves a stopped VM, whose next start fails then.
    private static readonly string[] s_ofStart =
        ["DriverVersion", "VgpuType", "Capacity", "HostMemory", "Affinity", "Numa", "Hook"];

    private delegate Finding Rule(MigrationSource vm, MigrationTarget target);

    private static readonly (string Check, Rule Judge)[] s_rules =
    [
        ("VmLock", JudgeLock),
        ("Proxmox", JudgeProxmox),
        ("LocalDevice", JudgeLocalDevices),
        ("Mapping", JudgeMapping),
        ("LiveMigration", JudgeLiveMigration),
        ("HighAvailability", JudgeHighAvailability),
        ("Replication", JudgeReplication),
        ("QemuServer", JudgeQemuServer),
        ("DriverVersion", JudgeDriver),
        ("EccMode", JudgeEcc),
        ("Parameters", JudgeParameters),
        ("VgpuType", JudgeTypes),
        ("Capacity", JudgeCapacity),
        ("HostMemory", JudgeMemory),
        ("License", JudgeLicense),
        ("Affinity", JudgeAffinity),
        ("Numa", JudgeNuma),
        ("Hook", JudgeHook),
        ("Nvml", JudgeNvml),
        ("VgpuVersion", JudgeVgpuVersion),
    ];

    /// <summary>Names of the checks, in order.</summary>
    public static IReadOnlyList<string> Checks => [.. s_rules.Select(r => r.Check)];

    /// <summary>A row for each rule, and the sum.</summary>
    public static IReadOnlyList<VmVgpuMigrationInfo> Judge(MigrationSource vm, MigrationTarget target)
    {
        var judged = s_rules.ToDictionary(r => r.Check, r => vm.Entries.Count == 0 && s_ofVgpus.Contains(r.Check)
            ? Skip("the VM has no vGPU") : r.Judge(vm, target));
        List<string> later = vm.IsRunning ? [] : [.. s_ofStart.Where(c => judged[c].Verdict == "Failed")];
        List<VmVgpuMigrationInfo> rows =
        [
            .. Checks.Select(c => Row(
                vm, target, c, later.Contains(c) ? judged[c] with { Verdict = "Warning" } : judged[c])),
        ];
        rows.Add(Row(vm, target, Sum, SumUp(vm, target, rows, later)));
        return rows;
    }

    private static Finding SumUp(
        MigrationSource vm, MigrationTarget target, List<VmVgpuMigrationInfo> rows, List<string> later)
    {
        var failed = rows.Where(r => r.Verdict == "Failed").ToList();
        var open = rows.Where(r => r.Verdict is "Warning" or "Unknown").Select(r => r.Check).ToList();
        var way = $"{(vm.IsRunning ? "live" : "offline")} from {vm.Node} to {target.Node}";
        var command = $"qm migrate {vm.VmId} {target.Node}{(vm.IsRunning ? " --online" : "")}";
        return failed.Count > 0
            ? Fail($"{vm.Label} cannot be migrated {way}: {Join(failed.Select(r => r.Check))}",
                failed[0].RecommendedAction!)
            : later.Count > 0
            ? Warn($"{vm.Label} can be migrated {way}, but does not start there: {Join(later)}",
                rows.First(r => r.Check == later[0]).RecommendedAction!)
            : new Finding(
                open.Count > 0 ? "Warning" : "Passed",
                $"{vm.Label} can be migrated {way}" + (open.Count > 0 ? $"; look at {Join(open)}" : ""), command);
    }

    private static VmVgpuMigrationInfo Row(
        MigrationSource vm, MigrationTarget target, string check, Finding finding) => new()
        {
            VmId = vm.VmId,
            VmName = vm.VmName,
            Source = vm.Node,
            Target = target.Node,
            Check = check,
            Verdict = finding.Verdict,
            Reason = finding.Reason,
            RecommendedAction = finding.Action,
        };

    private static Finding Pass(string reason) => new("Passed", reason, null);

    private static Finding Skip(string reason) => new("Skipped", reason, null);

    private static Finding Warn(string reason, string action) => new("Warning", reason, action);

    private static Finding Fail(string reason, string action) => new("Failed", reason, action);

    private static Finding NotKnown(string reason, string action) => new("Unknown", $"not known: {reason}", action);

    private static string Join(IEnumerable<string> texts) => string.Join(", ", texts);

    private sealed record Finding(string Verdict, string Reason, string? Action);

    private static Finding JudgeLock(MigrationSource vm, MigrationTarget target) => vm.Lock is null
        ? Pass("no operation of Proxmox has the VM locked")
        : Fail($"an operation of Proxmox has the VM locked: lock: {vm.Lock}",
            $"wait until it has ended (pvesh get /cluster/tasks); if its task no longer exists: qm unlock {vm.VmId}");

    private static Finding JudgeProxmox(MigrationSource vm, MigrationTarget target)
    {
        if (vm.Answer is not { } answer)
        {
            return NotKnown(
                $"Proxmox did not answer: {vm.AnswerProblem}", $"ask it by hand: {Question(vm, target)}");
        }

        // What the rules after this one say better is left to them.
        List<string> causes =
        [
            .. answer.LocalResources.Where(r => !vm.Entries.Any(e => e.Key == r)).Select(r => $"local resource {r}"),
            .. answer.Unavailable.Where(r => !vm.Entries.Any(e => e.Key == r)).Select(r => $"{r} is not available"),
            .. answer.Blocking.Select(b => $"HA keeps it from there: {b}"),
        ];
        return causes.Count == 0 ? Pass("Proxmox knows nothing else against it")
            : Fail(Join(causes), $"see Proxmox's answer: {Question(vm, target)}");
    }

    private static string Question(MigrationSource vm, MigrationTarget target) =>
        $"pvesh get /nodes/{vm.Node}/qemu/{vm.VmId}/migrate --target {target.Node}";

    private static Finding JudgeLocalDevices(MigrationSource vm, MigrationTarget target)
    {
        var raw = vm.Entries.Where(e => e.Mapping is null).ToList();
        string[] actions =
        [
            .. raw.Where(e => e.TypeId is not null).Take(1)
                .Select(e => $"use a mapping: Set-VmVgpu {vm.VmId} -Entry {e.Key} -Mapping <mapping>"),
            .. raw.Where(e => e.TypeId is null).Take(1).Select(
                e => "map the device, which is no vGPU (Datacenter, Resource Mappings), or take it out: "
                    + $"qm set {vm.VmId} --delete {e.Key}"),
        ];
        return raw.Count == 0 ? Pass("no entry names a device of this node alone")
            : Fail($"{Join(raw.Select(e => e.Key))} names a device of {vm.Node} itself, and no mapping of the cluster",
                string.Join("; ", actions));
    }

    private static Finding JudgeMapping(MigrationSource vm, MigrationTarget target)
    {
        var mapped = vm.Entries.Where(e => e.Mapping is not null).ToList();
        var missing = mapped.Where(e => !e.Nodes.Contains(target.Node)).ToList();
        return mapped.Count == 0 ? Skip("no entry names a mapping")
            : missing.Count == 0
            ? Pass($"{Join(mapped.Select(e => $"{e.Key}: mapping {e.Mapping}"))} has devices of {target.Node}")
            : Fail($"{Join(missing.Select(e => $"{e.Key}: mapping {e.Mapping}"))} has no device of {target.Node}",
                missing[0].TypeId is null
                    ? $"add a device of that node to it: Datacenter, Resource Mappings, {missing[0].Mapping}"
                    : missing[0].Nodes.Count > 0
                    ? "add functions of that node to it: "
                        + $"Sync-VgpuMapping {missing[0].Mapping} -Gpu 0 -Session {target.Node}"
                    : "make it of functions of both nodes: "
                        + $"New-VgpuMapping {missing[0].Mapping} -Gpu 0 -Session {vm.Node},{target.Node}");
    }

    private static Finding JudgeLiveMigration(MigrationSource vm, MigrationTarget target)
    {
        var mapped = vm.Entries.Where(e => e.Mapping is not null).ToList();
        var pinned = mapped.Where(e => !e.IsLiveMigrationCapable).Select(e => e.Mapping!).Distinct().ToList();
        return !vm.IsRunning ? Skip(StoppedVm)
            : mapped.Count == 0 ? Skip("no entry names a mapping")
            : pinned.Count == 0 ? Pass($"mapping {Join(mapped.Select(e => e.Mapping!).Distinct())} may go live")
            : Fail($"mapping {Join(pinned)} is not marked for live migration",
                $"mark it, and start the VM again: pvesh set /cluster/mapping/pci/{pinned[0]} "
                    + "--live-migration-capable 1");
    }

    private static Finding JudgeHighAvailability(MigrationSource vm, MigrationTarget target)
    {
        if (!vm.IsManagedByHa)
        {
            return Skip("HA does not manage the VM");
        }

        var against = vm.HaRules.FirstOrDefault(r => r.IsStrict && !r.Nodes.Contains(target.Node));
        return against is null ? Pass("no rule of HA keeps the VM from there")
            : Fail($"{(against.IsGroup ? "the restricted group" : "the strict rule")} {against.Name} keeps the VM on "
                + Join(against.Nodes),
                against.IsGroup ? $"add the node to the group: ha-manager groupset {against.Name} --nodes "
                    + string.Join(',', against.Nodes.Append(target.Node))
                : $"add the node to the rule: ha-manager rules set node-affinity {against.Name} --nodes "
                    + string.Join(',', against.Nodes.Append(target.Node)));
    }

    private static Finding JudgeReplication(MigrationSource vm, MigrationTarget target) =>
        vm.Replicas.Count == 0 ? Skip("no disk is replicated")
        : vm.Replicas.Contains(target.Node) ? Pass($"its disks are replicated to {target.Node}")
        : Warn($"its disks are replicated to {Join(vm.Replicas)}, not to {target.Node}: all of them are copied",
            $"add a job: pvesr create-local-job {vm.VmId}-9 {target.Node}");

    private static Finding JudgeQemuServer(MigrationSource vm, MigrationTarget target)
    {
        if (!vm.IsRunning)
        {
            return Skip(StoppedVm);
        }

        var old = ((string?, string)[])[(vm.QemuServerVersion, vm.Node), (target.QemuServerVersion, target.Node)];
        var tooOld = old.Where(o => PveGeneration.FromVersion(o.Item1) is { KnowsLiveMigrationCapable: false })
            .ToList();
        return tooOld.Count > 0
            ? Fail($"qemu-server {tooOld[0].Item1} of {tooOld[0].Item2} does not migrate mapped devices live",
                "update it to 8.3.9 or newer: apt-get update; apt-get dist-upgrade")
            : old.Any(o => o.Item1 is null)
            ? NotKnown("a version of qemu-server", "see it: dpkg -s qemu-server")
            : Pass($"qemu-server {vm.QemuServerVersion} and {target.QemuServerVersion} migrate mapped devices live");
    }

    private static Finding JudgeDriver(MigrationSource vm, MigrationTarget target) => target.DriverVersion is null
        ? Fail($"the driver of {target.Node} does not answer: {target.DriverProblem}",
            $"look for the fault: Test-VgpuHost -Session {target.Node}")
        : !vm.IsRunning ? Skip(StoppedVm)
        : vm.DriverVersion is null ? NotKnown($"the driver of {vm.Node} does not answer", "nvidia-smi")
        : vm.DriverVersion == target.DriverVersion ? Pass($"driver {vm.DriverVersion} on both")
        : Fail($"driver {vm.DriverVersion} on {vm.Node}, and {target.DriverVersion} on {target.Node}: NVIDIA supports "
            + "live migration between hosts of one version only",
            $"install one version on both: Initialize-VgpuHost -DriverPath <file.run> -Session {target.Node}");

    private static Finding JudgeEcc(MigrationSource vm, MigrationTarget target) => !vm.IsRunning ? Skip(StoppedVm)
        : vm.Ecc.Count == 0 || target.Ecc.Count == 0
        ? NotKnown("a driver does not say whether ECC is on", "nvidia-smi -q -d ECC")
        : vm.Ecc.Concat(target.Ecc).Distinct().Count() == 1 ? Pass($"ECC is {Word(vm.Ecc[0])} on both")
        : Fail($"ECC is {Join(vm.Ecc.Distinct().Select(Word))} on {vm.Node}, and "
            + $"{Join(target.Ecc.Distinct().Select(Word))} on {target.Node}",
            $"set one mode, while no VM uses the GPU, and restart that host: nvidia-smi -e {(vm.Ecc[0] ? 1 : 0)}");

    private static string Word(bool isOn) => isOn ? "on" : "off";
}
