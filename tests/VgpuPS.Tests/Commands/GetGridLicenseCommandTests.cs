using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetGridLicenseCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-GridLicense 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
        { "Get-GridLicense 101 -Session nobody", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Get-GridLicense we", "101" },
        { "Get-GridLicense -VmName bui", "102" },
        { "Get-GridLicense -Session la", "lab" },
        { "Get-GridLicense -Via S", "Ssh" },
    };

    protected override string Prepare => "Enable-Sriov 0; Add-VmVgpu 101, 102 A30-6C; Start-LabVm 101, 102";

    [Fact]
    public void Each_running_vGPU_has_a_row()
    {
        License();
        var rows = Values("Get-GridLicense").Cast<GridLicenseInfo>().ToList();
        Assert.Equal(
            [(101, "Licensed"), (104, "Unlicensed (Restricted)")], rows.Select(r => (r.VmId, r.LicenseStatus)));
        Assert.Equal("Virtual Compute Server", rows[0].Product);
        Assert.True(rows[0].LicenseExpiry > new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero));
        Assert.Null(rows[0].Server);
        Assert.Matches(@"VM +Type +Licen[cs]e +Ends \(UTC\)", Show("Get-GridLicense"));
    }

    [Fact]
    public void Names_filter_and_a_filter_and_a_VM_without_a_vGPU_are_silent()
    {
        License();
        Assert.Equal([104], Values("(Get-GridLicense d*).VmId"));
        Assert.Empty(Values("Get-GridLicense nobody*; Get-GridLicense 103"));
        Assert.Equal(
            [101, 104],
            Values("('101', 'desk' | ForEach-Object { [pscustomobject]@{ VmId = $_ } } | Get-GridLicense).VmId"));
    }

    [Fact]
    public void The_guest_is_asked_for_the_rest()
    {
        License();
        var row = One<GridLicenseInfo>("Get-GridLicense 101 -FromGuest");
        Assert.Equal(("dls.lab", 1), (row.Server, row.FeatureType));
        Assert.Contains("Ubuntu", row.GuestSystem, StringComparison.Ordinal);
        Assert.InRange(row.ClockSkewSeconds!.Value, -5, 5);
        Assert.NotEmpty(row.LogLines);
        Assert.Equal("dls.lab", One<string>("(Get-GridLicense 101 -FromGuest -Via Ssh -GuestAddress root@web).Server"));
    }

    [Fact]
    public void A_guest_that_cannot_be_asked_has_what_the_host_knows_and_the_reason()
    {
        License();
        Run("Set-LabGuest 101 -AgentRuns $false");
        var result = Try("(Get-GridLicense -FromGuest).VmId");
        Assert.Equal([101, 104], result.Output.Select(o => o.BaseObject));
        var failure = Assert.Single(result.Errors);
        Assert.Equal("GuestAgentNotRunning,VgpuPS.Commands.GetGridLicenseCommand", failure.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.NotEnabled, failure.CategoryInfo.Category);
        Assert.Contains("-Via Ssh", failure.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_guest_that_wants_a_password_is_asked_over_SSH_and_a_wrong_one_is_never_shown()
    {
        License();
        Run("$login = { [pscredential]::new('root', (ConvertTo-SecureString $args[0] -AsPlainText -Force)) }");
        Run("Set-LabGuest 101 -SshPassword (ConvertTo-SecureString 'right one' -AsPlainText -Force)");
        const string Ask = "Get-GridLicense 101 -FromGuest -Via Ssh";
        Assert.Equal(101, One<GridLicenseInfo>(Ask + " -GuestCredential (& $login 'right one')").VmId);
        var failure = Refusal(Ask + " -GuestCredential (& $login 'wrong one')");
        Assert.Equal("AuthenticationFailed,VgpuPS.Commands.GetGridLicenseCommand", failure.FullyQualifiedErrorId);
        Assert.DoesNotContain("wrong one", $"{failure} {failure.ErrorDetails}", StringComparison.Ordinal);
        Assert.Equal("GuestUnreachable", RefusalId(Ask));
    }

    [Fact]
    public void A_host_that_cannot_be_read_does_not_stop_the_others()
    {
        License();
        Run("Connect-VgpuHost -Lab A30 -Bare -Name bare");
        var result = Try("(Get-GridLicense).VmId");
        Assert.Equal([101, 104], result.Output.Select(o => o.BaseObject));
        Assert.Equal(ErrorCategory.NotEnabled, Assert.Single(result.Errors).CategoryInfo.Category);
    }

    private void License()
    {
        var token = PathOf("lab.tok");
        Run($"Enable-Sriov 0; Add-VmVgpu 101, 104 A30-6C; Start-LabVm 101, 104; New-LabToken '{token}'");
        Run($"Set-GridLicense 101 -TokenPath '{token}'");
    }
}
