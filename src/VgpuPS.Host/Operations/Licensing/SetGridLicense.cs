using System.Text;
using VgpuPS.Core.Guests;
using VgpuPS.Host.Operations.Guests;

namespace VgpuPS.Host.Operations.Licensing;

/// <summary>Gives a guest its token and waits until it has its licence.</summary>
internal sealed class SetGridLicense(HostPorts host)
{
    private const int MinWaitSeconds = 5;
    private const int MaxWaitSeconds = 3600;

    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="VgpuException">It cannot be done, or no licence was acquired; names the reason and what to
    /// do.</exception>
    public async Task<ChangeResult> RunAsync(
        SetGridLicenseRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        Check(request);
        var token = ClientToken.Parse(request.Token, request.TokenName);
        token.Require(host.Clock.GetUtcNow(), request.Server, request.TokenName);
        var guest = await new GuestConnector(host).OpenAsync(
            request.Vm, request.Via, request.GuestAddress, request.GuestLogin, token.Text,
            cancellationToken).ConfigureAwait(false);
        var os = GuestOs.For(guest);
        var planner = new LicensePlanner(host, request, token);
        var limit = TimeSpan.FromSeconds(request.TimeoutSeconds);
        var plan = await planner.MakeAsync(os, cancellationToken).ConfigureAwait(false);
        var changes = plan.ToChangePlan(token, limit);
        var changed = new ChangedObject { VmId = guest.Vm.Id.Value };
        if (request.IsPlanOnly || changes.Steps.Count == 0)
        {
            return new ChangeResult(changes, request.IsPlanOnly ? [] : [changed]);
        }

        await GuestLock.HoldAsync(host, os, async () =>
        {
            // Whoever had the lock before may have changed what was read.
            plan = await planner.MakeAsync(os, cancellationToken).ConfigureAwait(false);
            if (plan.ToChangePlan(token, limit).Steps.Count > 0)
            {
                await new LicenseChange(
                    host, request, token, plan, progress).RunAsync(cancellationToken).ConfigureAwait(false);
            }
        }, cancellationToken).ConfigureAwait(false);
        return new ChangeResult(changes, [changed]);
    }

    private static void Check(SetGridLicenseRequest request)
    {
        if (request.FeatureType is not (null or 0 or 1 or 2 or 4))
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidFeatureType, $"{request.FeatureType} is not a feature type",
                "use 1 (the vGPU's own licence), 2 (RTX Virtual Workstation), 4 (Virtual Compute Server) or 0 (none)",
                request.Vm);
        }

        if (request.TimeoutSeconds is < MinWaitSeconds or > MaxWaitSeconds)
        {
            throw new InvalidRequestException(
                ErrorIds.TimeOutOfRange, $"{request.TimeoutSeconds} s is not a valid timeout for a licence",
                $"use {MinWaitSeconds} to {MaxWaitSeconds} s: -TimeoutSeconds 120", request.Vm);
        }
    }
}

/// <summary>Requests a guest to be given a licence. It carries the token, which nothing prints.</summary>
public sealed record SetGridLicenseRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>What the token's file holds. A secret.</summary>
    public required string Token { get; init; }

    /// <summary>Name of the token's file, without a folder.</summary>
    public required string TokenName { get; init; }

    /// <summary>Which licence to ask for: 0, 1, 2 or 4; null for what is set, or 1.</summary>
    public int? FeatureType { get; init; }

    /// <summary>The server that the token must be for; null for any.</summary>
    public string? Server { get; init; }

    /// <summary>How the guest is reached; null for whichever way there is.</summary>
    public GuestVia? Via { get; init; }

    /// <summary>Where SSH finds the guest; null for the VM's name.</summary>
    public string? GuestAddress { get; init; }

    /// <summary>Whom SSH logs in to the guest as, with a password; null for a key of the host's root. A
    /// secret.</summary>
    public GuestLogin? GuestLogin { get; init; }

    /// <summary>Whether the guest keeps the new configuration where no licence is acquired.</summary>
    public bool KeepOnFailure { get; init; }

    /// <summary>How long to wait for the licence, in seconds.</summary>
    public int TimeoutSeconds { get; set; } = 120;

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Vm = ").Append(Vm).Append(", TokenName = ").Append(TokenName).Append(", Token = [token]");
        return true;
    }
}
