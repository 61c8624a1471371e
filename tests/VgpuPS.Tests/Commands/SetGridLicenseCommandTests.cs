using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class SetGridLicenseCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Set-GridLicense 101 -TokenPath ./none.tok", "InvalidToken", ErrorCategory.ObjectNotFound },
        { "Set-GridLicense 101 -TokenPath /", "InvalidToken", ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Set-GridLicense we", "101" },
        { "Set-GridLicense 101 -Via A", "Agent" },
    };

    protected override string Prepare =>
        "Enable-Sriov 0; Enable-Sriov 1; Add-VmVgpu 101 A30-6C; Start-LabVm 101; $token = " +
        $"'{Token}'; New-LabToken $token";

    protected override string Line => $"Set-GridLicense 101 -TokenPath '{Token}'";

    protected override string Plan => @"(?s)write the token for dls\.lab.*FeatureType to 1";

    protected override bool IsIdempotent => true;

    private string Token => PathOf("client_configuration_token_lab.tok");

    [Fact]
    public void Four_guests_are_licensed_at_once_and_what_the_host_sees_is_written()
    {
        All();
        var done = Values(
            "Set-GridLicense 101, 102, 103, 104 -TokenPath $token -PassThru").Cast<GridLicenseInfo>().ToList();
        Assert.Equal([101, 102, 103, 104], done.Select(d => d.VmId).Order());
        Assert.All(done, d => Assert.Equal("Licensed", d.LicenseStatus));
        Assert.True(done[0].LicenseExpiry > new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void Each_guest_that_fails_has_its_reason_and_does_not_stop_the_others()
    {
        All();
        Run("Set-LabGuest 102 -ClockOffset '-03:00:00'; Set-LabGuest 103 -LicenseFault NoEntitlement");
        var failures = Try("Set-GridLicense 101, 102, 103, 104 -TokenPath $token").Errors
            .OrderBy(e => e.FullyQualifiedErrorId, StringComparer.Ordinal).ToList();
        Assert.Equal(
            ["GuestClockSkew,VgpuPS.Commands.SetGridLicenseCommand",
                "LicenseNotAcquired,VgpuPS.Commands.SetGridLicenseCommand"],
            failures.Select(f => f.FullyQualifiedErrorId));
        Assert.Contains("3 hours behind", failures[0].ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Contains("no entitlement", failures[1].ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Equal([101, 104], Values("(Get-GridLicense | Where-Object LicenseStatus -EQ Licensed).VmId"));
    }

    [Fact]
    public void Guests_are_taken_from_the_pipeline()
    {
        All();
        Run("Get-GridLicense | Set-GridLicense -TokenPath $token");
        Assert.All(Values("(Get-GridLicense).LicenseStatus"), s => Assert.Equal("Licensed", s));
    }

    [Fact]
    public void Nothing_is_done_the_second_time()
    {
        Run(Prepare + "; Set-GridLicense 101 -TokenPath $token");
        Assert.Equal(["Licensed"], Values("(Set-GridLicense 101 -TokenPath $token -PassThru).LicenseStatus"));
        Assert.Empty(Run("Set-GridLicense 101 -TokenPath $token").Steps);
    }

    [Fact]
    public void It_goes_over_SSH_where_that_is_asked_for()
    {
        Run(Prepare + "; Set-LabGuest 101 -AgentRuns $false");
        Assert.Equal("GuestAgentNotRunning", RefusalId("Set-GridLicense 101 -TokenPath $token"));
        Assert.Equal(
            ["Licensed"],
            Values("(Set-GridLicense 101 -TokenPath $token -Via Ssh -GuestAddress root@web -PassThru).LicenseStatus"));
    }

    [Fact]
    public void The_token_is_never_shown()
    {
        Run(Prepare);
        var secret = File.ReadAllText(Token);
        var all = Show("Set-GridLicense 101 -TokenPath $token -Verbose -Debug -PassThru *>&1", 4096);
        Run("Set-LabGuest 101 -LicenseFault Refused; New-LabToken $token -Server other.lab");
        secret += "." + File.ReadAllText(Token);
        all += Show("Set-GridLicense 101 -TokenPath $token -Verbose *>&1 | Format-List * -Force", 4096);
        Assert.Contains("other.lab", all, StringComparison.Ordinal);
        Assert.All(
            secret.Split('.').Where(part => part.Length > 20),
            part => Assert.DoesNotContain(part, all, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("an empty file", new byte[0])]
    [InlineData("binary", new byte[] { 0, 1, 2, 254, 255 })]
    [InlineData("no token", new byte[] { (byte)'h', (byte)'i' })]
    public void A_file_that_is_no_token_is_refused(string what, byte[] content)
    {
        Assert.NotEmpty(what);
        Run(Prepare);
        File.WriteAllBytes(Token, content);
        AssertRefused("Set-GridLicense 101 -TokenPath $token", "InvalidToken", ErrorCategory.InvalidArgument);
    }

    [Fact]
    public void A_file_of_a_megabyte_is_no_token()
    {
        Run(Prepare);
        File.WriteAllBytes(Token, new byte[1 << 20]);
        Assert.Equal("InvalidToken", RefusalId("Set-GridLicense 101 -TokenPath $token"));
    }

    [Fact]
    public void A_token_that_has_ended_or_is_for_another_server_is_refused()
    {
        Run(Prepare);
        Assert.Equal("TokenServerMismatch", RefusalId("Set-GridLicense 101 -TokenPath $token -Server other"));
        Run("New-LabToken $token -Expires '2026-01-01Z'");
        Assert.Equal("TokenExpired", RefusalId("Set-GridLicense 101 -TokenPath $token"));
    }

    [Fact]
    public void A_VM_that_is_not_there_or_does_not_run_is_refused()
    {
        Run(Prepare);
        Assert.Equal("VmNotFound", RefusalId("Set-GridLicense 999 -TokenPath $token"));
        Assert.Equal("VmNotRunning", RefusalId("Set-GridLicense 102 -TokenPath $token"));
    }

    /// <summary>Four VMs that run with a vGPU each.</summary>
    private void All() => Run(Prepare + "; Add-VmVgpu 102, 103, 104 A30-6C; Start-LabVm 102, 103, 104");
}
