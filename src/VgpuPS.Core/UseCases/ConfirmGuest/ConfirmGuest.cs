using VgpuPS.Core.Errors;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Claims;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.UseCases.ConfirmGuest;

/// <summary>Marks the claims of a VM that has started as live.</summary>
public sealed class ConfirmGuest(HostPorts host)
{
    /// <summary>Marks them; true when there were any.</summary>
    /// <exception cref="VgpuException">The lock was not had, or the claims cannot be written.</exception>
    public async Task<bool> RunAsync(ConfirmGuestRequest request, CancellationToken cancellationToken)
    {
        var vm = request.Vm;
        if (!host.Claims.Load().Claims.Any(c => c.Vm == vm && c.State != ClaimState.Live))
        {
            return false;
        }

        var settings = host.Settings.Load();
        var wait = TimeSpan.FromSeconds(settings.LockTimeoutSeconds);
        var held = await host.Lock.AcquireAsync($"VM {vm} post-start", wait, cancellationToken).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            var book = ClaimBook.Open(host);
            var isClaimed = book.File.Claims.Any(c => c.Vm == vm);
            if (isClaimed)
            {
                book.MarkLive(vm);
            }

            return isClaimed;
        }
    }
}
