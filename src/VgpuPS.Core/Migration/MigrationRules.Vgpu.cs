using VgpuPS.Core.Cpu;
using VgpuPS.Core.Proxmox;

namespace VgpuPS.Core.Migration;

/// <content>vGPUs, CPUs and memory, and the driver's own answer.</content>
public static partial class MigrationRules
{
    private static Finding JudgeParameters(MigrationSource vm, MigrationTarget target)
    {
        string[] pinning = [VgpuParameter.UnifiedMemory, VgpuParameter.Profiling, VgpuParameter.Debugging];
        var set = vm.Entries.SelectMany(e => VgpuParameters.Parse(e.Parameters)
            .Where(p => pinning.Contains(p.Key) && p.Value != "0")
            .Select(p => (p.Key, Entry: e.Key, Text: $"{p.Key}={p.Value} of {e.Key}"))).ToList();
        return !vm.IsRunning ? Skip(StoppedVm)
            : set.Count == 0 ? Pass("no plugin parameter keeps its vGPU where it is")
            : Fail(Join(set.Select(s => s.Text))
                + ": with unified memory, profilers or debuggers a vGPU does not migrate",
                $"take it out, and start the VM again: Set-VmVgpu {vm.VmId} -Entry {set[0].Entry} -Parameter @{{"
                    + string.Join("; ", set.Where(s => s.Entry == set[0].Entry).Select(s => $"{s.Key}=$null")) + "}");
    }

    private static Finding JudgeTypes(MigrationSource vm, MigrationTarget target)
    {
        var types = vm.Entries.Select(e => e.TypeId).OfType<uint>().Distinct()
            .Select(id => id.ToString(CultureInfo.InvariantCulture)).ToList();
        if (types.Count == 0 || IsOpen(vm, target) is not null)
        {
            return Skip(types.Count == 0 ? "no entry names a vGPU type" : IsOpen(vm, target)!);
        }

        var missing = types.Where(id => !target.TypeNames.ContainsKey(id)).ToList();
        var other = types.Where(id => target.TypeNames.TryGetValue(id, out var there)
            && vm.TypeNames.TryGetValue(id, out var here) && here != there).ToList();
        return missing.Count > 0
            ? Fail($"GPU {Join(target.Gpus)} of {target.Node} has no vGPU type {Join(missing.Select(NameOf))}",
                $"choose a node with such GPUs, or another type: Get-VgpuType -Session {target.Node}")
            : other.Count > 0
            ? Fail($"type {other[0]} is {vm.TypeNames[other[0]]} on {vm.Node}, and {target.TypeNames[other[0]]} on "
                + target.Node, $"choose a node with the same GPUs: Get-VgpuType -Session {target.Node}")
            : Pass($"{Join(types.Select(NameOf))} is a type of GPU {Join(target.Gpus)}");

        string NameOf(string id) => vm.TypeNames.GetValueOrDefault(id) is { } name ? $"{name} ({id})" : id;
    }

    /// <summary>Why nothing can be said of vGPUs on the target; null where it can.</summary>
    private static string? IsOpen(MigrationSource vm, MigrationTarget target) =>
        vm.Entries.Any(e => e.Mapping is null) ? "see LocalDevice"
        : vm.Entries.Any(e => !e.Nodes.Contains(target.Node)) ? "see Mapping"
        : target.DriverVersion is null ? "see DriverVersion" : null;

    private static Finding JudgeCapacity(MigrationSource vm, MigrationTarget target) =>
        IsOpen(vm, target) is { } open ? Skip(open)
        : vm.Entries.Select(e => e.TypeId).OfType<uint>().Any(t => !target.TypeNames.ContainsKey(
            t.ToString(CultureInfo.InvariantCulture))) ? Skip("see VgpuType")
        : target.Refusal is { } refusal
            ? Fail(refusal, target.RefusalAction?.Replace($", then: qm start {vm.VmId}", "", StringComparison.Ordinal)
                is { } action ? $"on {target.Node}: {action}" : $"Get-VgpuCapacity -Session {target.Node}")
        : Pass(target.Steps.Count == 0 ? "all that its vGPU needs is there"
            : $"the hook will {string.Join("; ", target.Steps)}");

    private static Finding JudgeMemory(MigrationSource vm, MigrationTarget target) =>
        target.FreeMemoryMiB is not { } free ? NotKnown($"how much memory of {target.Node} is free", "free -m")
        : free >= vm.MemoryMiB ? Pass($"{vm.MemoryMiB} MiB of {free} MiB that are free")
        : Fail($"the VM has {vm.MemoryMiB} MiB, which a vGPU pins in full, and {free} MiB of {target.Node} are free",
            $"stop a VM there: Get-VgpuVm -Session {target.Node}");

    private static Finding JudgeLicense(MigrationSource vm, MigrationTarget target)
    {
        var states = vm.Running.Select(r => r.License).ToList();
        return !vm.IsRunning ? Skip(StoppedVm)
            : states.Count == 0 ? Skip("no vGPU of the VM runs")
            : states.Contains(null) ? NotKnown(
                "the guest's driver does not say how its licence stands", $"Get-GridLicense {vm.VmId}")
            : states.All(s => s!.StartsWith("Licensed", StringComparison.Ordinal)) ? Pass(Join(states.Distinct()!))
            : Warn($"{Join(states.Distinct()!)}: the guest has no licence, which it takes along",
                $"give it one: Set-GridLicense {vm.VmId} -TokenPath <file.tok>");
    }

    private static Finding JudgeAffinity(MigrationSource vm, MigrationTarget target)
    {
        var online = CpuSet.TryParse(target.OnlineCpus) ?? CpuSet.Empty;
        var fix = $"choose CPUs that both have (Set-VmVgpuAffinity {vm.VmId} -HostCpu <list>), or take the pin off: "
            + $"Remove-VmVgpuAffinity {vm.VmId}";
        if (vm.VirtualCpus > online.Count && online.Count > 0)
        {
            return Fail($"the VM has {vm.VirtualCpus} CPUs, and {target.Node} {online.Count}",
                $"give it fewer: qm set {vm.VmId} --cores {online.Count}");
        }

        if (vm.Affinity is null)
        {
            return Skip("the VM is not pinned");
        }

        if (CpuSet.TryParse(vm.Affinity) is not { } cpus || online.Count == 0)
        {
            return NotKnown($"affinity {vm.Affinity} cannot be compared with CPUs {target.OnlineCpus}", fix);
        }

        var missing = cpus.Except(online);
        var near = CpuSet.TryParse(target.NearCpus) ?? CpuSet.Empty;
        var far = near.Count == 0 ? CpuSet.Empty : cpus.Intersect(online).Except(near);
        return missing.Count == cpus.Count
            ? Fail($"none of CPUs {vm.Affinity} is there: {target.Node} has {target.OnlineCpus}, and the start fails",
                fix)
            : missing.Count > 0
            ? Warn($"CPUs {missing} of {vm.Affinity} are not there: {target.Node} has {target.OnlineCpus}", fix)
            : far.Count > 0
            ? Warn($"CPUs {far} of {vm.Affinity} are away from the GPU there, which is next to {near}", fix)
            : Pass($"CPUs {vm.Affinity} are there{(near.Count > 0 ? ", next to the GPU" : "")}");
    }

    private static Finding JudgeNuma(MigrationSource vm, MigrationTarget target)
    {
        var bound = vm.Numa.Select(n => (n.Key, Nodes: VmNuma.HostNodes(n.Value))).Where(n => n.Nodes is not null)
            .ToList();
        var missing = bound.Select(n => (n.Key, Nodes: n.Nodes!.Except(CpuSet.Of(target.NumaNodes))))
            .Where(n => n.Nodes.Count > 0).ToList();
        return bound.Count == 0 ? Skip("no memory is bound to a node")
            : missing.Count == 0 ? Pass($"NUMA node {Join(bound.Select(n => n.Nodes!.ToString()).Distinct())} is there")
            : Fail($"{missing[0].Key} binds memory to NUMA node {missing[0].Nodes}, and {target.Node} has "
                + Join(target.NumaNodes.Select(n => n.ToString(CultureInfo.InvariantCulture))),
                $"take the binding off: Set-VmVgpuAffinity {vm.VmId} -Memory None; or qm set {vm.VmId} --delete "
                    + missing[0].Key);
    }

    private static Finding JudgeHook(MigrationSource vm, MigrationTarget target) => vm.Hook is null
        ? Skip("the VM has no hookscript")
        : target.HookProblem is null ? Pass($"{vm.Hook} is on {target.Node} too")
        : Fail($"hookscript {vm.Hook} on {target.Node}: {target.HookProblem}",
            HookVolume.IsOurs(vm.Hook) ? $"bring it there: Install-VgpuHost -Session {target.Node}"
                : $"copy the file to {target.Node}, and make it executable: chmod +x <file>");

    private static Finding JudgeNvml(MigrationSource vm, MigrationTarget target)
    {
        if (!vm.IsRunning || vm.Entries.All(e => e.TypeId is null))
        {
            return Skip(vm.IsRunning ? "no entry names a vGPU type" : StoppedVm);
        }

        var metadata = vm.Running.Select(r => Read(r.Metadata, VgpuMetadata.Read)).ToList();
        if (metadata.Count == 0 || metadata.Contains(null))
        {
            return NotKnown("the driver gives no metadata of a running vGPU", "nvidia-smi vgpu -q");
        }

        if (metadata.Exists(m => !m!.GuestIsKnown))
        {
            return NotKnown(
                "the guest's driver is not up, and NVML's answer needs it", $"Get-VmVgpuDriver {vm.VmId}");
        }

        return metadata.Exists(m => !m!.CanMigrate)
            ? Fail("NVML says that a vGPU of the VM cannot be migrated now", "nvidia-smi vgpu -q")
            : target.Compatibilities.Count == 0
            ? NotKnown($"NVML of {target.Node} has no answer", "nvidia-smi vgpu -q")
            : target.Compatibilities.Any(c => c.IsLive) ? Pass("NVML says that the vGPU can be migrated live")
            : Fail($"NVML says that the vGPU cannot be migrated live: {target.Compatibilities[0].Limit}",
                "compare driver, GPU and ECC mode of both hosts: nvidia-smi -q");
    }

    private static Finding JudgeVgpuVersion(MigrationSource vm, MigrationTarget target)
    {
        var guests = vm.Running.Select(r => Read(r.Metadata, VgpuMetadata.Read)).OfType<VgpuMetadata>()
            .Where(m => m.GuestIsKnown).Select(m => m.VgpuVersion).Distinct().ToList();
        var hosts = target.Metadata.Select(m => Read(m, PgpuMetadata.Read)).OfType<PgpuMetadata>().ToList();
        return !vm.IsRunning ? Skip(StoppedVm)
            : guests.Count == 0 || hosts.Count == 0
            ? NotKnown("the version of the interface between guest and host", "nvidia-smi vgpu -q")
            : hosts.Exists(h => guests.TrueForAll(g => g >= h.MinVersion && g <= h.MaxVersion))
            ? Pass(string.Create(
                CultureInfo.InvariantCulture,
                $"version {guests[0]:x} of the guest's interface is one of {hosts[0].MinVersion:x} to "
                    + $"{hosts[0].MaxVersion:x}"))
            : Fail(string.Create(
                CultureInfo.InvariantCulture,
                $"version {guests[0]:x} of the guest's interface is none of {hosts[0].MinVersion:x} to "
                    + $"{hosts[0].MaxVersion:x}, which {target.Node} takes"),
                $"update the guest's driver: Install-VmVgpuDriver {vm.VmId}");
    }

    private delegate T? Reader<T>(ReadOnlySpan<byte> raw);

    private static T? Read<T>(string? text, Reader<T> read)
        where T : class
    {
        Span<byte> raw = new byte[text?.Length ?? 0];
        return text is not null && Convert.TryFromBase64String(text, raw, out var length) ? read(raw[..length]) : null;
    }
}
