using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class DisconnectVgpuHostCommandTests : CommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Disconnect-VgpuHost nowhere", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Disconnect-VgpuHost l", "lab" } };

    [Fact]
    public void A_session_is_closed_for_good_and_its_objects_do_not_go_to_another_host()
    {
        Run("$gpu = Get-Gpu | Select-Object -First 1; Get-VgpuHost | Disconnect-VgpuHost");
        AssertRefused("$gpu | Get-MigProfile", "SessionNotFound", ErrorCategory.ObjectNotFound);
    }

    [Fact]
    public void A_session_that_is_not_there_does_not_stop_the_next()
    {
        Run("Connect-VgpuHost -Lab A30 -Name other");
        Assert.Equal(["SessionNotFound"], Try("Disconnect-VgpuHost nowhere, other").ErrorIds);
        Assert.Equal(["lab"], Values("(Get-VgpuHost).VgpuHost"));
    }
}
