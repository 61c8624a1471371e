using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Changes;
using VgpuPS.Core.UseCases.VmConfigs;

namespace VgpuPS.Core.UseCases.AddVmVgpu;

/// <summary>Gives a VM a vGPU: chooses type, GPU, function and entry, writes them with qm, and registers the hook.</summary>
/// <remarks>A function that is named and that the VM has already, with that type, is no change.</remarks>
public sealed class AddVmVgpu(HostPorts host)
{
    /// <summary>Plans it, and does it unless only the plan is wanted.</summary>
    /// <exception cref="VgpuException">It cannot be done; says why, and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        AddVmVgpuRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var wish = VgpuWish.From(request.Vm, request.Type, request.Profile, request.MemoryMiB).Require(request.Vm);
        var settings = host.Settings.Load();
        if (request.IsPlanOnly)
        {
            return new ChangeResult(Decide(request, wish, settings).Plan, []);
        }

        var done = await new VgpuWriter(host, settings, request.Source)
            .RunAsync(() => Decide(request, wish, host.Settings.Load()), progress, cancellationToken).ConfigureAwait(false);
        return new ChangeResult(done.Plan, [new ChangedObject { VmId = done.Vm.Id.Value, Entry = done.Key }]);
    }

    private VgpuDecision Decide(AddVmVgpuRequest request, VgpuWish wish, HookSettings settings)
    {
        var vm = VmFinder.Find(host, request.Vm);
        vm.RequireNoTemplate();
        vm.RequireUnlocked();
        var hook = request.RegisterHook ? new HookPlanner(host, settings).Plan(vm, request.Storage) : HookPlan.Nothing;
        var flags = VgpuFlags.For(vm, null, request.PrimaryGpu ? true : null, request.PciExpress);
        var (function, mapping) = (VgpuWish.Text(request.Function), VgpuWish.Text(request.Mapping));
        var same = FindSame(vm, function);
        VgpuPlace place;
        using (var driver = host.Driver.Open())
        {
            place = new VgpuPlacer(host, settings, driver, vm, same?.Index).Find(wish, function, mapping);
        }

        if (same is not null && same.VgpuType != place.Type.Id)
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidRequest, $"{same.Key} of {vm.Label} has function {function} already, with another type",
                $"Change that entry: Set-VmVgpu -VmId {vm.Id} -Entry {same.Key} -Type {place.Type.ShortName}", function);
        }

        var key = $"{HostPciGrammar.KeyPrefix}{same?.Index ?? FindEntry(vm)}";
        var value = same is not null ? null
            : flags.Apply(HostPciText.With(HostPciText.WithDevice("", place.Device), "mdev", place.Type.Id.MdevName));
        var plan = new ChangePlan(vm.Label, [.. hook.Steps, .. Describe(vm, key, value, place)], []);
        return new VgpuDecision(vm, key, value, hook, plan) { Function = place.Function, IsNamed = function is not null };
    }

    /// <summary>The entry that has the function that is asked for.</summary>
    private static HostPciEntry? FindSame(VmSubject vm, string? function) =>
        Pci.PciAddress.TryParse(function?.ToLowerInvariant(), out var address)
            ? vm.Config.NextHostPci.FirstOrDefault(e => e is { Mdev: not null, Hosts: [var only] }
                && Pci.PciAddress.TryParse(only, out var named) && named == address)
            : null;

    /// <summary>The lowest entry that is free now and at the next start.</summary>
    private static int FindEntry(VmSubject vm)
    {
        for (var index = 0; index < HostPciGrammar.EntryCount; index++)
        {
            if (vm.Config.Main.HostPciAt(index) is null && vm.Config.Pending.HostPciAt(index) is null)
            {
                return index;
            }
        }

        throw new CapacityException(
            ErrorIds.NoFreeEntry, $"{vm.Label} has {HostPciGrammar.EntryCount} hostpci entries, and Proxmox knows no more",
            $"Remove one that is not needed: Remove-VmVgpu -VmId {vm.Id} -Entry hostpci15", vm.Id.ToString());
    }

    private static IEnumerable<string> Describe(
        VmSubject vm, string key, string? value, VgpuPlace place)
    {
        if (value is null)
        {
            yield break;
        }

        yield return $"set {key} of {vm.Label} to {value} ({place.Type.ShortName} on {place.Where})";
        foreach (var note in place.Notes)
        {
            yield return note;
        }

        if (vm.IsRunning)
        {
            yield return VmNotes.ColdStart(vm, key);
        }
    }
}
