using VgpuPS.Lab.Models;

namespace VgpuPS.Lab.Processes;

/// <content><c>nvidia-smi mig</c>: GPU instances and compute instances by hand.</content>
public sealed partial class LabProcesses
{
    private const string MigUsage =
        "The lab's nvidia-smi mig knows: [-i GPU] -cgi PROFILE[:START],… [-C], -cci [PROFILE,…] [-gi ID], "
            + "-dci [-gi ID], -dgi [-gi ID], -lgi, -lgip, -lgipp\n";

    /// <remarks>
    /// Source: facts/host-behaviour.md 4 and facts/mig-profiles.json (messages, driver_choice_order). Assumed: the
    /// order of placements where none is known, widths of the lists, exit codes, and the words without a GPU in MIG
    /// mode.
    /// </remarks>
    private ProcessResult RunMig(IReadOnlyList<LabGpu> gpus, string[] words)
    {
        var enabled = gpus.Where(g => g.MigCurrent).ToList();
        if (enabled.Count == 0)
        {
            return Exit((int)NvmlStatus.NotFound, "No MIG-enabled devices found.\n");
        }

        uint? instance = null;
        if (words is [.. var before, "-gi", var id] && uint.TryParse(id, CultureInfo.InvariantCulture, out var number))
        {
            (words, instance) = ([.. before], number);
        }

        Func<LabGpu, StringBuilder, NvmlStatus>? work = words switch
        {
            ["-cgi", var list] => (g, text) => CreateInstances(g, list, withCompute: false, text),
            ["-cgi", var list, "-C"] => (g, text) => CreateInstances(g, list, withCompute: true, text),
            ["-cci"] => (g, text) => CreateCompute(g, instance, null, text),
            ["-cci", var list] => (g, text) => CreateCompute(g, instance, list, text),
            ["-dci"] => (g, text) => DestroyCompute(g, instance, text),
            ["-dgi"] => (g, text) => DestroyInstances(g, instance, text),
            ["-lgi"] => ListInstances,
            ["-lgip"] => ListProfiles,
            ["-lgipp"] => ListPlacements,
            _ => null,
        };
        return work is null ? Exit((int)NvmlStatus.InvalidArgument, MigUsage) : ForEach(enabled, work, "");
    }

    private NvmlStatus CreateInstances(LabGpu gpu, string list, bool withCompute, StringBuilder text)
    {
        foreach (var wanted in list.Split(','))
        {
            var parts = wanted.Split(':');
            var profile = gpu.Model.Profiles.FirstOrDefault(p => IsProfile(p.Id, p.Name, parts[0]));
            var start = parts.Length > 1 ? Placement(parts[1])
                : profile is null ? null : Starts(gpu.Model, profile).Cast<int?>().FirstOrDefault(
                    s => LabPlacements.Fits(gpu.Model, gpu.Instances, profile, s!.Value));
            var status = NvmlStatus.InsufficientResources;
            NvmlGpuInstanceHandle handle = default;
            if (profile is null || start is not null)
            {
                status = profile is null ? NvmlStatus.InvalidArgument
                    : _host.Nvml.DeviceCreateGpuInstanceWithPlacement(
                        Handle(gpu), profile.Id, new NvmlPlacement((uint)start!.Value, (uint)profile.PlacementSize),
                        out handle);
            }

            if (status != NvmlStatus.Success)
            {
                return Fail(text, $"Unable to create a GPU instance on GPU {Index(gpu),2} using profile {parts[0]}",
                    "Failed to create GPU instances", status);
            }

            var made = gpu.Instances.Find(i => i.Serial == handle.Value)!;
            text.Append(CultureInfo.InvariantCulture,
                $"Successfully created GPU instance ID {made.Id,2} on GPU {Index(gpu),2} using profile "
                    + $"{profile!.Name} (ID {profile.Id,2})\n");
            if (withCompute && CreateCompute(gpu, made.Id, null, text) is var failed and not NvmlStatus.Success)
            {
                return failed;
            }
        }

        return NvmlStatus.Success;
    }

    private NvmlStatus CreateCompute(LabGpu gpu, uint? instance, string? list, StringBuilder text)
    {
        foreach (var made in gpu.Instances.Where(i => instance is null || i.Id == instance).ToList())
        {
            var own = gpu.Model.FindProfile(made.Profile)!;
            foreach (var wanted in list?.Split(',') ?? [own.Name])
            {
                var profile = own.ComputeProfiles.FirstOrDefault(p => IsProfile(p.Id, p.Name, wanted));
                var status = profile is null ? NvmlStatus.InvalidArgument
                    : _host.Nvml.GpuInstanceCreateComputeInstance(
                        new NvmlGpuInstanceHandle((nint)made.Serial), profile.Id, out _);
                if (status != NvmlStatus.Success)
                {
                    return Fail(text, $"Unable to create a compute instance on GPU {Index(gpu),2} GPU instance ID "
                        + $"{made.Id,2} using profile {wanted}", "Failed to create compute instances", status);
                }

                text.Append(CultureInfo.InvariantCulture,
                    $"Successfully created compute instance ID {made.ComputeInstances[^1].Id,2} on GPU {Index(gpu),2} "
                        + $"GPU instance ID {made.Id,2} using profile {profile!.Name} (ID {profile.Id,2})\n");
            }
        }

        return gpu.Instances.Count > 0 ? NvmlStatus.Success : NoInstances(text);
    }

    private NvmlStatus DestroyCompute(LabGpu gpu, uint? instance, StringBuilder text)
    {
        foreach (var made in gpu.Instances.Where(i => instance is null || i.Id == instance).ToList())
        {
            foreach (var compute in made.ComputeInstances.ToList())
            {
                var status = _host.Nvml.ComputeInstanceDestroy(new NvmlComputeInstanceHandle((nint)compute.Serial));
                var what = $"compute instance ID {compute.Id,2} from GPU {Index(gpu),2} GPU instance ID {made.Id,2}";
                if (status != NvmlStatus.Success)
                {
                    return Fail(text, $"Unable to destroy {what}", "Failed to destroy compute instances", status);
                }

                text.Append("Successfully destroyed ").Append(what).Append('\n');
            }
        }

        return gpu.Instances.Count > 0 ? NvmlStatus.Success : NoInstances(text);
    }

    private NvmlStatus DestroyInstances(LabGpu gpu, uint? instance, StringBuilder text)
    {
        var all = gpu.Instances.Where(i => instance is null || i.Id == instance).ToList();
        foreach (var made in all)
        {
            var status = _host.Nvml.GpuInstanceDestroy(new NvmlGpuInstanceHandle((nint)made.Serial));
            var what = $"GPU instance ID {made.Id,2} from GPU {Index(gpu),2}";
            if (status != NvmlStatus.Success)
            {
                return Fail(text, $"Unable to destroy {what}", "Failed to destroy GPU instances", status);
            }

            text.Append("Successfully destroyed ").Append(what).Append('\n');
        }

        return all.Count > 0 ? NvmlStatus.Success : NoInstances(text);
    }

    private NvmlStatus ListInstances(LabGpu gpu, StringBuilder text)
    {
        foreach (var made in gpu.Instances)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"| {Index(gpu),3}  {gpu.Model.FindProfile(made.Profile)!.Name,-16} {made.Profile,4} {made.Id,8} "
                    + $"{made.Start,9}:{made.Size} |\n");
        }

        return gpu.Instances.Count > 0 ? NvmlStatus.Success : NoInstances(text);
    }

    private NvmlStatus ListProfiles(LabGpu gpu, StringBuilder text)
    {
        foreach (var profile in gpu.Model.Profiles)
        {
            var free = profile.PlacementStarts.Count(
                start => LabPlacements.Fits(gpu.Model, gpu.Instances, profile, start));
            text.Append(CultureInfo.InvariantCulture,
                $"| {Index(gpu),3}  {profile.Name,-16} {profile.Id,4} {Math.Min(free, profile.MaxInstances),5}/"
                    + $"{profile.MaxInstances} {profile.MemoryMiB / 1024.0,8:0.00} {profile.Multiprocessors,5} |\n");
        }

        return NvmlStatus.Success;
    }

    private NvmlStatus ListPlacements(LabGpu gpu, StringBuilder text)
    {
        foreach (var profile in gpu.Model.Profiles)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"GPU {Index(gpu),2} Profile ID {profile.Id,2} "
                    + $"{(profile.PlacementStarts.Count == 1 ? "Placement " : "Placements")}: "
                    + $"{{{string.Join(',', profile.PlacementStarts)}}}:{profile.PlacementSize}\n");
        }

        return NvmlStatus.Success;
    }

    // On GPUs with seven compute slices the driver takes the upper end first; elsewhere it fills from 0.
    private static IEnumerable<int> Starts(GpuModel model, GpuModelProfile profile) => model.ComputeSlices != 7
        ? profile.PlacementStarts
        : (profile.ComputeSlices, profile.PlacementSize) switch
        {
            (1, 1) => [6, 4, 5, 0, 1, 2, 3],
            (2, 2) => [4, 0, 2],
            (3, 4) => [4, 0],
            _ => profile.PlacementStarts,
        };

    private NvmlDevice Handle(LabGpu gpu)
    {
        _host.Nvml.DeviceGetHandleByPciBusId(gpu.Pci.NvmlText, out var device);
        return device;
    }

    private int Index(LabGpu gpu) => _host.State.Gpus.IndexOf(gpu);

    private static bool IsProfile(uint id, string name, string wanted) =>
        wanted == id.ToString(CultureInfo.InvariantCulture) || name == wanted || name == "MIG " + wanted;

    private static int? Placement(string text) =>
        int.TryParse(text.Trim('{', '}'), NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            ? start : null;

    private static NvmlStatus NoInstances(StringBuilder text)
    {
        text.Append("No GPU instances found: Not Found\n");
        return NvmlStatus.NotFound;
    }

    private static NvmlStatus Fail(StringBuilder text, string what, string end, NvmlStatus status)
    {
        text.Append($"{what}: {Describe(status)}\n{end}: {Describe(status)}\n");
        return status;
    }
}
