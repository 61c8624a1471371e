namespace VgpuPS.Core.Ports;

/// <summary>The host's services; reading changes nothing.</summary>
public interface IHostServices
{
    /// <summary>
    /// Reads services, in the order asked. A name without a unit gives one that is not installed, a pattern
    /// (<c>pve-nvidia-sriov@*.service</c>) what is loaded of it; where systemd cannot be asked, nothing.
    /// </summary>
    /// <param name="units">Names and patterns.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<IReadOnlyList<ServiceState>> ReadAsync(IReadOnlyList<string> units, CancellationToken cancellationToken);
}
