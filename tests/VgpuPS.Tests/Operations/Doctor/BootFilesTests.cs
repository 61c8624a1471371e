using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.GrubTests;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Setup;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Platform;
using Xunit;
using LabNode = VgpuPS.LabHook.LabHostNode;

namespace VgpuPS.Tests.Operations.Doctor;

/// <summary>Files that decide about a boot: every form of them, what the host boots then, and what is refused before
/// anything is changed.</summary>
public sealed class BootFilesTests
{
    private const string DropIn = "/etc/default/grub.d/zz-vgpups.cfg";
    private const string Update = "run /usr/sbin/update-grub";

    private readonly List<string> _warnings = [];

    public static TheoryData<string> Forms => [.. GrubForm.All.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Form_of_GRUB_s_files_gives_its_words_at_the_next_boot_or_is_refused_with_its_line(string name)
    {
        var form = GrubForm.All.Single(f => f.Name == name);
        var node = Make(form);
        if (form.Words is null || !form.IsKnownToLab)
        {
            var refusal = Refuses(node, new InitializeHostRequest(), ErrorIds.BootFileUnusable);
            Assert.Contains(
                !form.IsKnownToLab
                    ? "not evaluated" : form.Line is { } line ? $"{form.Place}, line {line}: " : $"{form.Place}: ",
                refusal.Message, StringComparison.Ordinal);
            return;
        }

        var before = Read(node, "/etc/default/grub");
        Do(node, new InitializeHostRequest());
        node.Host.Reboot();
        Assert.Equal($"BOOT_IMAGE=/boot/vmlinuz-6.14.11-4-pve root=/dev/mapper/pve-root ro {form.Words}".Trim(),
            node.Host.State.Platform.CommandLine);
        Assert.Equal(before, Read(node, "/etc/default/grub"));
        Assert.Null(node.Host.Files.GetInfo("/etc/default/grub.vgpups.bak"));
        Assert.Empty(Plan(node, new InitializeHostRequest()).Steps);
        Assert.DoesNotContain(
            RunDoctorTests.Ask(node).Findings, f => f.Check is "RestartPending" or "BootFilesUnusable" or "IommuOff");
    }

    [Theory]
    [InlineData(LabLoader.Grub)]
    [InlineData(LabLoader.ManagedGrub)]
    public void Word_that_must_go_goes_from_where_it_stands_and_one_restart_is_enough(LabLoader loader)
    {
        var node = LabNode.Create(new LabOptions { Loader = loader });
        node.Host.Put("/etc/default/grub",
            "GRUB_CMDLINE_LINUX_DEFAULT=\"\"\nGRUB_CMDLINE_LINUX=\"console=tty0 net.ifnames=0 intel_iommu=off\"\n");
        node.Host.Edit(s => LabBootTool.Install(s));
        node.Host.Reboot();
        var request = new InitializeHostRequest { Restart = true };
        Assert.Contains(
            "remove intel_iommu=off from GRUB_CMDLINE_LINUX", Plan(node, request).Steps[0], StringComparison.Ordinal);
        Do(node, request);
        Assert.Equal(1, node.Host.State.Platform.RestartCount);
        Assert.EndsWith(
            "ro console=tty0 net.ifnames=0 iommu=pt", node.Host.State.Platform.CommandLine, StringComparison.Ordinal);
        Do(node, request);
        Assert.Equal(1, node.Host.State.Platform.RestartCount);
    }

    [Theory]
    [InlineData(LabLoader.Grub)]
    [InlineData(LabLoader.ManagedGrub)]
    [InlineData(LabLoader.SystemdBoot)]
    public void Restart_that_was_tried_and_did_not_help_is_refused_and_not_recommended(LabLoader loader)
    {
        var node = LabNode.Create(new LabOptions { Loader = loader, IsBare = true, NouveauIsOff = true });
        Do(node, new InitializeHostRequest());
        node.Host.Reboot();

        // Another disk was booted, with the words of before.
        node.Host.Edit(s => s.Platform.CommandLine = s.Platform.CommandLine.Replace(
            " iommu=pt", " intel_iommu=off", StringComparison.Ordinal));
        node.Host.Edit(s => s.Setup.IommuIsOff = true);
        var refusal = Refuses(node, new InitializeHostRequest { Restart = true }, ErrorIds.RestartDidNotHelp);
        Assert.Contains("intel_iommu=off is there", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(loader == LabLoader.SystemdBoot ? "proxmox-6.14.11-4-pve.conf" : "'Proxmox VE GNU/Linux'",
            refusal.Message, StringComparison.Ordinal);
        Assert.All(
            RunDoctorTests.Ask(node).Findings.Where(f => f.Check is "IommuOff" or "RestartPending"),
            f => Assert.DoesNotContain("systemctl reboot", f.RecommendedAction, StringComparison.Ordinal));
    }

    [Fact]
    public void Pinned_kernel_that_was_not_booted_is_refused_with_both_kernels()
    {
        var node = LabNode.Create(
            new LabOptions
            {
                Kernel = "7.0.2-1-pve",
                OtherKernels = ["6.14.11-4-pve"],
                IsBare = true,
                NouveauIsOff = true
            });
        var request = new InitializeHostRequest { DriverPath = LabDriverFiles.PutPackage(node.Host, "580.105.06") };
        Do(node, request);
        Assert.Contains("older than 7.0.2-1-pve", _warnings[0], StringComparison.Ordinal);
        node.Host.Edit(s => s.Platform.NextKernel = "7.0.2-1-pve");
        node.Host.Reboot();
        var refusal = Refuses(node, request, ErrorIds.RestartDidNotHelp);
        Assert.Contains("kernel 6.14.11-4-pve is pinned since before the boot, and 7.0.2-1-pve was booted",
            refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_an_earlier_version_edited_is_left_and_said()
    {
        var node = LabNode.Create(new LabOptions { IsBare = true, NouveauIsOff = true });
        node.Host.Put("/etc/default/grub.vgpups.bak", "GRUB_CMDLINE_LINUX_DEFAULT=\"old\"\n");
        var before = Read(node, "/etc/default/grub");
        Do(node, new InitializeHostRequest());
        Assert.Contains(_warnings,
            w => w.Contains("was edited by an earlier version and is left as it is", StringComparison.Ordinal));
        Assert.Equal(before, Read(node, "/etc/default/grub"));
    }

    [Fact]
    public void GPU_that_a_VM_has_as_a_whole_keeps_its_id()
    {
        var node = LabNode.Create(new LabOptions { Gpus = ["A30", "T4"], WithVms = true });
        node.Host.Put(node.ConfigPath(new(104)), "hostpci0: 0000:ca:00,pcie=1\n");
        node.Host.Put(
            "/etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet iommu=pt vfio-pci.ids=10de:20b7,10de:1eb8\"\n");
        var step = Assert.Single(Plan(node, new InitializeHostRequest()).Steps);
        Assert.Contains("(vfio-pci.ids=10de:1eb8 stays)", step, StringComparison.Ordinal);
    }

    [Fact]
    public void Words_that_were_not_brought_to_the_loader_are_brought_there()
    {
        var node = LabNode.Create();
        node.Host.Put("/etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n");
        node.Host.Edit(s => LabBootTool.Install(s));
        node.Host.Reboot();
        node.Host.Put("/etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet iommu=pt\"\n");
        node.Host.Reboot();
        Assert.Contains(
            "update-grub", RunDoctorTests.Ask(node).Findings.Single().RecommendedAction, StringComparison.Ordinal);
        Assert.StartsWith("run update-grub: entry 'Proxmox VE GNU/Linux' of /boot/grub/grub.cfg has no iommu=pt",
            Plan(node, new InitializeHostRequest()).Steps[0], StringComparison.Ordinal);
        Do(node, new InitializeHostRequest());
        node.Host.Reboot();
        Assert.Empty(Plan(node, new InitializeHostRequest()).Steps);
        Assert.Null(node.Host.Files.GetInfo(DropIn));
    }

    [Theory]
    [InlineData(Update, LabLoader.Grub, "/boot/grub/grub.cfg has no iommu=pt")]
    [InlineData("run /usr/sbin/grub-mkconfig", LabLoader.Grub, "/run/vgpups/grub.cfg: it is not there")]
    [InlineData("run /usr/sbin/proxmox-boot-tool", LabLoader.ManagedGrub, "system partition A1B2-C3D4 has no iommu=pt")]
    [InlineData("run /usr/sbin/proxmox-boot-tool", LabLoader.SystemdBoot, "system partition A1B2-C3D4 has no iommu=pt")]
    [InlineData(
        "run /usr/sbin/update-initramfs", LabLoader.Grub, "/boot/initrd.img-6.14.11-4-pve is still the old one")]
    [InlineData("run /usr/bin/apt-get", LabLoader.Grub, "package proxmox-headers-6.14.11-4-pve is not installed")]
    public void Program_that_reports_success_and_does_nothing_is_found_out(
        string program, LabLoader loader, string words)
    {
        var node = LabNode.Create(new LabOptions { IsBare = true, Loader = loader });
        node.Host.Gate.Lie(program);
        var failure = Assert.ThrowsAny<VgpuException>(() => Run(node, new InitializeHostRequest { Restart = true }));
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, node.Host.State.Platform.RestartCount);
        Do(node, new InitializeHostRequest());
        node.Host.Reboot();
        Assert.Contains("iommu=pt", node.Host.State.Platform.CommandLine, StringComparison.Ordinal);
    }

    [Fact]
    public void System_partition_that_the_boot_tool_skips_is_named()
    {
        var node = LabNode.Create(new LabOptions { Loader = LabLoader.ManagedGrub, IsBare = true });
        node.Host.Edit(s => s.Platform.LostPartitions.Add("E5F6-0718"));
        var failure = Assert.ThrowsAny<VgpuException>(() => Run(node, new InitializeHostRequest { Restart = true }));
        Assert.Contains("system partition E5F6-0718", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, node.Host.State.Platform.RestartCount);
    }

    [Theory]
    [InlineData(null, "root=ZFS=rpool/ROOT/pve-1 boot=zfs iommu=pt\n", "")]
    [InlineData("root=ZFS=rpool/ROOT/pve-1 boot=zfs\n", "root=ZFS=rpool/ROOT/pve-1 boot=zfs iommu=pt\n", "")]
    [InlineData("root=ZFS=rpool/ROOT/pve-1", "root=ZFS=rpool/ROOT/pve-1 iommu=pt\n", "")]
    [InlineData("root=ZFS=rpool/ROOT/pve-1 intel_iommu=off quiet\nmore\n",
        "root=ZFS=rpool/ROOT/pve-1 quiet iommu=pt\nmore\n", "")]
    [InlineData("iommu=pt root=x\n", null, "")]
    [InlineData("\nroot=ZFS=rpool/ROOT/pve-1\n", null, "root= is missing on its first line")]
    [InlineData("# words\nroot=ZFS=rpool/ROOT/pve-1\n", null, "root= is missing on its first line")]
    [InlineData("quiet\n", null, "root= is missing on its first line")]
    [InlineData("root=ZFS=rpool/ROOT/pve-1 boot=zfs\r\n", null, "carriage return")]
    public void First_line_of_systemd_boot_s_file_is_edited_or_refused(string? before, string? after, string refused)
    {
        var node = LabNode.Create(
            new LabOptions { Loader = LabLoader.SystemdBoot, IsBare = true, NouveauIsOff = true });
        node.Host.Edit(s => LabBootSetupFile(s, before));
        if (refused.Length > 0)
        {
            Assert.Contains(refused, Refuses(node, new InitializeHostRequest(), ErrorIds.BootFileUnusable).Message,
                StringComparison.Ordinal);
            return;
        }

        Do(node, new InitializeHostRequest());
        Assert.Equal(after ?? before, Read(node, "/etc/kernel/cmdline"));
        Assert.Equal(after is null || before is null ? null : before, Read(node, "/etc/kernel/cmdline.vgpups.bak"));
        node.Host.Reboot();
        Assert.Contains("root=", node.Host.State.Platform.CommandLine, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("single")]
    [InlineData("systemd.unit=rescue.target")]
    [InlineData("init=/bin/bash")]
    public void Words_for_one_boot_are_not_made_lasting(string word)
    {
        var node = LabNode.Create(new LabOptions { Loader = LabLoader.SystemdBoot, IsBare = true });
        node.Host.Edit(s =>
        {
            LabBootSetupFile(s, null);
            s.Platform.CommandLine += $" {word}";
        });
        Assert.Contains(word, Refuses(node, new InitializeHostRequest(), ErrorIds.BootFileUnusable).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Kernel_without_root_and_one_too_old_for_its_pool_do_not_come_up()
    {
        var node = LabNode.Create(new LabOptions { Loader = LabLoader.SystemdBoot });
        node.Host.Edit(s => s.Platform.NextCommandLine = "iommu=pt");
        node.Host.Reboot();
        Assert.Contains("no root=", Assert.Throws<HostConnectionException>(() => node.Host.Files.List("/")).Message,
            StringComparison.Ordinal);

        node = LabNode.Create(
            new LabOptions
            {
                Loader = LabLoader.Grub,
                RootIsOnZfs = true,
                Kernel = "7.0.2-1-pve",
                IsBare = true,
                NouveauIsOff = true
            });
        var request = new InitializeHostRequest
        {
            DriverPath = LabDriverFiles.PutPackage(
            node.Host, "580.105.06"),
            Restart = true
        };
        Assert.Contains("features", Refuses(node, request, ErrorIds.KernelStepBack).Message, StringComparison.Ordinal);
        Do(node, request with { Force = true });
        Assert.Contains("root is on ZFS", _warnings[0], StringComparison.Ordinal);
        Assert.Contains("cannot import",
            Assert.Throws<HostConnectionException>(() => node.Host.Files.List("/")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Left_over_from_passing_through_is_taken_out_and_the_rest_is_named()
    {
        var node = LabNode.Create(new LabOptions { WithVms = true });
        node.Host.Put(
            "/etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet iommu=pt vfio-pci.ids=10de:20b7,10de:1aef "
                + "modprobe.blacklist=nouveau,nvidia\"\n");
        node.Host.Put("/etc/modprobe.d/blacklist.conf", "blacklist nouveau\nblacklist nvidia\n");
        node.Host.Put(
            "/etc/udev/rules.d/90-vfio-pci.rules", "KERNELS==\"0000:ca:00.0\", ATTR{driver_override}=\"vfio-pci\"\n");
        node.Host.Edit(s =>
        {
            LabDisk.MakeInitramfs(s, s.Setup.Kernel);
            LabBootTool.Install(s);
        });
        node.Host.Reboot();
        Assert.Equal(["vfio-pci", "vfio-pci"], node.Host.State.Gpus.Select(g => g.Driver));
        var steps = Plan(node, new InitializeHostRequest()).Steps;
        Assert.Equal(3, steps.Count);
        Assert.Contains("comment out blacklist nvidia;", steps[1], StringComparison.Ordinal);
        Assert.Contains("by hand", steps[2], StringComparison.Ordinal);
        Do(node, new InitializeHostRequest());
        Assert.Contains(_warnings, w => w.Contains("90-vfio-pci.rules, line 1", StringComparison.Ordinal));
        Assert.Equal("blacklist nouveau\nblacklist nvidia\n", Read(node, "/etc/modprobe.d/blacklist.conf.vgpups.bak"));
        node.Host.Reboot();
        Assert.Equal(["nvidia", "vfio-pci"], node.Host.State.Gpus.Select(g => g.Driver));
        node.Host.Files.Delete("/etc/udev/rules.d/90-vfio-pci.rules");
        node.Host.Reboot();
        Assert.Equal(["nvidia", "nvidia"], node.Host.State.Gpus.Select(g => g.Driver));
        Assert.Empty(RunDoctorTests.Ask(node).Findings);
    }

    [Theory]
    [InlineData(LabLoader.Grub)]
    [InlineData(LabLoader.ManagedGrub)]
    public async Task Uninstalling_with_configuration_takes_the_words_away_again(LabLoader loader)
    {
        var node = LabNode.Create(new LabOptions { Loader = loader, IsBare = true });
        Do(node, new InitializeHostRequest());
        node.Host.Put("/etc/default/grub.vgpups.bak", "old\n");
        var request = new UninstallHostRequest { RemoveConfiguration = true, Source = "Uninstall-VgpuHost" };
        await HostUseCases.UninstallHost.RunAsync(
            node.Connect(_warnings.Add), request, new Silence(), TestContext.Current.CancellationToken);
        Assert.Null(node.Host.Files.GetInfo(DropIn));
        Assert.Contains(_warnings, w => w.Contains("/etc/default/grub.vgpups.bak", StringComparison.Ordinal));
        node.Host.Reboot();
        Assert.DoesNotContain("iommu=pt", node.Host.State.Platform.CommandLine, StringComparison.Ordinal);
    }

    private static LabNode Make(GrubForm form)
    {
        var node = LabNode.Create(new LabOptions { IsBare = true, NouveauIsOff = true });
        node.Host.Files.Delete("/etc/default/grub");
        if (form.Grub is { } text)
        {
            node.Host.Put("/etc/default/grub", text);
        }

        foreach (var (name, content) in form.Files)
        {
            node.Host.Put($"/etc/default/grub.d/{name}", content);
        }

        return node;
    }

    /// <summary>Puts systemd-boot's file, or takes it away, and lets the running kernel be one that booted from
    /// it.</summary>
    private static void LabBootSetupFile(LabState state, string? text)
    {
        if (text is null)
        {
            HostFault.Remove(state, "/etc/kernel/cmdline");
        }
        else
        {
            LabDisk.Write(state, "/etc/kernel/cmdline", text);
        }
    }

    private ChangePlan Plan(LabNode node, InitializeHostRequest request)
    {
        var before = HostSnapshot.Take(node);
        var plan = Run(node, request with { IsPlanOnly = true }).Plan;
        Assert.Equal(before, HostSnapshot.Take(node));
        return plan;
    }

    private void Do(LabNode node, InitializeHostRequest request)
    {
        _warnings.Clear();
        Run(node, request);
    }

    private ChangeResult Run(LabNode node, InitializeHostRequest request) => HostUseCases.InitializeHost.RunAsync(
        node.Connect(_warnings.Add), request with { Source = "Initialize-VgpuHost" }, new Silence(),
        default).GetAwaiter().GetResult();

    private VgpuException Refuses(LabNode node, InitializeHostRequest request, string errorId)
    {
        var before = HostSnapshot.Take(node);
        var refusal = Assert.ThrowsAny<VgpuException>(() => Run(node, request));
        Assert.Equal((errorId, before), (refusal.ErrorId, HostSnapshot.Take(node)));
        return refusal;
    }

    private static string? Read(LabNode node, string path) =>
        node.Host.Files.GetInfo(path) is null ? null : Encoding.UTF8.GetString(node.Host.Files.Read(path, 1 << 20));

    private sealed class Silence : IProgress<StepProgress>
    {
        public void Report(StepProgress value)
        {
        }
    }
}
