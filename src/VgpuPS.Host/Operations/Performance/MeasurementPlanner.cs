using VgpuPS.Core.Claims;
using VgpuPS.Core.Cpu;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Performance;
using VgpuPS.Core.Rows;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Operations.Guests;

namespace VgpuPS.Host.Operations.Performance;

/// <summary>Looks at VMs before they are measured: what makes a figure worthless is refused, what may spoil it is
/// noted.</summary>
internal sealed class MeasurementPlanner(HostPorts host, MeasurePerformanceRequest request, MeasurementChoice choice)
{
    /// <summary>A vGPU that does more is at work.</summary>
    public const double BusyShare = 0.05;

    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_calm = TimeSpan.FromSeconds(3);

    private readonly GuestConnector _connector = new(host);
    private readonly Dictionary<PciAddress, MeasuredGpu> _gpus = [];
    private readonly List<HostProblem> _refused = [];

    /// <summary>Looks at all VMs of the request; those that cannot be measured do not keep others from it.</summary>
    public async Task<MeasurementPlan> MakeAsync(CancellationToken cancellationToken)
    {
        var vms = new List<MeasuredVm>();
        var seen = new HashSet<VmId>();
        foreach (var name in request.Vms)
        {
            try
            {
                var vm = VmFinder.Find(host, name);
                if (seen.Add(vm.Id))
                {
                    vms.Add(await LookAsync(vm, vms.Count, cancellationToken).ConfigureAwait(false));
                }
            }
            catch (VgpuException failure)
            {
                _refused.Add(HostProblem.Of(failure));
            }
        }

        return new MeasurementPlan(
            [
                .. vms.GroupBy(v => v.Gpu.Address).OrderBy(g => g.Key)
                    .Select(g => new MeasuredGroup(g.First().Gpu, [.. g], ModesOf(g.First().Gpu, [.. g])))
                    .Where(g => g.Modes.Count > 0),
            ],
            _refused);
    }

    private async Task<MeasuredVm> LookAsync(VmSubject vm, int order, CancellationToken cancellationToken)
    {
        var vgpu = vm.IsRunning ? FindVgpu(vm) : null;
        var guest = await _connector.OpenAsync(
            vm.Id.ToString(), request.Via, request.GuestAddress, request.GuestLogin, "", cancellationToken)
            .ConfigureAwait(false);
        vgpu ??= FindVgpu(vm);
        var os = await RequireLinuxAsync(guest, cancellationToken).ConfigureAwait(false);
        var smi = await os.ReadSmiAsync(cancellationToken).ConfigureAwait(false);
        RequireLicense(vm, vgpu, smi);
        var gpu = await GpuOfAsync(vgpu, cancellationToken).ConfigureAwait(false);
        var parameters = ParametersOf(vm);
        var pins = VmNuma.Read(vm.Config).Affinity ?? "";
        return new MeasuredVm(os, vgpu, gpu, order)
        {
            Share = ShareOf(vgpu),
            GuestDriver = vgpu.Guest?.DriverVersion ?? smi.DriverVersion,
            Affinity = pins,
            Parameters = parameters,
            Notes = [.. NotesOf(vgpu, gpu, parameters)],
        };
    }

    private GuestVgpu FindVgpu(VmSubject vm)
    {
        var found = _connector.FindVgpus(vm).Vgpus;
        if (found is not [var vgpu])
        {
            throw new InvalidRequestException(
                ErrorIds.AmbiguousVgpu,
                $"{vm.Label} has {found.Count} vGPUs ({string.Join(", ", found.Select(v => v.TypeName))}), and a "
                    + "measurement is of one",
                $"measure a VM with one vGPU; see those of this one: Get-Vgpu -VmId {vm.Id}", vm.Id.ToString());
        }

        return LicenseProduct.ClassOf(vgpu.TypeName) is not ('A' or 'B') ? vgpu : throw new HostNotReadyException(
            ErrorIds.VgpuWithoutCuda,
            $"{vm.Label} has a vGPU of type {vgpu.TypeName}, whose class has no CUDA",
            $"give it one of class C or Q: Set-VmVgpu {vm.Id} -Type <type>; see them: Get-VgpuType",
            vm.Id.ToString());
    }

    private static async Task<LinuxGuest> RequireLinuxAsync(RunningGuest guest, CancellationToken cancellationToken)
    {
        var (vm, target) = (guest.Vm, guest.Vm.Id.ToString());
        if (guest.System.IsWindows)
        {
            throw new InvalidRequestException(
                ErrorIds.GuestUnsupported,
                $"{vm.Label} has {guest.System.Name}, and measurements run in Linux guests only",
                "measure a VM with a Linux guest and a vGPU of the same type: what it delivers is the vGPU's", target);
        }

        var machine = await guest.DoAsync("reading its processor", s_short, "uname", ["-m"], cancellationToken)
            .ConfigureAwait(false);
        return machine.Output.Trim() is "x86_64" ? new LinuxGuest(guest) : throw new InvalidRequestException(
            ErrorIds.GuestUnsupported,
            $"{vm.Label} has a processor of kind {machine.Output.Trim()}, and {BenchProgram.Name} is for x86-64",
            "measure a VM with x86-64", target);
    }

    private static void RequireLicense(VmSubject vm, GuestVgpu vgpu, SmiReport smi)
    {
        var state = vgpu.Guest?.License?.State;
        if (state is null ? smi.IsLicensed : state == VgpuLicenseState.Licensed)
        {
            return;
        }

        var status = vgpu.Guest?.License?.Status ?? (smi.Products is [var product, ..] ? product.Status : "Unknown");
        throw new HostNotReadyException(
            ErrorIds.GuestUnlicensed,
            $"the vGPU of {vm.Label} has no licence ({status}): it is slowed down, and a figure would say nothing",
            $"license it: Set-GridLicense {vm.Id} -TokenPath <token file>", vm.Id.ToString());
    }

    private async Task<MeasuredGpu> GpuOfAsync(GuestVgpu vgpu, CancellationToken cancellationToken)
    {
        if (_gpus.TryGetValue(vgpu.Gpu, out var known))
        {
            return known;
        }

        using var driver = host.Driver.Open();
        var reader = new GpuReader(host, driver, ClaimFile.Empty);
        var function = reader.Gpus.First(g => g.Address == vgpu.Gpu);
        var (uuid, model, _) = driver.GetIdentity(vgpu.Gpu);
        var byUuid = VmUuids.Find(host.Proxmox);
        return _gpus[vgpu.Gpu] = new MeasuredGpu(
            function, uuid.Value, model,
            GpuState.Describe(reader.Gpus.ToList().FindIndex(g => g.Address == vgpu.Gpu), model, vgpu.Gpu))
        {
            HostDriver = driver.DriverVersion,
            Scheduler = driver.GetScheduler(vgpu.Gpu)?.Policy?.ToString(),
            Ecc = driver.GetEccMode(vgpu.Gpu),
            Loads = await ReadCalmLoadsAsync(driver, vgpu.Gpu, cancellationToken).ConfigureAwait(false),
            Users = driver.GetActiveVgpus(vgpu.Gpu).ToDictionary(
                v => v.Handle, v => v.FindVm(byUuid) is { } vm ? $"VM {vm}" : "a VM that is not known"),
        };
    }

    // What an earlier measurement did still shows for a moment.
    private async Task<IReadOnlyDictionary<uint, double>> ReadCalmLoadsAsync(
        IGpuDriverSession driver, PciAddress gpu, CancellationToken cancellationToken)
    {
        var loads = ReadLoads(driver, gpu);
        if (!loads.Any(l => l.Value >= BusyShare))
        {
            return loads;
        }

        await Task.Delay(s_calm, host.Clock, cancellationToken).ConfigureAwait(false);
        return ReadLoads(driver, gpu);
    }

    /// <summary>How much vGPUs do, by their handle; none with MIG mode on, where the driver does not say it.</summary>
    public static IReadOnlyDictionary<uint, double> ReadLoads(IGpuDriverSession driver, PciAddress gpu) =>
        driver.ReadVgpuLoads(gpu, out _).Where(l => l.Value.Sm.Value is not null)
            .ToDictionary(l => l.Key, l => l.Value.Sm.Value!.Value);

    private InstanceShare? ShareOf(GuestVgpu vgpu)
    {
        if (vgpu.Active.GpuInstance is not { } id)
        {
            return null;
        }

        using var driver = host.Driver.Open();
        return driver.GetInstances(vgpu.Gpu).FirstOrDefault(i => i.Id == id) is { } instance
            ? InstanceShare.Find(driver.GetProfiles(vgpu.Gpu), instance.Profile) : null;
    }

    // The VM has one vGPU, so that all parameters that are kept for it are its.
    private string ParametersOf(VmSubject vm)
    {
        var settings = host.Settings.Load();
        return string.Join(", ", vm.Config.NextHostPci
            .Where(e => VgpuEntries.TryGetType(e, vm.Id, settings, out _))
            .Select(e => settings.ParametersOf(vm.Id, e.Key)).Where(p => p.Length > 0));
    }

    private static IEnumerable<string> NotesOf(GuestVgpu vgpu, MeasuredGpu gpu, string parameters)
    {
        if (LicenseProduct.ClassOf(vgpu.TypeName) is null)
        {
            yield return $"the class of {vgpu.TypeName} is not known";
        }

        if (parameters.Length > 0)
        {
            yield return $"plugin parameters are set: {parameters}";
        }

        if (gpu.Loads.GetValueOrDefault(vgpu.Active.Handle) is >= BusyShare and var own)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"its vGPU was {own * 100:0} % busy before it was measured");
        }

        if (gpu.Peak is null)
        {
            yield return $"the peaks of {gpu.Model} are not known";
        }
    }

    /// <summary>Modes in which VMs of a GPU can be measured; the others are refused where they were asked
    /// for.</summary>
    private IReadOnlyList<LoadMode> ModesOf(MeasuredGpu gpu, IReadOnlyList<MeasuredVm> vms)
    {
        var modes = new List<LoadMode>(choice.Modes.Count > 0 ? choice.Modes : Enum.GetValues<LoadMode>());
        if (vms.Count == 1 && modes.Contains(LoadMode.Loaded))
        {
            modes.Remove(LoadMode.Loaded);
            if (choice.Modes.Count > 0)
            {
                _refused.Add(HostProblem.Of(OneAlone(gpu, vms[0])));
            }
            else if (request.IsPlanOnly)
            {
                host.Warn($"{vms[0].Label} is the only VM of {gpu.Text} that is measured, so that Loaded is not: name "
                    + "more of its VMs for that");
            }
        }

        // One that is at work is not alone with itself either; the row notes that.
        var busy = gpu.Loads.Where(l => l.Value >= BusyShare && !(vms.Count == 1 && vms[0].Vgpu.Active.Handle == l.Key))
            .OrderByDescending(l => l.Value).ToList();
        if (busy.Count > 0 && modes.Remove(LoadMode.Idle))
        {
            _refused.Add(HostProblem.Of(Busy(gpu, vms[0], busy)));
        }

        return modes;
    }

    private static InvalidRequestException OneAlone(MeasuredGpu gpu, MeasuredVm vm) => new(
        ErrorIds.LoadedNeedsSeveral,
        $"{vm.Label} is the only VM of {gpu.Text} that is measured, and Loaded is several at once",
        $"name those that share the GPU with it (see them: Get-Vgpu -Gpu {gpu.Address}), or measure it alone: "
            + "-Mode Idle", vm.Id.ToString());

    private static ResourceBusyException Busy(
        MeasuredGpu gpu, MeasuredVm vm, IReadOnlyList<KeyValuePair<uint, double>> busy) => new(
        ErrorIds.VgpuBusy,
        string.Create(CultureInfo.InvariantCulture,
            $"{gpu.Users.GetValueOrDefault(busy[0].Key, "a VM")} uses its vGPU on {gpu.Text} to "
                + $"{busy[0].Value * 100:0} %, so that no other is alone there, as Idle needs it"),
        "end what runs in that guest (nvidia-smi there shows it), wait ten seconds, and measure again; or measure "
            + "-Mode Loaded with all VMs of the GPU", vm.Id.ToString());
}
