using VgpuPS.Core.Guests;

namespace VgpuPS.Host.Operations.Guests;

/// <summary>Asks a guest which compute instances it has in its vGPUs; changes nothing.</summary>
internal sealed class ReadGuestInstances(HostPorts host)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    /// <summary>Asks it.</summary>
    /// <exception cref="VgpuException">The guest cannot be asked, or has no driver.</exception>
    public async Task<GuestInstancesReport> RunAsync(
        ReadGuestInstancesRequest request, CancellationToken cancellationToken)
    {
        var guest = await new GuestConnector(host).OpenAsync(
            request.Vm, request.Via, request.GuestAddress, request.GuestLogin, "", cancellationToken)
            .ConfigureAwait(false);
        if (guest.System.IsWindows)
        {
            // MIG's tools are Linux's.
            return new GuestInstancesReport([]);
        }

        // The program ends with a code of its own where there is none, and says so where the rows would be.
        var result = await guest.Channel.RunAsync(
            new GuestCommand("nvidia-smi", ["mig", "-lci"], s_limit), cancellationToken).ConfigureAwait(false);
        return new GuestInstancesReport(SmiComputeInstances.Parse(result.Output));
    }
}

/// <summary>Asks a guest which compute instances it has.</summary>
public sealed record ReadGuestInstancesRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>How the guest is reached; null for whichever way there is.</summary>
    public GuestVia? Via { get; init; }

    /// <summary>Where SSH finds the guest; null for the VM's name.</summary>
    public string? GuestAddress { get; init; }

    /// <summary>Whom SSH logs in to the guest as, with a password; null for a key of the host's root. A
    /// secret.</summary>
    public GuestLogin? GuestLogin { get; init; }
}

/// <summary>What a guest lists.</summary>
/// <param name="Instances">Its compute instances, in its order.</param>
public sealed record GuestInstancesReport(IReadOnlyList<GuestComputeInstance> Instances);
