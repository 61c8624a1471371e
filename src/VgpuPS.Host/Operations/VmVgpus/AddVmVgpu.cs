using VgpuPS.Core.Settings;
using VgpuPS.Host.Operations.Hook;

namespace VgpuPS.Host.Operations.VmVgpus;

/// <summary>Gives a VM a vGPU: chooses type, GPU, function and entry, writes them with qm, and registers the
/// hook.</summary>
/// <remarks>A function that is named and that the VM has already, with that type, is not a change.</remarks>
internal sealed class AddVmVgpu(HostPorts host)
{
    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        AddVmVgpuRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var wanted = VgpuRequest.From(request.Vm, request.Type, request.Profile, request.MemoryMiB).Require(request.Vm);
        var settings = host.Settings.Load();
        if (request.IsPlanOnly)
        {
            var planned = Decide(request, wanted, settings);
            Overcommitment.Warn(host, planned);
            return planned.ToPlanned();
        }

        var done = await new VgpuWriter(host, settings, request.Source)
            .RunAsync(
                () => Decide(request, wanted, host.Settings.Load()), progress, cancellationToken).ConfigureAwait(false);
        return new ChangeResult(done.Plan, [new ChangedObject { VmId = done.Vm.Id.Value, Entry = done.Key }]);
    }

    private VgpuDecision Decide(AddVmVgpuRequest request, VgpuRequest wanted, HookSettings settings)
    {
        var vm = VmFinder.Find(host, request.Vm);
        vm.RequireNoTemplate();
        vm.RequireUnlocked();
        var hook = request.RegisterHook ? new HookPlanner(host, settings).Plan(vm, request.Storage) : HookPlan.Nothing;
        var flags = VgpuFlags.For(vm, null, request.PrimaryGpu ? true : null, request.PciExpress);
        var (function, mapping) = (VgpuRequest.Text(request.Function), VgpuRequest.Text(request.Mapping));
        var same = FindSame(vm, function);
        VgpuPlace place;
        using (var driver = host.Driver.Open())
        {
            place = new VgpuPlacer(host, settings, driver, vm, same?.Index).Find(wanted, function, mapping);
        }

        if (same is not null && same.VgpuType != place.Type.Id)
        {
            throw new InvalidRequestException(
                ErrorIds.FunctionAlreadyUsed,
                $"{same.Key} of {vm.Label} already has function {function}, with another type",
                $"change that entry: Set-VmVgpu -VmId {vm.Id} -Entry {same.Key} -Type {place.Type.ShortName}",
                function);
        }

        var key = $"{HostPciGrammar.KeyPrefix}{same?.Index ?? FindEntry(vm)}";
        var value = same is not null ? null
            : flags.Apply(HostPciText.With(HostPciText.WithDevice("", place.Device), "mdev", place.Type.Id.MdevName));
        var parameters = ParameterChange.Find(vm, settings, key, request.Parameters, place.Type);
        var plan = new ChangePlan(
            vm.Label,
            [.. hook.Steps, .. parameters?.Texts ?? [], .. Describe(vm, key, value, place, parameters, settings)], []);
        return new VgpuDecision(
            vm, key, value, hook, plan)
        { Function = place.Function, IsNamed = function is not null, Parameters = parameters };
    }

    /// <summary>The entry that has the function that is requested.</summary>
    private static HostPciEntry? FindSame(VmSubject vm, string? function) =>
        VgpuPS.Core.Gpu.PciAddress.TryParse(function?.ToLowerInvariant(), out var address)
            ? vm.Config.NextHostPci.FirstOrDefault(e => e is { Mdev: not null, Hosts: [var only] }
                && VgpuPS.Core.Gpu.PciAddress.TryParse(only, out var named) && named == address)
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
            ErrorIds.NoFreeEntry, $"{vm.Label} has {HostPciGrammar.EntryCount} hostpci entries, the maximum of Proxmox",
            $"remove one that is not needed: Remove-VmVgpu -VmId {vm.Id} -Entry hostpci15", vm.Id.ToString());
    }

    private static IEnumerable<string> Describe(
        VmSubject vm, string key, string? value, VgpuPlace place, ParameterChange? parameters, HookSettings settings)
    {
        if (value is null)
        {
            yield break;
        }

        if (parameters is null && settings.ParametersOf(vm.Id, key) is { Length: > 0 } kept)
        {
            yield return $"use plugin parameters {kept} that the configuration has for {key} of {vm.Label}";
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

/// <summary>
/// Requests a vGPU in a VM's configuration; of type, profile and memory exactly one, blank text counting as none.
/// </summary>
public sealed record AddVmVgpuRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>Type: short name (<c>A30-2-12C</c>), full name, <c>nvidia-690</c> or number.</summary>
    public string? Type { get; init; }

    /// <summary>GPU instance profile: <c>2g.12gb</c>; the type of that profile that fills an instance.</summary>
    public string? Profile { get; init; }

    /// <summary>Least frame buffer in MiB: the smallest type that has it and goes with the GPU's present MIG
    /// mode.</summary>
    public long? MemoryMiB { get; init; }

    /// <summary>Address of the virtual function; null to choose GPU and function.</summary>
    public string? Function { get; init; }

    /// <summary>Id of a cluster mapping, of which Proxmox takes a function at the start; null for none.</summary>
    public string? Mapping { get; init; }

    /// <summary>Whether it is the guest's primary display.</summary>
    public bool PrimaryGpu { get; init; }

    /// <summary>Whether the guest sees a PCI Express device; null for yes on a q35 machine, else no.</summary>
    public bool? PciExpress { get; init; }

    /// <summary>
    /// Plugin parameters by name, beside those that the configuration has for the entry; null for a value takes one
    /// away, an empty list all of them, and null leaves them as they are.
    /// </summary>
    public IReadOnlyDictionary<string, long?>? Parameters { get; init; }

    /// <summary>Whether the VM gets our hook too, unless it has it.</summary>
    public bool RegisterHook { get; set; } = true;

    /// <summary>Storage for the hook; null as when it is registered.</summary>
    public string? Storage { get; init; }
}
