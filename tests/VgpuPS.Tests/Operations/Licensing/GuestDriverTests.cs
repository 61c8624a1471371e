using VgpuPS.Core.Errors;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Guests;
using VgpuPS.Host.Operations.Licensing;
using VgpuPS.Host.Sessions;
using Xunit;

namespace VgpuPS.Tests.Operations.Licensing;

public sealed class GuestDriverTests
{
    private const string Run = "/root/NVIDIA-Linux-x86_64-580.105.08-grid.run";
    private const string Deb = "/root/nvidia-linux-grid-580_580.105.08_amd64.deb";
    private const string Setup = "/root/581.80_grid_win10_win11_64bit_international.exe";

    [Theory]
    [InlineData(101, Run, "580.105.08")]
    [InlineData(102, Deb, "580.105.08")]
    [InlineData(104, Setup, "581.80")]
    public void A_driver_is_carried_installed_and_seen(int vm, string path, string version)
    {
        var lab = Lab(vm, path, size: 2_000_000);
        var done = Install(lab, vm, path);
        Assert.Equal(version, lab[vm].Driver);
        Assert.Equal(version, lab.Vgpu(vm).Guest!.DriverVersion);
        Assert.Contains(" MiB in 3 parts", done.Plan.Steps[0], StringComparison.Ordinal);
        Assert.Single(done.Plan.Losses);
        Assert.DoesNotContain(lab[vm].Files.Keys, k => k.Contains("vgpups", StringComparison.Ordinal));
        Assert.Empty(Install(lab, vm, path).Plan.Steps);
    }

    [Theory]
    [InlineData("/root/NVIDIA-Linux-x86_64-590.20-grid.run", 101, ErrorIds.GuestDriverMismatch)]
    [InlineData(Setup, 101, ErrorIds.GuestDriverMismatch)]
    [InlineData(Run, 104, ErrorIds.GuestDriverMismatch)]
    [InlineData("/root/driver.zip", 101, ErrorIds.GuestDriverUnusable)]
    [InlineData("/root/a b.run", 101, ErrorIds.GuestDriverUnusable)]
    public void A_driver_that_does_not_fit_is_refused(string path, int vm, string errorId)
    {
        var lab = Lab(vm, path);
        var before = lab.Snapshot();
        var refusal = Assert.Throws<InvalidRequestException>(() => Install(lab, vm, path));
        Assert.Equal(errorId, refusal.ErrorId);
        Assert.Equal(before, lab.Snapshot());
    }

    [Fact]
    public void A_file_that_is_not_on_the_host_is_refused()
    {
        var refusal = Assert.Throws<ObjectNotFoundException>(() => Install(new GuestLab(101), 101, "/root/none.run"));
        Assert.Contains("-Path ./none.run", refusal.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void An_installer_that_fails_is_reported_and_its_file_is_gone()
    {
        var lab = Lab(101, Run).With(101, g => g.InstallerFails = true);
        var failure = Assert.Throws<HostCommandException>(() => Install(lab, 101, Run));
        Assert.Contains("Unable to load the kernel module", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(lab[101].Files.Keys, k => k.Contains("vgpups", StringComparison.Ordinal));
    }

    [Fact]
    public void A_guest_whose_disk_is_full_is_reported()
    {
        var lab = Lab(101, Run).With(101, g => g.DiskIsFull = true);
        var failure = Assert.Throws<HostNotReadyException>(() => Install(lab, 101, Run));
        Assert.Equal(ErrorIds.GuestWriteFailed, failure.ErrorId);
    }

    [Fact]
    public void Drivers_of_all_vms_are_judged()
    {
        var lab = new GuestLab(101, 102, 103);
        lab.With(102, g => g.Driver = "535.161.08").With(103, g => g.Driver = null);
        lab.Vms.With(104, "hostpci0: 0000:ca:00.5,mdev=nvidia-685");
        var inventory = lab.Report;
        Assert.Equal(
            [(101, "SameBranch", true), (102, "OlderBranch", false), (103, "Missing", false),
                (104, "NotRunning", false)],
            inventory.Vms.SelectMany(inventory.DriversOf).Select(d => (d.VmId, d.Verdict, d.IsCompatible)));
    }

    [Fact]
    public void A_licence_is_released()
    {
        var lab = new GuestLab(101);
        lab.Set(GuestLab.Request());
        var plan = Remove(lab, isPlanOnly: true);
        Assert.Equal("Licensed", lab.Vgpu(101).Guest!.LicenseStatus);
        Assert.Equal(2, plan.Plan.Steps.Count);
        Assert.Empty(plan.Objects);
        Assert.Equal(101, Assert.Single(Remove(lab, isPlanOnly: false).Objects).VmId);
        Assert.NotEqual("Licensed", lab.Vgpu(101).Guest!.LicenseStatus);
        Assert.Null(lab.File(101, $"{GuestLab.Folder}/{GuestLab.TokenName}"));
        var refusal = Assert.Throws<ObjectNotFoundException>(() => Remove(lab, isPlanOnly: false));
        Assert.Equal(ErrorIds.LicenseNotFound, refusal.ErrorId);
    }

    private static GuestLab Lab(int vm, string path, int size = 1000)
    {
        var lab = new GuestLab(vm).With(vm, g => g.Driver = null);
        var random = new Random(3);
        lab.Host.Put(path, new string([.. Enumerable.Range(0, size).Select(_ => (char)random.Next(32, 127))]));
        return lab;
    }

    private static ChangeResult Install(GuestLab lab, int vm, string path) => HostUseCases.InstallGuestDriver.RunAsync(
        lab.Vms.Ports, new InstallGuestDriverRequest { Vm = $"{vm}", Path = path, Source = "test" },
        new GuestLab.Silent(), default)
        .GetAwaiter().GetResult();

    private static ChangeResult Remove(GuestLab lab, bool isPlanOnly) => HostUseCases.RemoveGridLicense.RunAsync(
        lab.Vms.Ports, new RemoveGridLicenseRequest { Vm = "101", IsPlanOnly = isPlanOnly }, new GuestLab.Silent(),
        default)
        .GetAwaiter().GetResult();
}
