using VgpuPS.Core.Platform;

namespace VgpuPS.Core.UseCases.InitializeHost;

/// <summary>Decides what is missing until a host is ready; reads nothing itself.</summary>
/// <param name="facts">The host as it is.</param>
/// <param name="package">The driver package to be installed; null for none.</param>
/// <param name="isPve8">Whether the host has Proxmox VE 8.</param>
/// <param name="force">Whether the driver's table of kernels is set aside.</param>
/// <remarks>Source: facts/host-behaviour.md 8 (host prerequisites), facts/proxmox.md (f) and (h), facts/errors.md A1-A4, A8, A10.</remarks>
internal sealed class PreparationPlanner(HostFacts facts, DriverPackage? package, bool isPve8, bool force)
{
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
            return force || !DriverKernels.IsTooNew(Driver, next) ? next : Fitting.LastOrDefault();
        }
    }

    private IEnumerable<string> Fitting => _boot.Kernels.Where(k => !DriverKernels.IsTooNew(Driver, k)
        && (DriverKernels.Find(Driver) is not { } branch || (KernelRelease.TryParse(k, out var release) && release.CompareTo(branch.Oldest) >= 0)));

    /// <summary>The series of the kernel to be installed; null where the driver is reported on none that Proxmox VE offers.</summary>
    public KernelRelease? Series => DriverKernels.Offered(Driver ?? "", isPve8) is { Count: > 0 } offered ? offered[^1] : null;

    /// <summary>Makes the plan.</summary>
    public PreparationPlan Plan()
    {
        var steps = new List<PreparationStep>();
        AddPackages(steps);
        AddPin(steps);
        var reasons = new List<string>();
        AddCommandLine(steps, reasons);
        AddNouveau(steps, reasons);
        var mustBoot = Target is null || (Target != _running && !force && DriverKernels.IsTooNew(Driver, _running));
        if (mustBoot)
        {
            reasons.Add(Target is { } kernel ? $"kernel {kernel} is to run instead of {_running}" : $"the {Series} kernel is to run instead of {_running}");
        }

        var waits = mustBoot || facts.Modules.Value.Contains("nouveau");
        var isWanted = package is not null && !IsInstalled(package);
        if (isWanted && !waits)
        {
            AddDriver(steps, package!);
        }
        else
        {
            AddUnits(steps);
        }

        return new PreparationPlan(steps, reasons, isWanted && waits);
    }

    private bool IsInstalled(DriverPackage wanted) => _driver.HasVgpuManager && _driver.BuiltFor.Contains(_running)
        && wanted.Version == _driver.Version && (_driver.IsLoaded || facts.Boot.Value.IsSecureBoot);

    private void AddPackages(List<PreparationStep> steps)
    {
        List<string> wanted = Target is { } kernel
            ? [$"proxmox-headers-{kernel}"] : [$"proxmox-kernel-{Series}", $"proxmox-headers-{Series}"];
        if (Target is not null && Target != _running && (force || !DriverKernels.IsTooNew(Driver, _running)))
        {
            wanted.Add($"proxmox-headers-{_running}");
        }

        wanted.Add("dkms");
        if (_boot.PinnedKernel is null && Target == _boot.NextKernel)
        {
            wanted.Add("proxmox-default-headers");
        }

        var installed = facts.Packages.Value;
        var missing = wanted.Where(w => !installed.Contains(w) && !installed.Contains(w.Replace("proxmox-headers-", "pve-headers-", StringComparison.Ordinal))).ToList();
        if (missing.Count > 0)
        {
            steps.Add(new PreparationStep(
                "installPackages", $"Install packages {string.Join(", ", missing)}", string.Join(' ', missing),
                (host, token) => host.InstallPackagesAsync(missing, token)));
        }
    }

    private void AddPin(List<PreparationStep> steps)
    {
        if (Target is null)
        {
            steps.Add(new PreparationStep("pinKernel", $"Pin the {Series} kernel, so that the host boots it", "", null));
        }
        else if (Target != _boot.NextKernel)
        {
            var kernel = Target;
            steps.Add(new PreparationStep(
                "pinKernel", $"Pin kernel {kernel}, so that the host boots it and not {_boot.NextKernel} ({DriverKernels.Find(Driver)!.Text})", kernel,
                (host, token) => host.PinKernelAsync(_boot, kernel, token)));
        }
    }

    private void AddCommandLine(List<PreparationStep> steps, List<string> reasons)
    {
        List<string> remove = [.. KernelCommandLine.OffWords.Where(_boot.ConfiguredWords.Contains)];
        List<string> add = [.. Needed().Where(w => !_boot.ConfiguredWords.Contains(w))];
        if (add.Count + remove.Count > 0)
        {
            var text = KernelCommandLine.Edit(_boot.Loader, _boot.ConfiguredText, add, remove);
            var what = string.Join(" and ", new[] { add.Count > 0 ? $"add {string.Join(' ', add)}" : "", remove.Count > 0 ? $"remove {string.Join(' ', remove)}" : "" }
                .Where(w => w.Length > 0));
            steps.Add(new PreparationStep(
                "setCommandLine", $"In {_boot.ConfiguredPath} {what}, and run {_boot.RefreshCommand}", _boot.ConfiguredPath,
                (host, token) => host.SetCommandLineAsync(_boot, text, token)));
        }

        var running = KernelCommandLine.Words(facts.CommandLine.Value);
        if (Needed().Any(w => !running.Contains(w)) || KernelCommandLine.IommuProblem(running, facts.Cpu.Value, _running) is not null)
        {
            reasons.Add("the kernel command line has changed");
        }
    }

    private IEnumerable<string> Needed()
    {
        var needsIntel = KernelCommandLine.NeedsIntelWord(facts.Cpu.Value, Target ?? $"{Series}");
        return needsIntel ? [KernelCommandLine.IntelOn, KernelCommandLine.PassThrough] : [KernelCommandLine.PassThrough];
    }

    private void AddNouveau(List<PreparationStep> steps, List<string> reasons)
    {
        var isLoaded = facts.Modules.Value.Contains("nouveau");
        var isOurs = facts.ModuleOptions.Value.Any(f => f is { Path: NouveauFile.Path, Text: NouveauFile.Text });
        if (!isOurs && (isLoaded || !facts.BlacklistsNouveau))
        {
            steps.Add(new PreparationStep(
                "blacklistNouveau", $"Blacklist nouveau in {NouveauFile.Path}, and run update-initramfs -u -k all", NouveauFile.Path,
                (host, token) => host.BlacklistNouveauAsync(token)));
        }

        if (isLoaded)
        {
            reasons.Add("nouveau has the GPUs until then");
        }
    }

    private void AddDriver(List<PreparationStep> steps, DriverPackage wanted)
    {
        var old = _driver.Version is { } version ? $" in place of {version}{(_driver.HasVgpuManager ? "" : ", which is no vGPU host driver")}" : "";
        steps.Add(new PreparationStep(
            "installDriver", $"Install NVIDIA's host driver {wanted.Version}{old}: {wanted.Path} --silent --dkms", wanted.Version,
            (host, token) => host.InstallDriverAsync(wanted, token)));
        steps.Add(new PreparationStep("startServices", $"Start {HostUnits.Vgpud} and {HostUnits.VgpuManager}", "", null));
    }

    /// <summary>Services that came with the driver and that no boot has started yet.</summary>
    private void AddUnits(List<PreparationStep> steps)
    {
        var manager = facts.FindUnit(HostUnits.VgpuManager);
        if (!_driver.IsLoaded || !_driver.HasVgpuManager || manager is not { IsInstalled: true, IsActive: false, IsStarting: false })
        {
            return;
        }

        steps.Add(new PreparationStep(
            "startServices", $"Start {HostUnits.Vgpud} and {HostUnits.VgpuManager}", HostUnits.VgpuManager,
            (host, token) => host.StartUnitsAsync([HostUnits.Vgpud, HostUnits.VgpuManager], token)));
    }
}
