using VgpuPS.Core.Platform;
using VgpuPS.Host.Platform;
using VgpuPS.Host.Systemd;

namespace VgpuPS.Host.Operations.Setup;

/// <summary>Decides what is missing until a host is ready; reads nothing itself.</summary>
/// <param name="host">Carries the steps out.</param>
/// <param name="services">Starts services.</param>
/// <param name="facts">The host as it is.</param>
/// <param name="package">The driver package to be installed; null for none.</param>
/// <param name="isPve8">Whether the host has Proxmox VE 8.</param>
/// <param name="force">Whether the driver's table of kernels is set aside, or the step back with root on ZFS.</param>
/// <param name="gpus">The host's GPUs.</param>
/// <param name="kept">PCI device ids of GPUs that a VM has as a whole.</param>
/// <remarks>Source: facts/host-behaviour.md 8 (host prerequisites), facts/proxmox.md (f) and (h), facts/errors.md
/// A1-A4, A8, A10.</remarks>
internal sealed partial class PreparationPlanner(
    HostPreparation host, IHostServices services, HostFacts facts, DriverPackage? package, bool isPve8, bool force,
    IReadOnlyList<PciAddress> gpus, IReadOnlySet<int> kept)
{
    /// <summary>What the log of changes calls the installation of the driver.</summary>
    public const string InstallDriver = "installDriver";

    private readonly BootFacts _boot = facts.Boot.Value;
    private readonly string _running = facts.Kernel.Value;
    private readonly DriverFacts _driver = facts.Driver.Value;

    private string? Driver => package?.Version ?? _driver.Version;

    /// <summary>The kernel that the host shall run; null where one must be installed first.</summary>
    public string? Target
    {
        get
        {
            var next = _boot.NextKernel ?? _running;
            return (force && !HasZfsRoot) || !DriverKernels.IsTooNew(Driver, next) ? next
                : Fitting.LastOrDefault() ?? (force && Series is null ? next : null);
        }
    }

    private IEnumerable<string> Fitting => _boot.Kernels.Where(k => !DriverKernels.IsTooNew(Driver, k)
        && (DriverKernels.Find(Driver) is not { } branch
            || (KernelRelease.TryParse(k, out var release) && release.CompareTo(branch.Oldest) >= 0)));

    /// <summary>The series of the kernel to be installed; null where the driver is reported on none that Proxmox VE
    /// offers.</summary>
    public KernelRelease? Series => DriverKernels.Offered(Driver ?? "", isPve8) is { Count: > 0 } offered
        ? offered[^1] : null;

    /// <summary>Makes the plan.</summary>
    public PreparationPlan Plan()
    {
        var steps = new List<ChangeStep>();
        AddPackages(steps);
        AddPin(steps);
        var reasons = new List<string>();
        AddCommandLine(steps, reasons);
        AddNouveau(steps, reasons);
        AddModuleOptions(steps, reasons);
        var mustBoot = MustBoot;
        if (mustBoot)
        {
            reasons.Add(Target is { } kernel ? $"kernel {kernel} is to run instead of {_running}"
                : $"the {Series} kernel is to run instead of {_running}");
        }

        else if (BootsNewer && _boot.NextKernel is { } next)
        {
            reasons.Add($"kernel {next} boots next instead of {_running}");
        }

        var waits = mustBoot || facts.Modules.Value.Contains("nouveau");
        var isWanted = package is not null && !IsInstalled(package);
        if (isWanted && !waits)
        {
            AddDriver(steps, package!);
            return new PreparationPlan(steps, reasons, false, Warnings()) { Losses = [.. Downgrade] };
        }

        AddModule(steps);
        AddUnits(steps);
        return new PreparationPlan(steps, reasons, isWanted && waits, Warnings())
        {
            UnbuiltKernel = !isWanted && _driver.Version is not null && _boot.NextKernel is { } boots
                && !_driver.BuiltFor.Contains(boots) ? boots : null,
        };
    }

    /// <summary>Whether the next boot takes a newer kernel than the running one, which the driver is for.</summary>
    private bool BootsNewer => _boot.NextKernel is { } next && Target == next && next != _running
        && KernelRelease.CompareReleases(next, _running) > 0;

    /// <summary>What guests lose by an older driver than the one that runs.</summary>
    /// <remarks>Assumed: a guest's driver newer than its host's is refused; facts/errors.md E3 has the
    /// opposite.</remarks>
    private IEnumerable<string> Downgrade => _driver.IsLoaded
        && KernelRelease.CompareReleases(package!.Version, _driver.Version) < 0
        ? [$"driver {_driver.Version}, which is newer: guests with a driver newer than {package.Version} may get no "
            + "vGPU"]
        : [];

    private bool HasZfsRoot => KernelCommandLine.HasZfsRoot(KernelCommandLine.Words(_boot.Running));

    private bool IsForced => force && !HasZfsRoot;

    private bool MustBoot => Target is null
        || (Target != _running && !IsForced && DriverKernels.IsTooNew(Driver, _running));

    /// <summary>The kernel, or its series, that the host steps back to; null where it does not.</summary>
    public string? StepBack => MustBoot && KernelRelease.CompareReleases(Target ?? $"{Series}", _running) < 0
        ? Target ?? $"{Series}" : null;

    private string StepBackText => StepBack is null ? ""
        : $"; it is older than {_running}: network interfaces may get other names, firmware of newer hardware may be "
            + "missing";

    /// <summary>Whether that step is one that root on ZFS may not survive, and it was not confirmed.</summary>
    public bool IsRefusedByZfs => StepBack is not null && HasZfsRoot && !force;

    private bool IsInstalled(DriverPackage wanted) => _driver.HasVgpuManager && _driver.BuiltFor.Contains(_running)
        && wanted.Version == _driver.Version && (_driver.IsLoaded || facts.Boot.Value.IsSecureBoot);

    private void AddPackages(List<ChangeStep> steps)
    {
        List<string> wanted = Target is { } kernel
            ? [$"proxmox-headers-{kernel}"] : [$"proxmox-kernel-{Series}", $"proxmox-headers-{Series}"];
        if (Target is not null && Target != _running && (IsForced || !DriverKernels.IsTooNew(Driver, _running)))
        {
            wanted.Add($"proxmox-headers-{_running}");
        }

        wanted.Add("dkms");
        if (_boot.PinnedKernel is null && Target == _boot.NextKernel)
        {
            wanted.Add("proxmox-default-headers");
        }

        var installed = facts.Packages.Value;
        var missing = wanted.Where(w => !installed.Contains(w)
            && !installed.Contains(w.Replace("proxmox-headers-", "pve-headers-", StringComparison.Ordinal))).ToList();
        if (missing.Count > 0)
        {
            steps.Add(new ChangeStep(
                $"install packages {string.Join(", ", missing)}", "installPackages", string.Join(' ', missing),
                token => host.InstallPackagesAsync(missing, token)));
        }
    }

    private void AddPin(List<ChangeStep> steps)
    {
        if (Target is null)
        {
            steps.Add(new ChangeStep($"pin the {Series} kernel, so that the host boots it{StepBackText}", null));
        }
        else if (Target != _boot.NextKernel)
        {
            var kernel = Target;
            steps.Add(new ChangeStep(
                $"pin kernel {kernel}, so that the host boots it and not {_boot.NextKernel} "
                    + $"({DriverKernels.Find(Driver)!.Text}){StepBackText}",
                "pinKernel", kernel, token => host.PinKernelAsync(_boot, kernel, token)));
        }
    }

    private bool NouveauIsOurs =>
        facts.ModuleOptions.Value.Any(f => f is { Path: NouveauFile.Path, Text: NouveauFile.Text });

    private void AddNouveau(List<ChangeStep> steps, List<string> reasons)
    {
        var isLoaded = facts.Modules.Value.Contains("nouveau");
        if (!NouveauIsOurs && (isLoaded || facts.NouveauBlacklist is null))
        {
            var texts = new Dictionary<string, string>(
                StringComparer.Ordinal)
            { [NouveauFile.Path] = NouveauFile.Text };
            steps.Add(new ChangeStep(
                $"blacklist nouveau in {NouveauFile.Path}, and run update-initramfs -u -k all", "blacklistNouveau",
                NouveauFile.Path,
                token => host.WriteModuleOptionsAsync(texts, _boot.NextKernel, token)));
        }

        if (isLoaded)
        {
            reasons.Add("nouveau uses the GPUs until then");
        }
    }

    private void AddDriver(List<ChangeStep> steps, DriverPackage wanted)
    {
        var old = _driver.Version is { } version ? " in place of "
            + $"{version}{(_driver.HasVgpuManager ? "" : ", which is not a vGPU host driver")}" : "";
        var isActive = facts.FindUnit(HostUnits.VgpuManager) is { IsActive: true };
        if (isActive)
        {
            steps.Add(new ChangeStep(
                $"stop {HostUnits.VgpuManager} and {HostUnits.Vgpud}, which use the driver", null));
        }

        if (wanted.Upload is { } upload)
        {
            steps.Add(new ChangeStep(upload, null));
        }

        steps.Add(new ChangeStep(
            $"install NVIDIA's host driver {wanted.Version}{old}: {wanted.Path} --silent --dkms",
            InstallDriver, wanted.Version,
            token => isActive ? ExchangeAsync(wanted, token) : host.InstallDriverAsync(wanted, token)));
        if (BootsNewer)
        {
            steps.Add(new ChangeStep(
                $"build its module for kernel {_boot.NextKernel}, which boots next, where that is not done yet", null));
        }

        steps.Add(new ChangeStep($"start {HostUnits.Vgpud} and {HostUnits.VgpuManager}", null));
    }

    /// <summary>Installs a driver while the one before runs; services run again where that fails.</summary>
    private async Task ExchangeAsync(DriverPackage wanted, CancellationToken cancellationToken)
    {
        await services.StopAsync([HostUnits.VgpuManager, HostUnits.Vgpud], cancellationToken).ConfigureAwait(false);
        try
        {
            await host.InstallDriverAsync(wanted, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await services.StartAsync([HostUnits.Vgpud, HostUnits.VgpuManager], CancellationToken.None)
                .ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The module for a newer kernel that boots next, which was installed without it.</summary>
    private void AddModule(List<ChangeStep> steps)
    {
        if (!BootsNewer || !_driver.HasVgpuManager || _boot.NextKernel is not { } next
            || _driver.BuiltFor.Contains(next))
        {
            return;
        }

        steps.Add(_driver.InstalledVersion is { } version
            ? new ChangeStep(
                $"build the module of driver {version} for kernel {next}, which boots next: dkms autoinstall -k {next}",
                "buildModule", next, token => host.BuildModuleAsync(version, next, token))
            : new ChangeStep(
                $"by hand, before a restart: install driver {_driver.Version} again with --dkms, as kernel {next} "
                    + "boots next and no source of the module is installed that could be built for it", null));
    }

    /// <summary>Services that came with the driver and that no boot has started yet.</summary>
    private void AddUnits(List<ChangeStep> steps)
    {
        var manager = facts.FindUnit(HostUnits.VgpuManager);
        if (!_driver.IsLoaded || !_driver.HasVgpuManager
            || manager is not { IsInstalled: true, IsActive: false, IsStarting: false })
        {
            return;
        }

        steps.Add(new ChangeStep(
            $"start {HostUnits.Vgpud} and {HostUnits.VgpuManager}", "startServices", HostUnits.VgpuManager,
            token => services.StartAsync([HostUnits.Vgpud, HostUnits.VgpuManager], token)));
    }
}
