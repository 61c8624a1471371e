using System.Globalization;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;

namespace VgpuPS.Tests.Hosts;

/// <summary>What must hold at every moment, looked up in the machine itself: no call, so nobody else comes
/// between.</summary>
internal sealed class ParallelRules(ParallelHost host)
{
    private static readonly string[] s_claims = ["run", "vgpups", "claims.json"];

    // An instance that is being destroyed while a VM gets it is without its compute instance for as long as that takes.
    private static readonly TimeSpan s_destroying = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, long> _empty = [];

    private LabState State => host.Node.Host.State;

    /// <summary>What is broken now; empty when all is well.</summary>
    public IEnumerable<string> FindBroken()
    {
        var claims = ReadClaims();
        return State.Gpus.SelectMany(gpu => FindBroken(gpu, claims))
            .Concat(State.Processes.SelectMany(process => FindBroken(process)))
            .Concat(FindDoubled(claims));
    }

    private IEnumerable<string> FindBroken(LabGpu gpu, ClaimFile claims)
    {
        foreach (var function in gpu.Vgpus.GroupBy(v => v.Function).Where(g => g.Count() > 1))
        {
            yield return $"function {function.Key} has {function.Count()} vGPUs";
        }

        var slices = gpu.Instances.SelectMany(i => Enumerable.Range(i.Start, i.Size)).ToList();
        if (slices.Distinct().Count() != slices.Count)
        {
            yield return $"instances of {gpu.Address} overlap";
        }

        foreach (var instance in gpu.Instances)
        {
            var inside = gpu.Vgpus.Where(v => v.GpuInstance == instance.Id).ToList();
            var types = inside.Select(v => gpu.Model.FindType(v.Type)!).ToList();
            if (types.Exists(
                t => t.GpuInstanceProfile != instance.Profile || inside.Count > (t.MaxInstancesPerGpuInstance ?? 1)
                || t.FramebufferMiB != types[0].FramebufferMiB))
            {
                yield return $"instance {instance.Id} of {gpu.Address} carries "
                    + $"{string.Join(", ", types.Select(t => t.Name))}";
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"{gpu.Address} {instance.Serial}");
            if (instance.ComputeInstances.Count == 1 || !inside.Exists(v => v.Holder is not null)
                || IsHalfMade(claims, gpu, instance))
            {
                _empty.Remove(name);
            }
            else if (!_empty.TryAdd(name, host.Node.Host.Clock.GetTimestamp())
                && host.Node.Host.Clock.GetElapsedTime(_empty[name]) > s_destroying)
            {
                yield return $"instance {instance.Id} of {gpu.Address} with a running VM has "
                    + string.Create(
                        CultureInfo.InvariantCulture, $"{instance.ComputeInstances.Count} compute instances");
            }
        }
    }

    private IEnumerable<string> FindBroken(LabProcess process)
    {
        var vm = new VmId(process.Vm);
        var has = State.Gpus.SelectMany(g => g.Vgpus).Where(v => v.Holder == process.Pid).Select(v => v.Type).Order();
        if (!has.SequenceEqual(host.Wanted[vm].Order()))
        {
            yield return $"VM {vm} runs with {string.Join(", ", has)} instead of "
                + $"{string.Join(", ", host.Wanted[vm].Order())}";
        }

        if (State.Processes.Count(other => other.Vm == process.Vm) > 1)
        {
            yield return $"VM {vm} runs twice";
        }
    }

    private static IEnumerable<string> FindDoubled(ClaimFile claims) => claims.Claims
        .Where(c => c.Function is not null).GroupBy(c => c.Function).Where(g => g.Count() > 1)
        .Select(g => $"function {g.Key} is claimed by {string.Join(", ", g.Select(c => c.Vm))}");

    /// <summary>A hook killed between the two calls leaves an instance that a VM may get before anybody completes
    /// it.</summary>
    private static bool IsHalfMade(ClaimFile claims, LabGpu gpu, LabGpuInstance instance) => claims.Instances.Any(
        created => created.Gpu == gpu.Pci && created.Placement.Start == instance.Start
            && created.ComputeInstance is null);

    private ClaimFile ReadClaims()
    {
        var entry = State.Root;
        foreach (var name in s_claims)
        {
            if (entry.Entries?.GetValueOrDefault(name) is not { } next)
            {
                return ClaimFile.Empty;
            }

            entry = next;
        }

        return ClaimFileFormat.Read(entry.Content!, "claims.json");
    }
}
