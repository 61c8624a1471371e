using VgpuPS.Core.Claims;
using VgpuPS.Core.Guests;

namespace VgpuPS.Host.Operations.Guests;

/// <summary>Finds a VM that runs, and a way into its guest.</summary>
internal sealed class GuestConnector(HostPorts host)
{
    /// <summary>Opens the channel: the guest agent where it is enabled, else SSH where an address is given.</summary>
    /// <param name="name">The VM, by number or name.</param>
    /// <param name="transport">The way that is requested; null for whichever there is.</param>
    /// <param name="address">SSH's destination; null for the VM's name.</param>
    /// <param name="login">Whom SSH logs in as; null for a key of the host's root.</param>
    /// <param name="secret">What no message may hold.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="VgpuException">There is no such VM, it does not run, or its guest does not answer.</exception>
    public async Task<RunningGuest> OpenAsync(
        string name, GuestVia? transport, string? address, GuestLogin? login, string secret,
        CancellationToken cancellationToken)
    {
        var vm = VmFinder.Find(host, name);
        RequireRunning(vm);
        var chosen = Choose(vm, transport, address, login);
        var channel = host.GuestChannels.Open(new GuestEndpoint(
            vm.Id, vm.Label, chosen, chosen == GuestVia.Ssh ? address ?? vm.Config.Name : null, login)
        {
            Secret = secret,
        });
        var system = await channel.GetSystemAsync(cancellationToken).ConfigureAwait(false);
        return new RunningGuest(vm, channel, system);
    }

    /// <summary>The vGPUs that a running VM has, with the version of the host's driver.</summary>
    /// <exception cref="ObjectNotFoundException">It has none.</exception>
    public (IReadOnlyList<GuestVgpu> Vgpus, string? HostDriver) FindVgpus(VmSubject vm)
    {
        using var driver = host.Driver.Open();
        var reader = new GpuReader(host, driver, ClaimFile.Empty);
        List<GuestVgpu> vgpus =
        [
            .. from gpu in reader.Gpus
            from vgpu in driver.GetActiveVgpus(gpu.Address)
            where vgpu.Vm == vm.Id || (vgpu.Vm is null
                && string.Equals(vgpu.VmUuid, vm.Config.SmbiosUuid, StringComparison.OrdinalIgnoreCase))
            select new GuestVgpu(
                gpu.Address, vgpu, driver.FindType(gpu.Address, vgpu.Type)?.ShortName ?? $"type {vgpu.Type}",
                driver.FindGuestState(gpu.Address, vgpu)),
        ];
        return vgpus.Count > 0 ? (vgpus, driver.DriverVersion) : throw new ObjectNotFoundException(
            ErrorIds.VgpuNotFound,
            vm.Config.NextHostPci.Count == 0 ? $"{vm.Label} has no vGPU" : $"{vm.Label} runs, and without a vGPU",
            vm.Config.NextHostPci.Count == 0 ? $"add one: Add-VmVgpu -VmId {vm.Id} -Memory 4GB; "
                + "then stop and start the VM"
                : $"see what it requests and what it has: Get-VmVgpu {vm.Id}; Get-Vgpu -VmId {vm.Id}; "
                    + "then stop and start it",
            vm.Id.ToString());
    }

    /// <summary>Whether all of a VM's vGPUs have their licence now, as the host's driver sees it.</summary>
    public bool AreLicensed(IReadOnlyList<GuestVgpu> vgpus)
    {
        using var driver = host.Driver.Open();
        return vgpus.All(v => driver.FindGuestState(v.Gpu, v.Active)?.License?.State == VgpuLicenseState.Licensed);
    }

    private static void RequireRunning(VmSubject vm)
    {
        vm.RequireNoTemplate();
        if (!vm.IsRunning)
        {
            throw new HostNotReadyException(
                ErrorIds.VmNotRunning, $"{vm.Label} does not run, so its guest cannot be reached",
                $"start it: qm start {vm.Id}",
                vm.Id.ToString());
        }
    }

    private static GuestVia Choose(VmSubject vm, GuestVia? transport, string? address, GuestLogin? login)
    {
        if (transport == GuestVia.Ssh || (transport is null && (address is not null || login is not null)))
        {
            return GuestVia.Ssh;
        }

        if (login is not null)
        {
            throw new InvalidRequestException(
                ErrorIds.ConflictingParameters, $"the guest agent of {vm.Label} accepts no credential, "
                    + $"and one for {login.User} is specified",
                "omit -GuestCredential, or reach the guest over SSH: -Via Ssh -GuestAddress …", vm.Id.ToString());
        }

        return GuestAgentSetting.IsEnabled(vm.Config.Main["agent"]) ? GuestVia.Agent : throw new HostNotReadyException(
            ErrorIds.GuestAgentNotEnabled, $"the configuration of {vm.Label} does not enable the guest agent",
            $"enable it (qm set {vm.Id} --agent 1), stop and start the VM, or use -Via Ssh -GuestAddress root@…",
            vm.Id.ToString());
    }
}

/// <summary>A vGPU of a running VM.</summary>
/// <param name="Gpu">Its GPU.</param>
/// <param name="Active">What the driver says of it.</param>
/// <param name="TypeName">Name of its type without the product prefix.</param>
/// <param name="Guest">What the guest made of it when it was found; null where its VM had ended.</param>
internal sealed record GuestVgpu(PciAddress Gpu, ActiveVgpu Active, string TypeName, VgpuGuestState? Guest);
