using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Ports;

/// <summary>Opens ways into guests.</summary>
public interface IGuestChannels
{
    /// <summary>Opens one; whether the guest answers shows at its first use.</summary>
    /// <exception cref="InvalidRequestException">The destination cannot be one.</exception>
    IGuestChannel Open(GuestWay way);
}
