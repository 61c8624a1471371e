using VgpuPS.Core.Errors;
using VgpuPS.Lab.Guests;
using VgpuPS.Tests.Licensing;
using Xunit;

namespace VgpuPS.Tests.Operations.Licensing;

/// <summary>Every row of the table of failures: cause, fix, and a guest that is as it was.</summary>
public sealed class LicenseFailureTests
{
    [Theory]
    [InlineData(LabLicenseFault.Refused, "F1", "Internal error 7", "journalctl -t nvidia-gridd")]
    [InlineData(LabLicenseFault.TokenNotRead, "F2", "finds no token", "ls -l /etc/nvidia/ClientConfigToken")]
    [InlineData(LabLicenseFault.ResponseExpired, "F4", "did not accept the guest's answer in time", "timedatectl")]
    [InlineData(LabLicenseFault.NoEntitlement, "F5", "no entitlement for NVIDIA Virtual Compute Server",
        "NVIDIA Licensing Portal")]
    [InlineData(LabLicenseFault.StaleToken, "F6", "still requests a licence from old-dls.lab", "Set-GridLicense")]
    [InlineData(LabLicenseFault.Silent, "F7", "has not reported a reason", "journalctl -t nvidia-gridd")]
    [InlineData(LabLicenseFault.NameUnknown, "F8", "cannot resolve the name dls.lab", "getent hosts dls.lab")]
    [InlineData(LabLicenseFault.PortBlocked, "F8", "port 443 of dls.lab", "curl -vk https://dls.lab:443/")]
    [InlineData(LabLicenseFault.DriverTooOld, "E3", "older than the host's driver 580.105.06", "Install-VmVgpuDriver")]
    [InlineData(LabLicenseFault.DriverTooNew, "E3", "newer than the host's driver 580.105.06",
        "update the host's driver first")]
    public void A_failure_names_its_cause_and_its_fix(LabLicenseFault fault, string row, string cause, string fix) =>
        Fails(101, g => g.LicenseFault = fault, row, cause, fix);

    [Theory]
    [InlineData(LabLicenseFault.NoEntitlement, "F5", "no entitlement", "Portal")]
    [InlineData(LabLicenseFault.TokenNotRead, "F2", "finds no token", "ClientConfigToken")]
    [InlineData(LabLicenseFault.NameUnknown, "F8", "cannot resolve the name", "Resolve-DnsName dls.lab")]
    [InlineData(LabLicenseFault.PortBlocked, "F8", "accepts no connection", "Test-NetConnection dls.lab -Port 443")]
    public void So_it_does_on_windows(LabLicenseFault fault, string row, string cause, string fix) =>
        Fails(104, g => g.LicenseFault = fault, row, cause, fix);

    [Fact]
    public void Openssl_that_is_missing_is_named() =>
        Fails(101, g => g.HasOpenSsl = false, "F8", "OpenSSL is not installed", "apt-get install openssl");

    [Theory]
    [InlineData("685", 2, "class C")]
    [InlineData("685", 0, "FeatureType 0")]
    public void A_wrong_feature_type_is_named(string type, int feature, string words)
    {
        var lab = new GuestLab(type, [101]);
        var failure = Assert.Throws<HostCommandException>(
            () => lab.Set(GuestLab.Request() with { FeatureType = feature }));
        Assert.Contains("(F9)", failure.Message, StringComparison.Ordinal);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.Contains("-FeatureType 1", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-12_000, "3.3 hours behind")]
    [InlineData(400, "6.7 minutes ahead of")]
    [InlineData(-600_000_000, "6944 days behind")]
    public void A_clock_that_is_off_is_refused_before_anything_is_written(double seconds, string words)
    {
        var lab = new GuestLab(101).With(101, g => g.ClockOffsetSeconds = seconds);
        lab.Refuses<HostNotReadyException>(
            GuestLab.Request(), ErrorIds.GuestClockSkew, words, "timedatectl set-ntp true", "(F4)");
    }

    [Fact]
    public void The_last_lines_of_the_log_are_reported()
    {
        var lab = new GuestLab(101).With(101, g => g.LicenseFault = LabLicenseFault.NoEntitlement);
        var failure = Assert.Throws<HostCommandException>(() => lab.Set(GuestLab.Request()));
        Assert.Contains("Failed to acquire license from dls.lab", failure.Output, StringComparison.Ordinal);
        Assert.Contains("has its previous configuration", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_old_token_is_back_after_a_failure()
    {
        var lab = new GuestLab(101);
        lab.Set(GuestLab.Request());
        var before = GuestLab.GuestPicture(lab[101]);
        lab.With(101, g => g.LicenseFault = LabLicenseFault.Refused);
        Assert.Throws<HostCommandException>(() => lab.Set(GuestLab.Request(101, Tokens.Make("other.lab"))));
        Assert.Equal(before, GuestLab.GuestPicture(lab[101]));
    }

    [Fact]
    public void The_guest_keeps_the_new_configuration_where_that_is_asked_for()
    {
        var lab = new GuestLab(101).With(101, g => g.LicenseFault = LabLicenseFault.Refused);
        Assert.Throws<HostCommandException>(() => lab.Set(GuestLab.Request() with { KeepOnFailure = true }));
        Assert.NotNull(lab.File(101, $"{GuestLab.Folder}/{GuestLab.TokenName}"));
    }

    [Theory]
    [InlineData(101, true)]
    [InlineData(104, true)]
    [InlineData(101, false)]
    [InlineData(104, false)]
    public void A_disk_that_cannot_be_written_is_named_and_nothing_is_left(int vm, bool isFull)
    {
        var lab = new GuestLab(vm);
        var before = GuestLab.GuestPicture(lab[vm]);
        lab.With(vm, g =>
        {
            g.DiskIsFull = isFull;
            g.ReadOnlyPaths = isFull ? [] : ["/etc/", @"C:\Program Files\"];
        });
        var failure = Assert.Throws<HostNotReadyException>(() => lab.Set(GuestLab.Request(vm)));
        Assert.Equal(ErrorIds.GuestWriteFailed, failure.ErrorId);
        Assert.Contains(isFull ? "full" : "denies the write", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, GuestLab.GuestPicture(lab[vm]));
    }

    [Theory]
    [InlineData(14)]
    [InlineData(17)]
    [InlineData(19)]
    public void A_guest_that_restarts_in_the_middle_is_restored(int calls)
    {
        var lab = new GuestLab(101);
        var before = GuestLab.GuestPicture(lab[101]);
        lab.With(101, g => g.RestartsAfter = calls);
        var failure = Assert.ThrowsAny<VgpuException>(() => lab.Set(GuestLab.Request()));
        Assert.Equal(ErrorIds.GuestAgentNotRunning, failure.ErrorId);
        Assert.Equal(before, GuestLab.GuestPicture(lab[101]));
    }

    [Fact]
    public async Task A_cancelled_change_is_rolled_back()
    {
        var lab = new GuestLab(101);
        var before = GuestLab.GuestPicture(lab[101]);
        using var stop = new CancellationTokenSource();
        lab.Host.Processes.CommandLines = line =>
        {
            if (line.Contains("systemctl restart", StringComparison.Ordinal))
            {
                stop.Cancel();
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lab.SetAsync(GuestLab.Request(), stop.Token));
        Assert.Equal(before, GuestLab.GuestPicture(lab[101]));
    }

    private static void Fails(int vm, Action<LabGuest> fault, string row, string cause, string fix)
    {
        var lab = new GuestLab(vm);
        var before = GuestLab.GuestPicture(lab[vm]);
        lab.With(vm, fault);
        var failure = Assert.Throws<HostCommandException>(() => lab.Set(GuestLab.Request(vm)));
        Assert.Equal(ErrorIds.LicenseNotAcquired, failure.ErrorId);
        Assert.Contains($"({row})", failure.Message, StringComparison.Ordinal);
        Assert.Contains(cause, failure.Message, StringComparison.Ordinal);
        Assert.Contains(fix, failure.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(before, GuestLab.GuestPicture(lab[vm]));
    }
}
