using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Host.Operations.Licensing;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Guests;
using VgpuPS.Tests.Licensing;
using Xunit;

namespace VgpuPS.Tests.Operations.Licensing;

public sealed class SetGridLicenseTests
{
    private static readonly int[] s_all = [101, 102, 103, 104];

    [Fact]
    public void A_linux_guest_gets_its_licence_and_the_host_sees_it()
    {
        var lab = new GuestLab(101);
        var done = lab.Set(GuestLab.Request());
        Assert.Equal(101, Assert.Single(done.Objects).VmId);
        var token = lab[101].Files[$"{GuestLab.Folder}/{GuestLab.TokenName}"];
        Assert.Equal("744", token.Mode);
        Assert.Equal(Tokens.Make(), lab.File(101, $"{GuestLab.Folder}/{GuestLab.TokenName}"));
        Assert.Contains("\nFeatureType=1\n", lab.File(101, GuestLab.Conf), StringComparison.Ordinal);
        Assert.Contains("\nFeatureType=0\n", lab.File(101, GuestLab.Conf + ".vgpups-old"), StringComparison.Ordinal);
        Assert.Equal("Licensed", lab.Vgpu(101).Guest!.LicenseStatus);
        Assert.NotNull(lab.Vgpu(101).Guest!.LicenseExpiry);
        Assert.DoesNotContain(lab[101].Files.Keys,
            k => k.Contains("lock", StringComparison.Ordinal) || k.Contains("new", StringComparison.Ordinal));
    }

    [Fact]
    public void The_wait_asks_the_driver_for_that_vgpu_alone()
    {
        var lab = new GuestLab(101, 102, 103);
        lab.Host.Gate.IsTracing = true;
        lab.Set(GuestLab.Request());
        lab.Host.Gate.IsTracing = false;
        List<string> calls = [
            .. lab.Host.Gate.Trace.Select(c => c[(c.LastIndexOf(": ", StringComparison.Ordinal) + 2)..])];
        var waited = calls[calls.LastIndexOf("nvmlInit_v2")..];
        Assert.All(waited[1..waited.IndexOf("nvmlShutdown")],
            c => Assert.StartsWith("nvmlVgpuInstanceGet", c, StringComparison.Ordinal));
        Assert.Contains("nvmlVgpuInstanceGetLicenseInfo_v2", waited);
    }

    [Fact]
    public void A_windows_guest_gets_its_licence()
    {
        var lab = new GuestLab(104);
        lab.Set(GuestLab.Request(104));
        Assert.Equal(Tokens.Make(), lab.File(104, $@"{GuestLab.WindowsFolder}\{GuestLab.TokenName}"));
        Assert.Equal(("DWord", "1"), Value(lab, isNewer: true));
        Assert.Null(Value(lab, isNewer: false));
        Assert.Equal("Licensed", lab.Vgpu(104).Guest!.LicenseStatus);
    }

    [Theory]
    [InlineData("581.80", true, false)]
    [InlineData("474.44", false, true)]
    [InlineData("512.78", true, true)]
    public void Each_windows_driver_has_the_value_where_it_reads_it(string driver, bool newer, bool older)
    {
        var lab = new GuestLab(104).With(104, g =>
        {
            g.Driver = driver;
            g.Registry[GuestLab.Key(true) + @"\FeatureType"] = new LabRegistryValue("String", "0");
            g.Registry[GuestLab.Key(false) + @"\FeatureType"] = new LabRegistryValue("DWord", "0");
        });
        Assert.Equal(0, lab.ReadLicense("104").FeatureType);
        var plan = lab.Set(GuestLab.Request(104)).Plan;
        var step = plan.Steps.Single(
            s => s.StartsWith("set FeatureType to 1 (before: 0) in ", StringComparison.Ordinal));
        Assert.Equal((newer, older), (Names(true), Names(false)));
        Assert.Equal(newer ? ("DWord", "1") : ("String", "0"), Value(lab, isNewer: true));
        Assert.Equal(("DWord", older ? "1" : "0"), Value(lab, isNewer: false));
        Assert.Equal("Licensed", lab.Vgpu(104).Guest!.LicenseStatus);

        bool Names(bool isNewer) => step.Contains(GuestLab.Key(isNewer)[6..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("581.80", true)]
    [InlineData("474.44", false)]
    public void What_a_windows_guest_had_is_back_where_no_licence_comes_of_it(string driver, bool isNewer)
    {
        var lab = new GuestLab(104).With(104, g =>
        {
            g.Driver = driver;
            g.LicenseFault = LabLicenseFault.NoEntitlement;
            g.Registry[GuestLab.Key(isNewer) + @"\FeatureType"] = new LabRegistryValue("String", "2");
            g.Registry[GuestLab.Key(isNewer) + @"\ServerAddress"] = new LabRegistryValue("String", "10.0.0.1");
        });
        var before = GuestLab.GuestPicture(lab[104]);
        Assert.Throws<HostCommandException>(() => lab.Set(GuestLab.Request(104) with { FeatureType = 1 }));
        Assert.Equal(before, GuestLab.GuestPicture(lab[104]));
    }

    [Fact]
    public void A_server_of_the_old_way_is_taken_out_of_the_registry()
    {
        var lab = new GuestLab(104).With(104, g =>
            g.Registry[GuestLab.Key(true) + @"\ServerAddress"] = new LabRegistryValue("String", "10.0.0.1"));
        lab.Set(GuestLab.Request(104));
        Assert.Equal([GuestLab.Key(true) + @"\FeatureType"], lab[104].Registry.Keys);
        Assert.Equal("Licensed", lab.Vgpu(104).Guest!.LicenseStatus);
    }

    [Theory]
    [InlineData("581.80", true)]
    [InlineData("474.44", false)]
    public async Task A_token_folder_of_a_windows_guests_own_is_used(string driver, bool isNewer)
    {
        var lab = new GuestLab(104).With(104, g =>
        {
            g.Driver = driver;
            g.Registry[GuestLab.Key(isNewer) + @"\ClientConfigTokenPath"] = new("String", @"D:\my tokens\");
            g.Registry[GuestLab.Key(!isNewer) + @"\ClientConfigTokenPath"] = new("String", @"E:\other");
        });
        lab.Set(GuestLab.Request(104));
        Assert.NotNull(lab.File(104, $@"D:\my tokens\{GuestLab.TokenName}"));
        Assert.Equal("Licensed", lab.Vgpu(104).Guest!.LicenseStatus);
        Assert.Equal(1, lab.ReadLicense("104").TokenCount);
        await HostUseCases.RemoveGridLicense.RunAsync(
            lab.Vms.Ports, new RemoveGridLicenseRequest { Vm = "104" }, new GuestLab.Silent(),
            TestContext.Current.CancellationToken);
        Assert.Null(lab.File(104, $@"D:\my tokens\{GuestLab.TokenName}"));
    }

    [Theory]
    [InlineData(@"\\server\share")]
    [InlineData("tokens")]
    [InlineData(@"C:\a\..\b")]
    [InlineData(@"C:\")]
    [InlineData(@"C:\$(calc)")]
    public void A_token_folder_that_is_none_on_a_drive_of_windows_is_refused(string folder)
    {
        var lab = new GuestLab(104).With(104, g => g.Registry[GuestLab.Key(true) + @"\ClientConfigTokenPath"] =
            new LabRegistryValue("String", folder));
        lab.Refuses<UnreadableDataException>(
            GuestLab.Request(104), ErrorIds.UnreadableData, folder, "reg query \"HKLM\\SYSTEM");
    }

    [Theory]
    [InlineData(101)]
    [InlineData(104)]
    public void A_try_right_after_one_that_failed_does_not_take_its_log_for_its_own(int vm)
    {
        var lab = new GuestLab(vm).With(vm, g => g.LicenseFault = LabLicenseFault.NoEntitlement);
        var failure = Assert.Throws<HostCommandException>(() => lab.Set(GuestLab.Request(vm)));
        Assert.Equal(ErrorIds.LicenseNotAcquired, failure.ErrorId);
        lab.With(vm, g => g.LicenseFault = LabLicenseFault.None).Set(GuestLab.Request(vm));
        Assert.Equal("Licensed", lab.Vgpu(vm).Guest!.LicenseStatus);
    }

    [Theory]
    [InlineData(101)]
    [InlineData(104)]
    public void Setting_a_licence_is_idempotent(int vm)
    {
        var lab = new GuestLab(vm);
        lab.Set(GuestLab.Request(vm));
        var before = lab.Snapshot();
        var again = lab.Set(GuestLab.Request(vm));
        Assert.Empty(again.Plan.Steps);
        Assert.Equal(before, lab.Snapshot());
    }

    [Fact]
    public void A_plan_touches_nothing_and_names_every_step()
    {
        var lab = new GuestLab(101).Put(101, $"{GuestLab.Folder}/old.tok", Tokens.Make("old.lab"));
        var before = lab.Snapshot();
        var plan = lab.Set(GuestLab.Request() with { IsPlanOnly = true }).Plan;
        Assert.Equal(before, lab.Snapshot());
        Assert.Equal("VM 101 (web)", plan.Target);
        Assert.Equal(4, plan.Steps.Count);
        Assert.Contains("token for dls.lab, ends 2036-01-01", plan.Steps[0], StringComparison.Ordinal);
        Assert.Contains("rename the old token", plan.Steps[1], StringComparison.Ordinal);
        Assert.Contains("FeatureType to 1 (before: 0)", plan.Steps[2], StringComparison.Ordinal);
        Assert.Contains("nvidia-gridd", plan.Steps[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Ssh_leads_to_the_same()
    {
        var lab = new GuestLab(102);
        lab.With(102, g => g.AgentRuns = false);
        lab.Set(GuestLab.Request(102) with { Via = GuestVia.Ssh, GuestAddress = "root@build" });
        Assert.Equal("Licensed", lab.Vgpu(102).Guest!.LicenseStatus);
    }

    [Fact]
    public void A_server_of_the_old_way_is_taken_out_and_other_lines_stay()
    {
        var lab = new GuestLab(101).Put(
            101, GuestLab.Conf, "# mine\nServerAddress=10.0.0.1\nEnableUI=TRUE\nFeatureType=2\n");
        lab.Set(GuestLab.Request() with { FeatureType = 1 });
        Assert.Equal("# mine\nEnableUI=TRUE\nFeatureType=1\n", lab.File(101, GuestLab.Conf));
    }

    [Fact]
    public void A_token_folder_of_the_guests_own_is_used()
    {
        var lab = new GuestLab(101).Put(101, GuestLab.Conf, "FeatureType=1\nClientConfigTokenPath=/opt/tokens/\n");
        lab.Set(GuestLab.Request());
        Assert.NotNull(lab.File(101, $"/opt/tokens/{GuestLab.TokenName}"));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("-rf.tok")]
    [InlineData("a b.tok")]
    [InlineData("token.txt")]
    public void A_name_that_a_shell_could_take_amiss_is_replaced(string name)
    {
        var lab = new GuestLab(101);
        lab.Set(GuestLab.Request() with { TokenName = name });
        Assert.NotNull(lab.File(101, $"{GuestLab.Folder}/client_configuration_token.tok"));
    }

    [Fact]
    public void A_new_token_replaces_the_old_one_which_stays_beside_it()
    {
        var lab = new GuestLab(101);
        lab.Set(GuestLab.Request());
        lab.Set(GuestLab.Request(101, Tokens.Make(expiry: Tokens.Far.AddYears(1))));
        Assert.Equal(Tokens.Make(), lab.File(101, $"{GuestLab.Folder}/{GuestLab.TokenName}.vgpups-old"));
        Assert.Equal(
            Tokens.Make(expiry: Tokens.Far.AddYears(1)), lab.File(101, $"{GuestLab.Folder}/{GuestLab.TokenName}"));
    }

    [Fact]
    public async Task Four_guests_are_licensed_at_once()
    {
        var lab = new GuestLab(101, 102, 103, 104);
        await Task.WhenAll(s_all.Select(vm => Task.Run(() => lab.SetAsync(GuestLab.Request(vm)))));
        Assert.All(s_all, vm => Assert.Equal("Licensed", lab.Vgpu(vm).Guest!.LicenseStatus));
    }

    [Fact]
    public void Two_admins_at_once_do_not_meet_in_a_guest()
    {
        var lab = new GuestLab(101).Put(101, "/run/vgpups-guest.lock", "");
        var refusal = Assert.Throws<ResourceBusyException>(() => lab.Set(GuestLab.Request()));
        Assert.Contains("VM 101 (web)", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_guest_says_itself_how_its_licence_stands()
    {
        var lab = new GuestLab(101);
        lab.Set(GuestLab.Request());
        var report = lab.ReadLicense("web");
        Assert.Equal(
            ("dls.lab", 1, 1, 0.0), (report.Server, report.FeatureType, report.TokenCount, report.ClockSkewSeconds));
        Assert.StartsWith("Licensed (Expiry:", report.Status, StringComparison.Ordinal);
    }

    [Fact]
    public void A_licence_that_ends_soon_does_not_pass()
    {
        var lab = new GuestLab(101, 102);
        lab.Set(GuestLab.Request());
        Assert.Equal([true, false], Check(lab, 0));
        Assert.Equal([false, false], Check(lab, 2 * 86400));
        lab.Host.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal([false, false], Check(lab, 0));
    }

    private static (string Kind, string Text)? Value(GuestLab lab, bool isNewer) =>
        lab[104].Registry.TryGetValue(GuestLab.Key(isNewer) + @"\FeatureType", out var value)
            ? (value.Kind, value.Text) : null;

    private static IEnumerable<bool> Check(GuestLab lab, long seconds) => HostUseCases.TestGridLicenses.RunAsync(
        lab.Vms.Ports, new TestGridLicensesRequest([], seconds), new GuestLab.Silent(),
        default).GetAwaiter().GetResult()
        .Select(c => c.Passed);
}
