using VgpuPS.Core.Claims;

namespace VgpuPS.Host.Operations.VmStart;

/// <content>Plugin parameters of VMs that have started.</content>
internal sealed partial class ClaimSweeper
{
    /// <summary>
    /// Looks whether the vGPUs that a VM has started with had their plugin parameters. One that Proxmox took elsewhere
    /// had none: it gets them now, for its next start, and the claim says so before it does.
    /// </summary>
    /// <remarks>Source: facts/host-behaviour.md 1.6: they take effect when the VM starts.</remarks>
    public void ConfirmParameters(VmId vm)
    {
        var claims = book.File.Claims.Where(c => c.Vm == vm).ToList();
        var late = claims.Where(c => c is { Parameters: not null, ParametersAreLate: false } && !HasParameters(c))
            .ToList();
        if (late.Count == 0)
        {
            return;
        }

        book.Put(vm, claims.Select(c => late.Contains(c) ? c with { ParametersAreLate = true } : c));
        foreach (var claim in late)
        {
            var (function, uuid) = FindVgpu(claim);
            Log(vm, "missVgpuParameters", $"{function} hostpci{claim.Entry}", claim.Parameters!);
            host.Warn($"VM {vm} hostpci{claim.Entry}: this run has no plugin parameters ({claim.Parameters}), as "
                + $"Proxmox took function {function} for it; restart the VM to have them: qm reboot {vm}");
            WriteLate(vm, claim, function, uuid);
        }
    }

    private bool HasParameters(VgpuClaim claim)
    {
        var (function, uuid) = FindVgpu(claim);
        return function is { } address
            && VgpuParameters.AreSame(host.Devices.ReadParameters(address, uuid) ?? "", claim.Parameters!);
    }

    private void WriteLate(VmId vm, VgpuClaim claim, PciAddress? function, MdevUuid? uuid)
    {
        try
        {
            if (function is { } address)
            {
                host.Devices.WriteParameters(address, uuid, claim.Parameters!);
                host.Events.Write(new Core.Events.HostEvent(
                    source, vm.Value, "setVgpuParameters", address.ToString(), "", claim.Parameters!));
            }
        }
        catch (VgpuException e)
        {
            host.Warn($"VM {vm} hostpci{claim.Entry}: {e.Message}");
        }
    }

    private (PciAddress? Function, MdevUuid? Uuid) FindVgpu(VgpuClaim claim)
    {
        var uuid = MdevUuid.ForVm(claim.Vm, claim.Entry);
        return host.Devices.FindMediatedDevice(uuid) is { } device ? (device.Parent, uuid) : (claim.Function, null);
    }
}
