using System.Management.Automation;
using VgpuPS.Core.Rows;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Models;
using VgpuPS.Lab.Platform;
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
        { "Connect-VgpuHost -Lab A30 -Kernel ../x", "LabOptionUnusable", ErrorCategory.InvalidArgument },
        { "Connect-VgpuHost -Lab A30 -OtherKernel new", "LabOptionUnusable", ErrorCategory.InvalidArgument },
        { "Connect-VgpuHost -Lab A30 -DriverVersion 580", "LabOptionUnusable", ErrorCategory.InvalidArgument },
        { "Connect-VgpuHost -Lab A30 -Address 4b:00.4", "InvalidAddress", ErrorCategory.InvalidArgument },
        { "Connect-VgpuHost -Lab A30 -Address 03:00.0", "LabOptionUnusable", ErrorCategory.InvalidArgument },
        { "Connect-VgpuHost -Lab A16,A16,A16", "CountOutOfRange", ErrorCategory.InvalidArgument },
        { "Connect-VgpuHost -Lab A30 -DisplayMode", "LabOptionUnusable", ErrorCategory.InvalidArgument },
        { "Connect-VgpuHost -Lab A30 -LabModel ./nothing.json", "DeviceNotFound", ErrorCategory.ObjectNotFound },
        { "Connect-VgpuHost -Lab A30 -Cluster c -Name a.b", "LabOptionUnusable", ErrorCategory.InvalidArgument },
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
    public void Nodes_of_a_simulated_cluster_have_boards_of_their_own_and_share_their_mappings()
    {
        Run("Disconnect-VgpuHost lab");
        Run("Connect-VgpuHost -Lab A30,A30 -Cluster lab; Connect-VgpuHost -Lab L40S -Cluster lab -PveVersion 9.1");
        Assert.Equal(["pve1", "pve2"], Values("(Get-VgpuHost).VgpuHost"));
        Assert.Equal(["pve1", "pve1", "pve2"], Values("(Get-Gpu).VgpuHost"));
        Assert.Equal([201], Values("(Register-VgpuHook 201 -Session pve2 -PassThru).VmId"));
        AssertRefused(
            "Connect-VgpuHost -Lab A30 -Cluster lab -Path ./x.json", "ConflictingParameters",
            ErrorCategory.InvalidArgument);
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
    [InlineData("8.2")]
    [InlineData("8.4")]
    [InlineData("9.0")]
    [InlineData("9.1")]
    [InlineData("9.2")]
    public void A_release_can_be_chosen(string release) => Assert.StartsWith(
        release, One<HostInfo>($"Connect-VgpuHost -Lab A30 -PveVersion {release} -Name other").QemuServerVersion,
        StringComparison.Ordinal);

    [Fact]
    public void A_simulated_host_takes_what_hosts_differ_in()
    {
        var path = PathOf("lab.json");
        Run($"Connect-VgpuHost -Lab L40S -Path '{path}' -Name file -Kernel 6.17.4-1-pve "
            + "-OtherKernel 6.14.11-4-pve -BootLoader SystemdBoot -Cpu Amd -SecureBoot -IommuOff "
            + "-Address 0001:89:00.0 -DisplayMode -Clock 2027-02-03T04:05:00Z");
        var state = LabHost.Open(path).State;
        Assert.Equal(
            ("6.17.4-1-pve", "595.71.03", LabLoader.SystemdBoot, LabCpu.Amd, true, true),
            (state.Setup.Kernel, state.Setup.DriverVersion, state.Platform.Loader, state.Platform.Cpu,
                state.Platform.IsSecureBoot, state.Setup.IommuIsOff));
        Assert.Equal(("0001:89:00.0", true), (state.Gpus[0].Address, state.Gpus[0].IsInDisplayMode));
        Assert.Equal(new DateTime(2027, 2, 3, 4, 5, 0), new DateTime(state.WallTicks));
    }

    [Fact]
    public void A_simulated_host_in_a_file_is_there_after_its_session_and_is_not_made_twice()
    {
        var path = PathOf("lab.json");
        Assert.Equal("file", One<HostInfo>($"Connect-VgpuHost -Lab A16 -Path '{path}' -Name file").VgpuHost);
        Run("Disconnect-VgpuHost file");
        Run($"Connect-VgpuHost -LabState '{path}' -Name file");
        Assert.Equal(4, Values("Get-Gpu -Session file").Length);
        var refused = Refusal($"Connect-VgpuHost -Lab A30 -Path '{path}' -Name other");
        Assert.StartsWith("LabExists", refused.FullyQualifiedErrorId, StringComparison.Ordinal);
        Refusal($"Connect-VgpuHost -Lab RTX9999 -Path '{path}' -Name other -Force");
        Assert.Equal(4, Values("Get-Gpu -Session file").Length);
        Run($"Disconnect-VgpuHost file; Connect-VgpuHost -Lab A30 -Path '{path}' -Name other -Force");
        Run($"Disconnect-VgpuHost other; Connect-VgpuHost -LabState '{path}' -Name file");
        Assert.Single(Values("Get-Gpu -Session file"));
    }

    [Fact]
    public void A_model_of_ones_own_is_taken_from_a_file()
    {
        var path = PathOf("mine.json");
        File.WriteAllText(
            path, GpuModel.ReadFile("L4").Replace("NVIDIA L4\"", "My board\"", StringComparison.Ordinal));
        Run($"Connect-VgpuHost -Lab 'My board' -LabModel '{path}' -Name mine");
        Assert.Equal(["My board"], Values("(Get-Gpu -Session mine).Model"));
        File.WriteAllText(path, "{");
        Assert.Equal("UnreadableData", RefusalId($"Connect-VgpuHost -Lab L4 -LabModel '{path}' -Name wrong"));
    }

    [Fact]
    public void What_a_host_cannot_be_is_no_value_of_a_parameter()
    {
        Assert.Equal("ParameterArgumentValidationError", RefusalId("Connect-VgpuHost -Lab A30 -PveVersion 7.0"));
        Assert.Equal("ParameterArgumentValidationError", RefusalId("Connect-VgpuHost -Lab A30 -Name '-x'"));
        Assert.Equal("AmbiguousParameterSet", RefusalId("Connect-VgpuHost -Lab A30 -LabState x"));
    }
}
