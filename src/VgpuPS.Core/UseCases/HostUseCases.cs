using VgpuPS.Core.Contracts;
using VgpuPS.Core.UseCases.ShowHost;

namespace VgpuPS.Core.UseCases;

/// <summary>All use cases that a face can ask a host session for.</summary>
public static class HostUseCases
{
    /// <summary>Reads what is on the host; changes nothing.</summary>
    public static UseCase<ShowHostRequest, HostReport> ShowHost { get; } = new(
        "showHost", UseCaseJsonContext.Default.ShowHostRequest, UseCaseJsonContext.Default.HostReport,
        (host, request, _, _) => Task.FromResult(new ShowHost.ShowHost(host).Run(request)));

    /// <summary>All of them, for a host that is asked by name.</summary>
    public static IReadOnlyList<UseCase> All { get; } = [ShowHost];
}
