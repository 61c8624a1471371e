using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class ConnectVgpuHostCommandTests : CommandTests
{
    private const string Root = "([pscredential]::new('root', [Net.NetworkCredential]::new('', 'x').SecurePassword))";
    private const string NoPassword = "([pscredential]::new('root', [securestring]::new()))";
    private const string Pin = "SHA256:5EYwcG09KHFfV0RA0yFjBxYvbL3AInfxlHz2nzIZ0lM";

    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Connect-VgpuHost -Lab A30 -Name lab", "SessionExists", ErrorCategory.InvalidArgument },
        { "Connect-VgpuHost -Lab RTX9999", "LabModelNotFound", ErrorCategory.InvalidArgument },
        { "Connect-VgpuHost -LabState ./nothing.json", "LabNotFound", ErrorCategory.ObjectNotFound },
        { $"Connect-VgpuHost 127.0.0.1:1 -Credential {Root}", "HostUnreachable", ErrorCategory.ConnectionError },
        { $"Connect-VgpuHost admin@127.0.0.1:1 -Credential {Root}",
            "CredentialUnusable", ErrorCategory.InvalidArgument },
        { "Connect-VgpuHost 127.0.0.1:1 -UserName admin -Credential "
            + $"{Root}", "CredentialUnusable", ErrorCategory.InvalidArgument },
        { "Connect-VgpuHost 127.0.0.1:1 -Credential "
            + "([pscredential]::Empty)", "CredentialUnusable", ErrorCategory.InvalidArgument },
        { $"Connect-VgpuHost 127.0.0.1:1 -Credential {NoPassword}",
            "CredentialUnusable", ErrorCategory.InvalidArgument },
        { $"Connect-VgpuHost 127.0.0.1:1 -Credential {Root} -KeyFilePath "
            + ".", "KeyFileUnusable", ErrorCategory.InvalidArgument },
        { $"Connect-VgpuHost 127.0.0.1:1 -Credential {Root} -Options @{{ ProxyJump = 'x' "
            + $"}}", "SshOptionRefused", ErrorCategory.InvalidArgument },
        { $"Connect-VgpuHost 127.0.0.1:1 -Credential {Root} -HostKeyFingerprint "
            + "MD5:00", "InvalidFingerprint", ErrorCategory.InvalidArgument },
        { $"Connect-VgpuHost 127.0.0.1:1 -HostKeyFingerprint {Pin}",
            "ConflictingParameters", ErrorCategory.InvalidArgument },
        { $"Connect-VgpuHost 'a b' -Credential {Root}", "InvalidHostName", ErrorCategory.InvalidArgument },
        { $"Connect-VgpuHost '-oProxyCommand=id' -Credential {Root}",
            "InvalidHostName", ErrorCategory.InvalidArgument },
        { $"Connect-VgpuHost \"a`nb\" -Credential {Root}", "InvalidHostName", ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Connect-VgpuHost -Lab L4", "L40S" },
        { "Connect-VgpuHost -Lab L4", "L4" },
        { "Connect-VgpuHost -Lab A30,RTX", "'RTX PRO 6000'" },
    };

    [Fact]
    public void A_simulated_host_is_what_commands_then_ask()
    {
        Run("Disconnect-VgpuHost lab");
        var host = One<HostInfo>("Connect-VgpuHost -Lab A30, L40S");
        Assert.Equal(("lab", "lab"), (host.Kind, host.VgpuHost));
        Assert.Equal(["NVIDIA A30", "NVIDIA L40S"], Values("(Get-Gpu).Model"));
        Assert.Equal("lab", One<string>("(Get-Gpu).VgpuHost | Select-Object -Unique"));
        Assert.All(Show("Get-VgpuHost", 500).Split('\n'), l => Assert.True(l.TrimEnd().Length <= 120, l));
    }

    [Fact]
    public void Names_are_made_up_and_free_ones_are_taken_again()
    {
        Assert.Equal("lab2", One<HostInfo>("Connect-VgpuHost -Lab A30").VgpuHost);
        Assert.Equal("lab3", One<HostInfo>("Connect-VgpuHost -Lab A30").VgpuHost);
        Run("Disconnect-VgpuHost lab2");
        Assert.Equal("lab2", One<HostInfo>("Connect-VgpuHost -Lab A30").VgpuHost);
    }

    [Fact]
    public void A_model_that_the_lab_does_not_have_is_refused_with_those_it_has_and_no_session_is_left()
    {
        var failure = Refusal("Connect-VgpuHost -Lab RTX9999 -Name new");
        Assert.Contains("A30", failure.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Contains("Connect-VgpuHost -Lab", failure.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(["lab"], Values("(Get-VgpuHost).VgpuHost"));
    }

    [Theory]
    [InlineData("8.4")]
    [InlineData("9.2")]
    public void A_release_can_be_chosen(string release) => Assert.StartsWith(
        release, One<HostInfo>($"Connect-VgpuHost -Lab A30 -PveVersion {release} -Name other").QemuServerVersion,
        StringComparison.Ordinal);

    [Fact]
    public void What_a_host_cannot_be_is_no_value_of_a_parameter()
    {
        Assert.Equal("ParameterArgumentValidationError", RefusalId("Connect-VgpuHost -Lab A30 -PveVersion 7.0"));
        Assert.Equal("ParameterArgumentValidationError", RefusalId("Connect-VgpuHost -Lab A30 -Name '-x'"));
        Assert.Equal("AmbiguousParameterSet", RefusalId("Connect-VgpuHost -Lab A30 -LabState x"));
    }
}
