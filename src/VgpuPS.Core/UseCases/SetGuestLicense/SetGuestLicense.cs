using VgpuPS.Core.Errors;
using VgpuPS.Core.Licensing;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Changes;
using VgpuPS.Core.UseCases.GuestWork;

namespace VgpuPS.Core.UseCases.SetGuestLicense;

/// <summary>Gives a guest its token and waits until it has its licence.</summary>
public sealed class SetGuestLicense(HostPorts host)
{
    private const int ShortestWait = 5;
    private const int LongestWait = 3600;

    /// <summary>Plans it, and does it unless only the plan is wanted.</summary>
    /// <exception cref="VgpuException">It cannot be done, or no licence was acquired; says why, and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        SetGuestLicenseRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        Check(request);
        var token = ClientToken.Parse(request.Token, request.TokenName);
        token.Require(host.Clock.GetUtcNow(), request.Server, request.TokenName);
        var guest = await new GuestOpener(host).OpenAsync(
            request.Vm, request.Via, request.GuestAddress, request.GuestLogin, token.Text, cancellationToken).ConfigureAwait(false);
        var os = GuestOs.For(guest);
        var planner = new LicensePlanner(host, request, token);
        var limit = TimeSpan.FromSeconds(request.TimeoutSeconds);
        var plan = await planner.MakeAsync(os, cancellationToken).ConfigureAwait(false);
        var told = plan.ToChangePlan(token, limit);
        var changed = new ChangedObject { VmId = guest.Vm.Id.Value };
        if (request.IsPlanOnly || told.Steps.Count == 0)
        {
            return new ChangeResult(told, request.IsPlanOnly ? [] : [changed]);
        }

        await GuestLock.HoldAsync(host, os, async () =>
        {
            // Whoever had the lock before may have changed what was read.
            plan = await planner.MakeAsync(os, cancellationToken).ConfigureAwait(false);
            if (plan.ToChangePlan(token, limit).Steps.Count > 0)
            {
                await new LicenseChange(host, request, token, plan, progress).RunAsync(cancellationToken).ConfigureAwait(false);
            }
        }, cancellationToken).ConfigureAwait(false);
        return new ChangeResult(told, [changed]);
    }

    private static void Check(SetGuestLicenseRequest request)
    {
        if (request.FeatureType is not (null or 0 or 1 or 2 or 4))
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidRequest, $"{request.FeatureType} is no feature type",
                "Give 1 (the vGPU's own licence), 2 (RTX Virtual Workstation), 4 (Virtual Compute Server) or 0 (none)", request.Vm);
        }

        if (request.TimeoutSeconds is < ShortestWait or > LongestWait)
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidRequest, $"{request.TimeoutSeconds} s is no time to wait for a licence",
                $"Give {ShortestWait} to {LongestWait} s: -TimeoutSeconds 120", request.Vm);
        }
    }
}
