using VgpuPS.Core.Platform;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Platform;

namespace VgpuPS.Host.Operations.Setup;

/// <summary>
/// Makes a Proxmox host ready for vGPUs: kernel and headers, command line, nouveau, driver, services. What is so
/// already is left alone, and nothing is remembered: after a restart it is simply run again, and goes on.
/// </summary>
/// <param name="host">The host.</param>
internal sealed class InitializeHost(HostPorts host)
{
    private const int MaxRounds = 5;

    /// <summary>Plans it, or executes it.</summary>
    /// <exception cref="VgpuException">It cannot be done; refusals come before the first change, and a step that fails
    /// leaves those before it.</exception>
    public async Task<ChangeResult> RunAsync(
        InitializeHostRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        host.ConfigWriter.RequireProxmox();
        var plan = await PlanAsync(request, isFirst: true, cancellationToken).ConfigureAwait(false);
        var shown = Describe(request, plan);
        if (request.IsPlanOnly || shown.Steps.Count == 0)
        {
            return Show(request, plan, shown);
        }

        var update = plan.Update;
        var executor = new Executor(host, request.Source, progress) { Expected = shown.Steps.Count };
        var wait = TimeSpan.FromSeconds(host.Settings.Load().LockTimeoutSeconds);
        var held = await host.Lock.AcquireAsync(request.Source, wait, cancellationToken).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            plan = await ExecuteAsync(request, executor, cancellationToken).ConfigureAwait(false);
        }

        var restarts = request.Restart && plan.RestartReasons.Count > 0;
        if (restarts && !request.Force)
        {
            InitializeRefusals.CheckNextModule(plan);
        }

        if (update is not null && !restarts)
        {
            await update.RestoreAsync(host, request.Source, progress, cancellationToken).ConfigureAwait(false);
            WarnOfMappings();
        }

        Report(request, plan, restarts);
        if (restarts)
        {
            await executor.RunAsync(
                [new ChangeStep("restart the host", token => RestartAsync(executor, plan, token))], cancellationToken)
                .ConfigureAwait(false);
        }

        // A host that goes down cannot be read back.
        return new ChangeResult(shown, restarts ? [] : [new ChangedObject()]);
    }

    private ChangeResult Show(InitializeHostRequest request, PreparationPlan plan, ChangePlan shown)
    {
        Report(request, plan, isDone: false);
        if (shown.Steps.Count == 0 && plan.Package is not null)
        {
            // The host has been restarted since, and so this is the first look at what the driver made.
            WarnOfMappings();
        }

        return new ChangeResult(shown, [])
        {
            Upload = plan is { InstallsDriver: true, Package.Upload: not null } ? plan.Package.Path : null,
        };
    }

    private Task RestartAsync(Executor executor, PreparationPlan plan, CancellationToken cancellationToken)
    {
        // What is written once it is done would not be written.
        executor.Log("restartHost", host.Proxmox.Node, "", string.Join("; ", plan.RestartReasons));
        return host.Services.RestartHostAsync(cancellationToken);
    }

    /// <param name="request">What is asked.</param>
    /// <param name="isFirst">Whether nothing was changed yet: only then it can be determined whether a restart was
    /// tried.</param>
    /// <param name="cancellationToken">Ends it.</param>
    private async Task<PreparationPlan> PlanAsync(
        InitializeHostRequest request, bool isFirst, CancellationToken cancellationToken)
    {
        var facts = await host.Platform.ReadAsync(cancellationToken).ConfigureAwait(false);
        var package = await FindPackageAsync(request, cancellationToken).ConfigureAwait(false);
        var isPve8 = PveGeneration.FromVersion(host.Proxmox.QemuServerVersion) is { QemuServer.Major: < 9 };
        var gpus = host.Devices.GetGpus();
        var planner = new PreparationPlanner(
            host.Preparation, host.Services, facts, package, isPve8, request.Force, [.. gpus.Select(g => g.Address)],
            WholeGpus.Find(host));
        InitializeRefusals.Check(facts, package, planner, gpus, request.Force);
        InitializeRefusals.CheckBootFiles(facts.Boot.Value, planner);
        InitializeRefusals.CheckZfs(facts, planner);
        await AskLoaderAsync(facts, planner, isFirst, cancellationToken).ConfigureAwait(false);
        var plan = planner.Plan() with { Package = package };
        if (package is not null && facts.Boot.Value.IsSecureBoot && (plan.IsUnfinished || plan.InstallsDriver)
            && !await host.Preparation.SigningKeyIsEnrolledAsync(cancellationToken).ConfigureAwait(false))
        {
            throw InitializeRefusals.KeyIsMissing(package);
        }

        if (plan.InstallsDriver && facts.Driver.Value.IsLoaded)
        {
            plan = plan with { Update = DriverUpdate.Read(host) };
            if (!request.IsPlanOnly)
            {
                plan.Update.RequireIdle();
            }
        }

        return plan;
    }

    /// <summary>The host's package where there is one at the path, else the one that is offered.</summary>
    private async Task<DriverPackage?> FindPackageAsync(
        InitializeHostRequest request, CancellationToken cancellationToken)
    {
        var path = request.DriverPath ?? "";
        if (host.Payloads.IsMeant(path, request.Offers.Count > 0))
        {
            if (request.Offers is [var other, ..] && request.IsPlanOnly)
            {
                host.Warn(DriverOffers.BothAreThere(path, host.Proxmox.Node, other.Name));
            }

            return path.Length == 0
                ? null : await host.Preparation.ReadPackageAsync(path, cancellationToken).ConfigureAwait(false);
        }

        var offer = DriverOffers.Only(request.Offers);
        return HostPreparation.Compare(offer.Name, offer.Head) with { Upload = offer.Describe(host.Proxmox.Node) };
    }

    private async Task AskLoaderAsync(
        HostFacts facts, PreparationPlanner planner, bool isFirst, CancellationToken cancellationToken)
    {
        var boot = facts.Boot.Value;
        if (planner.ChangesWords)
        {
            if (boot.Loader == BootLoader.Grub)
            {
                planner.After = await host.Preparation.TryGrubAsync(
                    planner.DropIn, cancellationToken).ConfigureAwait(false);
                InitializeRefusals.CheckDropIn(boot, planner);
            }
        }
        else if (planner.RunningProblem is not null)
        {
            // The files are right and what runs is not: either the loader does not know yet, or it was not asked.
            planner.Loader = await host.Preparation.ReadLoaderAsync(boot, cancellationToken).ConfigureAwait(false);
        }

        if (isFirst)
        {
            InitializeRefusals.CheckTried(facts, planner);
        }
    }

    private async Task<PreparationPlan> ExecuteAsync(
        InitializeHostRequest request, Executor executor, CancellationToken cancellationToken)
    {
        PreparationPlan? plan = null;
        await executor.ConvergeAsync(PlanRoundAsync, MaxRounds, cancellationToken).ConfigureAwait(false);
        return plan!;

        async Task<Round> PlanRoundAsync()
        {
            plan = await PlanAsync(request, isFirst: plan is null, cancellationToken).ConfigureAwait(false);
            if (plan is { InstallsDriver: true, Package.Upload: not null })
            {
                throw DriverOffers.NotUploaded(plan.Package.Path);
            }

            List<ChangeStep> executable = [.. plan.Steps.Where(s => s.Run is not null)];
            return new Round(host.Proxmox.Node, executable, IsLast: executable.Count == 0);
        }
    }

    private ChangePlan Describe(InitializeHostRequest request, PreparationPlan plan)
    {
        var restarts = request.Restart && plan.RestartReasons.Count > 0;
        List<string> steps =
        [
            .. Texts(plan.Update?.ShutdownText), .. plan.Steps.Select(s => s.Text),
            .. Texts(restarts ? null : plan.Update?.RestoreText),
        ];
        if (restarts)
        {
            steps.Add($"restart {host.Proxmox.Node}: {string.Join("; ", plan.RestartReasons)}");
        }

        return new ChangePlan(
            $"host {host.Proxmox.Node}", steps,
            [
                .. plan.Losses,
                .. plan.Update?.Vms.Select(v => $"{v.Label}, which must be shut down before") ?? [],
                .. restarts
                    ? host.Proxmox.GetVms().Where(host.Proxmox.IsRunning)
                        .Select(v => $"VM {v}, which is shut down with the host") : [],
            ])
        {
            AlreadySo = $"host {host.Proxmox.Node} is prepared",
        };

        static IEnumerable<string> Texts(string? text) => text is null ? [] : [text];
    }

    private void WarnOfMappings()
    {
        foreach (var fault in DriverUpdate.FindMappingFaults(host))
        {
            host.Warn(fault);
        }
    }

    /// <summary>What the host's restart is for, said once and at the end.</summary>
    private void Report(InitializeHostRequest request, PreparationPlan plan, bool isDone)
    {
        if (request.IsPlanOnly)
        {
            return;
        }

        foreach (var warning in plan.Warnings)
        {
            host.Warn(warning);
        }

        if (plan.RestartReasons.Count == 0)
        {
            return;
        }

        var again = plan.IsUnfinished ? $"then run {request.Source} again with the same parameters: "
            + "it continues with the driver" : "then check the host: Test-VgpuHost";
        host.Warn(
            $"{(isDone
                ? $"{host.Proxmox.Node} restarts now" : $"{host.Proxmox.Node} must be restarted (systemctl reboot)")}"
                + $": {string.Join("; ", plan.RestartReasons)}; {again}");
    }
}

/// <summary>Requests a host to be made ready for vGPUs.</summary>
public sealed record InitializeHostRequest : FileChangeRequest
{
    /// <summary>Path on the host of NVIDIA's host driver package; null to leave the driver as it is, or to take the
    /// one that is offered.</summary>
    public string? DriverPath { get; init; }

    /// <inheritdoc/>
    public override FileChangeRequest WithFile(string path) => this with { DriverPath = path, Offers = [] };

    /// <summary>Whether the host is restarted at the end where something needs it.</summary>
    public bool Restart { get; init; }

    /// <summary>Whether a driver may be installed on a kernel that it is not reported on, or an older kernel taken with
    /// root on ZFS.</summary>
    public bool Force { get; init; }
}

/// <summary>What is missing until a host is ready.</summary>
/// <param name="Steps">Steps in order.</param>
/// <param name="RestartReasons">Why the host must be restarted once they are done; none where it need not be.</param>
/// <param name="IsUnfinished">Whether there is more to do after the restart.</param>
/// <param name="Warnings">What a user should know before the host restarts.</param>
internal sealed record PreparationPlan(
    IReadOnlyList<ChangeStep> Steps, IReadOnlyList<string> RestartReasons, bool IsUnfinished,
    IReadOnlyList<string> Warnings)
{
    /// <summary>What the exchange of the driver takes along; null where none that runs is exchanged.</summary>
    public DriverUpdate? Update { get; init; }

    /// <summary>What a user must agree to.</summary>
    public IReadOnlyList<string> Losses { get; init; } = [];

    /// <summary>The package; null for none.</summary>
    public DriverPackage? Package { get; init; }

    /// <summary>The kernel that boots next and has no module of the installed driver; null where it has, or none is
    /// installed that stays.</summary>
    public string? UnbuiltKernel { get; init; }

    /// <summary>Whether the driver is to be installed now.</summary>
    public bool InstallsDriver => Steps.Any(s => s.Event?.Action == PreparationPlanner.InstallDriver);
}
