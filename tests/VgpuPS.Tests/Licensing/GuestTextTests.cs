using VgpuPS.Core.Gpu;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Licensing;

public sealed class GuestTextTests
{
    [Theory]
    [InlineData("gridd-acquired.log", GriddEventKind.Acquired, "api.cls.licensing.nvidia.com",
        "NVIDIA Virtual Compute Server", null)]
    [InlineData("gridd-no-entitlement.log", GriddEventKind.Failed, "dls.lab", "NVIDIA RTX Virtual Workstation",
        "No pool features found for : NVIDIA RTX Virtual Workstation")]
    [InlineData("gridd-time.log", GriddEventKind.Failed, "10.0.0.9", "NVIDIA Virtual PC",
        "The allowed time to process response has expired")]
    [InlineData("windows-no-entitlement.log", GriddEventKind.Failed, "api.cls.licensing.nvidia.com",
        "NVIDIA RTX Virtual Workstation", "No pool features found for : NVIDIA RTX Virtual Workstation")]
    [InlineData("windows-acquired.log", GriddEventKind.Acquired, "dls.lab", "NVIDIA RTX Virtual Workstation", null)]
    public void A_log_ends_with(string file, GriddEventKind kind, string server, string product, string? reason)
    {
        var outcome = GriddLog.Parse(Recorded.Read(file)).Outcome!;
        Assert.Equal((kind, server, product, reason), (outcome.Kind, outcome.Server, outcome.Product, outcome.Reason));
    }

    [Fact]
    public void A_log_without_configuration_and_token_has_no_outcome()
    {
        var log = GriddLog.Parse(Recorded.Read("gridd-no-token.log"));
        Assert.Null(log.Outcome);
        Assert.True(log.Has(GriddEventKind.ConfMissing) && log.Has(GriddEventKind.TokenMissing)
            && log.Has(GriddEventKind.NotLicensed) && log.Has(GriddEventKind.Started));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-- No entries --")]
    [InlineData("nvidia-gridd")]
    [InlineData("nvidia-gridd: License acquired successfully.")]
    [InlineData("nvidia-gridd: Failed to acquire license from ")]
    [InlineData("x:<1>")]
    public void A_broken_log_is_read_without_failing(string text) => Assert.Null(GriddLog.Parse(text).Server);

    [Theory]
    [InlineData("smi-linux-licensed.txt", "580.105.08", VgpuLicenseState.Licensed, true, "2024-10-19T06:51:17Z")]
    [InlineData("smi-linux-restricted.txt", "580.105.08", VgpuLicenseState.UnlicensedRestricted, false, null)]
    [InlineData("smi-windows-licensed.txt", "581.80", VgpuLicenseState.Licensed, true, null)]
    [InlineData("smi-two-gpus.txt", "580.105.08", VgpuLicenseState.Licensed, false, null)]
    public void Nvidia_smi_says(
        string file, string driver, VgpuLicenseState first, bool isLicensed, string? expiry)
    {
        var report = SmiReport.Parse(Recorded.Read(file));
        Assert.Equal((driver, isLicensed, first), (report.DriverVersion, report.IsLicensed, report.Products[0].State));
        Assert.Equal(
            expiry is null ? null : DateTimeOffset.Parse(expiry, System.Globalization.CultureInfo.InvariantCulture),
            report.Products[0].Expiry);
    }

    [Fact]
    public void The_name_of_the_board_is_not_taken_for_the_product() => Assert.Equal(
        "NVIDIA Virtual Compute Server", SmiReport.Parse(Recorded.Read("smi-linux-licensed.txt")).Products[0].Name);

    [Theory]
    [InlineData("580.105.08", "580.105.06", GuestDriverVerdict.SameBranch)]
    [InlineData("581.80", "580.105.06", GuestDriverVerdict.SameBranch)]
    [InlineData("551.78", "550.54.16", GuestDriverVerdict.SameBranch)]
    [InlineData("538.33", "535.161.05", GuestDriverVerdict.SameBranch)]
    [InlineData("535.161.08", "550.54.16", GuestDriverVerdict.OlderBranch)]
    [InlineData("590.12", "580.105.06", GuestDriverVerdict.NewerBranch)]
    [InlineData("590.12", "595.71.03", GuestDriverVerdict.OlderBranch)]
    [InlineData("596.36", "595.71.03", GuestDriverVerdict.SameBranch)]
    [InlineData(null, "580.105.06", GuestDriverVerdict.Missing)]
    [InlineData("580.1", null, GuestDriverVerdict.Unknown)]
    [InlineData("x.y", "580.1", GuestDriverVerdict.Unknown)]
    public void A_guest_driver_is_judged_by_its_branch(string? guest, string? host, GuestDriverVerdict verdict) =>
        Assert.Equal(verdict, GuestDriverRule.Judge(guest, host));

    [Theory]
    [InlineData("/root/NVIDIA-Linux-x86_64-580.105.08-grid.run", GuestDriverKind.Run, "580.105.08")]
    [InlineData("/root/nvidia-linux-grid-580_580.105.08_amd64.deb", GuestDriverKind.Deb, "580.105.08")]
    [InlineData(
        "/root/581.80_grid_win10_win11_server2022_dch_64bit_international.exe", GuestDriverKind.WindowsSetup, "581.80")]
    [InlineData("/root/driver.run", GuestDriverKind.Run, null)]
    public void A_driver_file_reports_its_version(string path, GuestDriverKind kind, string? version)
    {
        var file = GuestDriverFile.Parse(path);
        Assert.Equal((kind, version), (file.Kind, file.Version));
    }

    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void A_checksum_is_that_of_the_standard(string text, string digest) =>
        Assert.Equal(digest, Sha256.Of(System.Text.Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void A_checksum_of_parts_is_that_of_the_whole()
    {
        var random = new Random(7);
        for (var length = 0; length < 300; length++)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            var digest = new Sha256();
            for (var at = 0; at < length;)
            {
                var count = Math.Min(random.Next(1, 90), length - at);
                digest.Add(bytes.AsSpan(at, count));
                at += count;
            }

            Assert.Equal(
                Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), digest.Finish());
        }
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("1,fstrim_cloned_disks=1", true)]
    [InlineData("enabled=1,type=virtio", true)]
    [InlineData("enabled=0,type=virtio", false)]
    [InlineData("0", false)]
    [InlineData(null, false)]
    [InlineData("type=virtio,freeze-fs-on-backup=1", false)]
    public void The_agent_is_on_where_its_line_says_so(string? line, bool isOn) =>
        Assert.Equal(isOn, GuestAgentSetting.IsEnabled(line));
}
