using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Starts that cannot be served: two lines, an exit code, and a host that is as it was.</summary>
[Trait("Duration", "Long")]
public sealed partial class RefusalTests
{
    internal static IReadOnlyList<RefusalCase> All { get; } =
        [.. Configurations, .. Entries, .. Gpus, .. Drivers, .. Files, .. Reservations, .. Limits, .. Chains];

    public static TheoryData<string> Cases { get; } = [.. All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Start_is_refused_in_two_lines_and_leaves_the_host_as_it_was(string name) =>
        All.Single(c => c.Name == name).Check();
}
