using VgpuPS.Core.Guests;

namespace VgpuPS.Host.Operations.Guests;

/// <summary>Installs a driver in a guest and sees that it runs.</summary>
internal sealed class InstallGuestDriver(HostPorts host)
{
    private static readonly TimeSpan s_bootTime = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        InstallGuestDriverRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var isHosts = host.Payloads.IsMeant(request.Path, request.Offers.Count > 0);
        var (file, size, upload) = isHosts ? Find(request) : (null, 0, null);
        var opener = new GuestConnector(host);
        var guest = await opener.OpenAsync(
            request.Vm, request.Via, request.GuestAddress, request.GuestLogin, "",
            cancellationToken).ConfigureAwait(false);
        var os = GuestOs.For(guest);
        if (file is null)
        {
            var offer = DriverOffers.For(request.Offers, guest.System.IsWindows);
            (file, size, upload) = (GuestDriverFile.Parse(offer.Name), offer.Size, offer);
        }

        var (_, hostDriver) = opener.FindVgpus(guest.Vm);
        var uploader = new FileUploader(host.Payloads, os);
        var present = await os.FindDriverAsync(cancellationToken).ConfigureAwait(false);
        var plan = new DriverPlan(os, file, size, uploader.CountParts(size), present, hostDriver)
        {
            Upload = upload?.Describe(host.Proxmox.Node),
        };
        plan.Require(request.Force);
        var changes = plan.ToChangePlan();
        var changed = new ChangedObject { VmId = guest.Vm.Id.Value };
        if (request.IsPlanOnly || changes.Steps.Count == 0)
        {
            return new ChangeResult(changes, request.IsPlanOnly ? [] : [changed])
            {
                Upload = changes.Steps.Count > 0 ? upload?.Name : null,
            };
        }

        if (upload is not null)
        {
            throw DriverOffers.NotUploaded(upload.Name);
        }

        await GuestLock.HoldAsync(
            host, os, () => ExecuteAsync(plan, uploader, request, progress, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return new ChangeResult(changes, [changed]);
    }

    private (GuestDriverFile File, long Size, OfferedFile? Upload) Find(InstallGuestDriverRequest request)
    {
        if (request.Offers is [var other, ..] && request.IsPlanOnly)
        {
            host.Warn(DriverOffers.BothAreThere(request.Path, host.Proxmox.Node, other.Name));
        }

        return (GuestDriverFile.Parse(request.Path), host.Payloads.GetSize(request.Path), null);
    }

    private async Task ExecuteAsync(
        DriverPlan plan, FileUploader uploader, InstallGuestDriverRequest request, IProgress<StepProgress> progress,
        CancellationToken cancellationToken)
    {
        var os = plan.Os;
        var target = os.Combine(os.WorkFolder, plan.File.Name);
        List<ChangeStep> steps =
        [
            .. uploader.Plan(request.Path, plan.Size, target),
            new($"install {plan.File.Name} in {os.Guest.Vm.Label}", token => os.InstallAsync(plan.File, target, token)),
        ];
        var executor = new Executor(host, request.Source, progress)
        {
            Vm = os.Guest.Vm.Id.Value,
            Expected = steps.Count + 1,
        };
        try
        {
            await executor.RunAsync(steps, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await CleanUpAsync(os).ConfigureAwait(false);
        }

        var restart = new ChangeStep(
            $"restart {os.Guest.Vm.Label} and wait until it answers", token => FinishAsync(plan, executor, token));
        await executor.RunAsync([restart], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Restarts the guest, and reads back which driver it has then.</summary>
    private async Task FinishAsync(DriverPlan plan, Executor executor, CancellationToken cancellationToken)
    {
        var (os, vm) = (plan.Os, plan.Os.Guest.Vm);
        await RestartAsync(os, cancellationToken).ConfigureAwait(false);
        var smi = await os.ReadSmiAsync(cancellationToken).ConfigureAwait(false);
        if (plan.File.Version is { } wanted && smi.DriverVersion != wanted)
        {
            throw new HostCommandException(
                ErrorIds.ReadBackMismatch,
                $"{plan.File.Name} was installed in {vm.Label}, and nvidia-smi there has driver "
                    + $"{smi.DriverVersion ?? "none"}",
                "look in the guest: nvidia-smi; dkms status; dmesg | grep -i nvidia", plan.File.Name, 0, "",
                vm.Id.ToString());
        }

        executor.Log("installGuestDriver", $"VM {vm.Id} driver", plan.Present ?? "", smi.DriverVersion ?? "");
    }

    private async Task CleanUpAsync(GuestOs os)
    {
        try
        {
            await os.RemoveAsync(os.WorkFolder, CancellationToken.None).ConfigureAwait(false);
        }
        catch (VgpuException e)
        {
            host.Warn($"{os.WorkFolder} in {os.Guest.Vm.Label} was not removed: {e.Message}");
        }
    }

    private async Task RestartAsync(GuestOs os, CancellationToken cancellationToken)
    {
        var before = await os.GetBootMarkAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await os.RebootAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (VgpuException e) when (IsAway(e))
        {
            // The guest was gone before it could answer: what was requested.
        }

        var started = host.Clock.GetTimestamp();
        while (await IsBeforeAsync(os, before, cancellationToken).ConfigureAwait(false))
        {
            if (host.Clock.GetElapsedTime(started) >= s_bootTime)
            {
                throw new HostTimeoutException(
                    ErrorIds.Timeout,
                    string.Create(CultureInfo.InvariantCulture,
                        $"{os.Guest.Vm.Label} has not answered {s_bootTime.TotalMinutes:0} minutes after its restart"),
                    $"look at its console: qm terminal {os.Guest.Vm.Id}, or the console in Proxmox's web interface",
                    os.Guest.Vm.Id.ToString());
            }

            await Task.Delay(s_pause, host.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    // Whether it still is the guest from before, or none yet.
    private static async Task<bool> IsBeforeAsync(GuestOs os, string mark, CancellationToken cancellationToken)
    {
        try
        {
            return await os.GetBootMarkAsync(cancellationToken).ConfigureAwait(false) == mark;
        }
        catch (VgpuException e) when (IsAway(e) || e.ErrorId == ErrorIds.GuestCommandFailed)
        {
            return true;
        }
    }

    private static bool IsAway(VgpuException failure) =>
        failure.ErrorId is ErrorIds.GuestAgentNotRunning or ErrorIds.GuestUnreachable or ErrorIds.Timeout;
}

/// <summary>
/// Requests a guest driver to be installed. The file lies on the host, or is uploaded there first: it is too large to
/// travel with a request.
/// </summary>
public sealed record InstallGuestDriverRequest : FileChangeRequest
{
    /// <inheritdoc/>
    public override FileChangeRequest WithFile(string path) => this with { Path = path, Offers = [] };

    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>Absolute path of the driver's file on the Proxmox host; empty to take one that is offered.</summary>
    public required string Path { get; init; }

    /// <summary>Whether a driver newer than the host's is installed all the same.</summary>
    public bool Force { get; init; }

    /// <summary>How the guest is reached; null for whichever way there is.</summary>
    public GuestVia? Via { get; init; }

    /// <summary>Where SSH finds the guest; null for the VM's name.</summary>
    public string? GuestAddress { get; init; }

    /// <summary>Whom SSH logs in to the guest as, with a password; null for a key of the host's root. A
    /// secret.</summary>
    public GuestLogin? GuestLogin { get; init; }
}
