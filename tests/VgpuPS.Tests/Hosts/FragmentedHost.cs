using System.Globalization;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Models;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hosts;

/// <summary>
/// A node whose GPUs carry running VMs on instances where starts and stops left them: VM 101 and on, in the order in
/// which they are written, each with a mapping of all functions.
/// </summary>
internal sealed class FragmentedHost
{
    public const int FirstVm = 101;
    public const string Mapping = "gpu";

    private FragmentedHost(LabHostNode node, GpuModel model) => (Node, Model) = (node, model);

    public LabHostNode Node { get; }

    public GpuModel Model { get; }

    public IReadOnlyList<PciAddress> Gpus => [.. Node.Host.State.Gpus.Select(g => PciAddress.Parse(g.Address))];

    /// <summary>Makes it.</summary>
    /// <param name="model">The model of all its GPUs.</param>
    /// <param name="backend">How they offer vGPUs.</param>
    /// <param name="text">GPUs with instances: <c>3g@0,1g@4 | 4g@0</c>, profiles by name or by its beginning.</param>
    public static FragmentedHost Make(string model, LabBackend backend, string text)
    {
        var gpus = text.Split('|', StringSplitOptions.TrimEntries);
        var node = LabNodes.Of([.. gpus.Select(_ => model)], backend);
        var host = new FragmentedHost(node, node.Host.State.Gpus[0].Model);
        node.MapFunctions(Mapping, [.. node.Host.State.Gpus.SelectMany(
            g => Enumerable.Range(0, g.FunctionCount).Select(i => g.FunctionAt(i).ToString()))]);
        var vm = FirstVm;
        foreach (var (gpu, index) in gpus.Select((g, i) => (g, i)))
        {
            foreach (var instance in gpu.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(i => i.Split('@')))
            {
                host.Put(
                    vm++, index, host.FindProfile(instance[0]), int.Parse(instance[1], CultureInfo.InvariantCulture));
            }
        }

        return host;
    }

    /// <summary>A profile by its name, or by the beginning of it.</summary>
    public GpuModelProfile FindProfile(string name) =>
        Model.Profiles.FirstOrDefault(p => NameOf(p) == name)
        ?? Model.Profiles.Where(p => NameOf(p).StartsWith(name + ".", StringComparison.Ordinal)
                && !p.Media && FindType(p) is not null)
            .OrderBy(p => p.MemoryMiB).First();

    public static string NameOf(GpuModelProfile profile) =>
        profile.Name.Replace("MIG ", "", StringComparison.Ordinal);

    /// <summary>The type that fills a profile; null where it has none.</summary>
    public GpuModelType? FindType(GpuModelProfile profile) => Model.Types.Where(t => t.GpuInstanceProfile == profile.Id)
        .OrderBy(t => t.MaxInstancesPerGpuInstance ?? 1).ThenByDescending(t => t.FramebufferMiB).FirstOrDefault();

    /// <summary>Creates a VM that wants a profile, and starts it; its refusal, or null.</summary>
    public string? Start(int vm, GpuModelProfile profile)
    {
        Node.CreateVm(new VmId(vm), $"0=mapping={Mapping},mdev=nvidia-{FindType(profile)!.Id}");
        return Node.Start(vm).Error;
    }

    /// <summary>Where each VM is: <c>101 1g.6gb@0 of 1</c>.</summary>
    public IReadOnlyDictionary<int, string> Places()
    {
        var host = Node.Connect(_ => { });
        using var driver = host.Driver.Open();
        return Gpus.Select((address, index) => (address, index)).SelectMany(g => driver.GetActiveVgpus(g.address)
                .Select(a => (Vm: a.Vm!.Value.Value, Text: Describe(g.address, g.index, a))))
            .ToDictionary(v => v.Vm, v => v.Text);

        string Describe(PciAddress gpu, int index, ActiveVgpu active)
        {
            var instance = driver.GetInstances(gpu).First(i => i.Id == active.GpuInstance);
            var profile = Model.Profiles.First(p => p.Id == instance.Profile.Value);
            return string.Create(
                CultureInfo.InvariantCulture, $"{NameOf(profile)}@{instance.Placement.Start} of {index}");
        }
    }

    private void Put(int vm, int gpu, GpuModelProfile profile, int start)
    {
        var host = Node.Connect(_ => { });
        var window = new Placement(start, profile.PlacementSize);
        using (var driver = host.Driver.Open())
        {
            var id = driver.CreateInstance(Gpus[gpu], new ProfileId(profile.Id), window);
            var file = host.Claims.Load();
            host.Claims.Save(file with
            {
                Instances =
                [
                    .. file.Instances,
                    new ManagedInstance(Gpus[gpu], new ProfileId(profile.Id), window, id, IsOurs: true, null),
                ],
            });
        }

        Assert.Null(Start(vm, profile));
        Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $"{NameOf(profile)}@{start} of {gpu}"), Places()[vm]);
    }
}
