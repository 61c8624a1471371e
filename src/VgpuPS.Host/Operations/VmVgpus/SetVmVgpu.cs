using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.VmVgpus;

/// <summary>Changes a vGPU entry of a VM; other properties of its line stay as they are.</summary>
internal sealed class SetVmVgpu(HostPorts host)
{
    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        SetVmVgpuRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var wanted = VgpuRequest.From(request.Vm, request.Type, request.Profile, request.MemoryMiB);
        var (function, mapping) = (VgpuRequest.Text(request.Function), VgpuRequest.Text(request.Mapping));
        var moves = function is not null || mapping is not null;
        if (wanted.Count == 0 && !moves && request is { PrimaryGpu: null, PciExpress: null, Parameters: null })
        {
            throw new InvalidRequestException(
                ErrorIds.NothingToChange, $"VM {request.Vm}: nothing to change is specified",
                "specify a new -Type, -Profile, -Memory, -Function, -Mapping, -PrimaryGpu, -PciExpress or "
                    + "-Parameter", request.Vm);
        }

        var decision = Decide(request, wanted, function, mapping);
        var changed = new ChangedObject { VmId = decision.Vm.Id.Value, Entry = decision.Key };
        if (request.IsPlanOnly)
        {
            Overcommitment.Warn(host, decision);
            return decision.ToPlanned();
        }

        if (decision.Plan.Steps.Count == 0)
        {
            return new ChangeResult(decision.Plan, [changed]);
        }

        var done = await new VgpuWriter(host, host.Settings.Load(), request.Source)
            .RunAsync(
                () => Decide(request, wanted, function, mapping), progress, cancellationToken).ConfigureAwait(false);
        return new ChangeResult(done.Plan, [changed]);
    }

    private VgpuDecision Decide(SetVmVgpuRequest request, VgpuRequest wanted, string? function, string? mapping)
    {
        var vm = VmFinder.Find(host, request.Vm);
        vm.RequireNoTemplate();
        vm.RequireUnlocked();
        var settings = host.Settings.Load();
        var entry = VgpuEntry.Find(vm, settings, request.Entry);
        var flags = VgpuFlags.For(vm, entry, request.PrimaryGpu, request.PciExpress);
        var moves = function is not null || mapping is not null;
        var place = wanted.Count == 0 && !moves ? null : FindPlace(vm, settings, entry, wanted, function, mapping);
        var value = flags.Apply(place is null ? entry.Value : Edit(entry, place, moves));
        var isSame = IsSame(entry, value, vm);
        var parameters = ParameterChange.Find(
            vm, settings, entry.Key, request.Parameters, place?.Type ?? FindType(vm, settings, entry, request));
        var plan = new ChangePlan(
            vm.Label, [.. parameters?.Texts ?? [], .. isSame ? [] : Describe(vm, entry, value, place),
                .. isSame && parameters is not null && vm.IsRunning
                    ? (string[])[VmNotes.ColdStart(vm, $"{entry.Key}'s plugin parameters")] : []], []);
        return new VgpuDecision(vm, entry.Key, isSame ? null : value, HookPlan.Nothing, plan)
        {
            Parameters = parameters,
            Function = moves ? place?.Function : null,
            IsNamed = true,
        };
    }

    /// <summary>Without a new type the present one must be on the new function's GPU, and the other way
    /// round.</summary>
    private VgpuPlace FindPlace(
        VmSubject vm, HookSettings settings, HostPciEntry entry, VgpuRequest wanted, string? function, string? mapping)
    {
        VgpuEntries.TryGetType(entry, vm.Id, settings, out var present);
        if (wanted.Count == 0)
        {
            wanted = present is { } type
                ? new VgpuRequest(type.MdevName, null, null) : wanted.Require(vm.Id.ToString());
        }

        if (function is null && mapping is null)
        {
            (function, mapping) = (entry.Hosts.Count == 1 ? entry.Hosts[0] : null, entry.Mapping);
        }

        using var driver = host.Driver.Open();
        return new VgpuPlacer(host, settings, driver, vm, entry.Index).Find(wanted, function, mapping);
    }

    /// <summary>The entry's present type, for what it allows of parameters; null where no driver knows it.</summary>
    private VgpuType? FindType(VmSubject vm, HookSettings settings, HostPciEntry entry, SetVmVgpuRequest request)
    {
        if (request.Parameters is null || !VgpuEntries.TryGetType(entry, vm.Id, settings, out var id) || id is null)
        {
            return null;
        }

        try
        {
            using var driver = host.Driver.Open();
            return host.Devices.GetGpus().Where(g => g.Driver == "nvidia")
                .Select(g => driver.FindType(g.Address, id.Value)).FirstOrDefault(t => t is not null);
        }
        catch (VgpuException)
        {
            // The start says what its type does not allow.
            return null;
        }
    }

    private static string Edit(HostPciEntry entry, VgpuPlace place, bool moves)
    {
        var value = moves ? HostPciText.WithDevice(entry.Value, place.Device) : entry.Value;
        return HostPciText.With(value, "mdev", place.Type.Id.MdevName);
    }

    private static bool IsSame(HostPciEntry entry, string value, VmSubject vm) => value == entry.Value
        || (HostPciGrammar.Parse(entry.Index, value, vm.Generation).Entry is { } parsed
            && parsed.Properties.Count == entry.Properties.Count && !parsed.Properties.Except(entry.Properties).Any());

    private static IEnumerable<string> Describe(VmSubject vm, HostPciEntry entry, string value, VgpuPlace? place)
    {
        var what = place is null ? "" : $" ({place.Type.ShortName} on {place.Where})";
        yield return $"set {entry.Key} of {vm.Label} to {value}{what}, before: {entry.Value}";
        foreach (var note in place?.Notes ?? [])
        {
            yield return note;
        }

        if (vm.IsRunning)
        {
            yield return VmNotes.ColdStart(vm, entry.Key);
        }
    }
}

/// <summary>Requests another vGPU in an entry that a VM has; what is not named stays as it is.</summary>
public sealed record SetVmVgpuRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>The entry: <c>hostpciN</c> or N; null for the only vGPU of the VM.</summary>
    public string? Entry { get; init; }

    /// <summary>New type by name or number; of type, profile and memory one at most.</summary>
    public string? Type { get; init; }

    /// <summary>New type by GPU instance profile.</summary>
    public string? Profile { get; init; }

    /// <summary>New type by least frame buffer, in MiB.</summary>
    public long? MemoryMiB { get; init; }

    /// <summary>New function.</summary>
    public string? Function { get; init; }

    /// <summary>New cluster mapping.</summary>
    public string? Mapping { get; init; }

    /// <summary>Whether it is the guest's primary display; null as it is.</summary>
    public bool? PrimaryGpu { get; init; }

    /// <summary>
    /// Plugin parameters by name, beside those that it has; null for a value takes one away, an empty list all of
    /// them, and null leaves them as they are.
    /// </summary>
    public IReadOnlyDictionary<string, long?>? Parameters { get; init; }

    /// <summary>Whether the guest sees a PCI Express device; null as it is.</summary>
    public bool? PciExpress { get; init; }
}
