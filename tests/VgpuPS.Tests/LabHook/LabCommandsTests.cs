using System.Text.Json;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Platform;
using Xunit;

namespace VgpuPS.Tests.LabHook;

[Trait("Duration", "Long")]
public sealed class LabCommandsTests : IDisposable
{
    private const string Config = "boot: order=scsi0\nhookscript: local:snippets/vgpu-hook\nhostpci0: "
        + "mapping=pool,mdev=nvidia-685\nname: imported\n";

    private readonly LabShellProcess _shell = new();

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("8.4", "mdev")]
    [InlineData("9.2", "vfio")]
    public void A_vm_lives_across_commands_that_share_a_file(string pve, string backend)
    {
        Ok("init", "--gpu", "A30", "--backend", backend, "--pve", pve);
        Ok("run", "nvidia-smi", "-i", "0", "-mig", "1");
        Ok("run", "sriov-manage", "-e", "ALL");
        Ok("vm", "create", "101", "--hostpci", "0=0000:4b:00.4,mdev=nvidia-690");
        Assert.Contains("create GPU instance 2g.12gb", Ok("hook", "plan", "101"), StringComparison.Ordinal);
        Assert.Contains(
            "vgpu-hook: VM 101: create GPU instance 2g.12gb", Ok("vm", "start", "101"), StringComparison.Ordinal);
        Assert.Contains("VM 101", Ok("show"), StringComparison.Ordinal);
        using (var json = JsonDocument.Parse(Ok("show", "--json")))
        {
            Assert.Equal("running", json.RootElement.GetProperty("vms")[0].GetProperty("status").GetString());
            Assert.Equal(
                101,
                json.RootElement.GetProperty("gpus")[0].GetProperty("instances")[0].GetProperty("vmIds")[0].GetInt32());
        }

        Assert.Contains("released GPU instance", Ok("vm", "stop", "101"), StringComparison.Ordinal);
        AssertNothingLeft();
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("shutdown")]
    [InlineData("crash")]
    public void However_a_vm_ends_nothing_is_left(string end)
    {
        StartTimeSliced();
        Ok("vm", end, "101");
        AssertNothingLeft();
    }

    [Fact]
    public void A_cluster_is_made_node_by_node_and_loses_its_quorum()
    {
        Ok("init", "--cluster", "--gpu", "A30", "--guests");
        Ok("join", "--node", "pve2", "--gpu", "L40S", "--guests");
        Assert.Contains("L40S", Ok("--on", "pve2", "show"), StringComparison.Ordinal);
        Ok("--on", "pve2", "run", "ha-manager", "add", "201");
        Assert.Contains("vm: 201", Ok("cat", "/etc/pve/ha/resources.cfg"), StringComparison.Ordinal);
        Assert.Contains(
            "migration finished", Ok("run", "qm", "migrate", "101", "pve2"), StringComparison.Ordinal);
        Assert.Equal("node pve1: up\nnode pve2: down\nthe cluster has no quorum\n", Ok("node", "stop", "pve2"));
        Assert.Contains("\"quorate\": 0", Ok("run", "pvesh", "get", "/cluster/status"), StringComparison.Ordinal);
        Assert.Contains("has quorum", Ok("node", "start", "pve2"), StringComparison.Ordinal);
        Assert.Contains("no quorum", Ok("quorum", "off"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_restarted_vm_runs_again_with_its_vgpu()
    {
        StartTimeSliced();
        Ok("vm", "restart", "101");
        using var json = JsonDocument.Parse(Ok("show", "--json"));
        Assert.True(
            json.RootElement.GetProperty("gpus")[0].GetProperty("vgpus")[0].GetProperty("isRunning").GetBoolean());
    }

    [Fact]
    public void A_boot_loses_what_a_reboot_loses()
    {
        StartTimeSliced();
        Ok("boot");
        using var json = JsonDocument.Parse(Ok("show", "--json"));
        Assert.Equal(0, json.RootElement.GetProperty("gpus")[0].GetProperty("enabledFunctions").GetInt32());
        Assert.Equal("stopped", json.RootElement.GetProperty("vms")[0].GetProperty("status").GetString());
        Assert.Equal(0, json.RootElement.GetProperty("claims").GetArrayLength());
    }

    [Fact]
    public void A_vm_and_a_mapping_are_imported_from_files()
    {
        Ok("init", "--gpu", "A30", "--backend", "vfio");
        Ok("run", "sriov-manage", "-e", "ALL");
        Ok("vm", "import", _shell.Write("104.conf", Config));
        using (var json = JsonDocument.Parse(Ok("show", "--json")))
        {
            var function = json.RootElement.GetProperty("gpus")[0].GetProperty("functions")[0];
            Ok("mapping", "import", _shell.Write(
                "pci.cfg",
                $"pool\n\tmap "
                    + $"id=10de:20b7,iommugroup={function.GetProperty("iommuGroup")},node=pve1,path="
                    + $"{function.GetProperty("address")},subsystem-id=10de:0000\n\tmdev 1\n"));
        }

        Ok("vm", "start", "104");
        Assert.Contains("imported", Ok("show"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_start_ends_as_proxmox_ends_it()
    {
        Ok("init", "--gpu", "A30");
        Ok("vm", "create", "101", "--hostpci", "0=0000:4b:00.4,mdev=nvidia-690");
        var (code, _, error) = _shell.On("vm", "start", "101");
        Assert.Equal(255, code);
        Assert.Contains(
            "vgpu-hook: VM 101 pre-start: A30-2-12C of hostpci0 is MIG-backed", error, StringComparison.Ordinal);
        Assert.EndsWith(
            "hookscript error for 101 on pre-start: command '/var/lib/vz/snippets/vgpu-hook 101 pre-start' failed: "
                + "exit code 69\n",
            error, StringComparison.Ordinal);
        Assert.Equal(69, _shell.On("hook", "101", "pre-start").Code);
    }

    [Theory]
    [InlineData("init --gpu A31", 64, "no GPU model 'A31'")]
    [InlineData("init --gpu A30 --pve 7.4", 64, "--pve 7.4")]
    [InlineData("init --gpu A30 --node ../x", 64, "not a node name")]
    [InlineData("init --gpu A30 --backend both", 64, "--backend both")]
    [InlineData("init --gpu", 64, "--gpu needs a value")]
    [InlineData("init --gpu P40", 64, "no GPU model 'P40', which --model FILE can describe")]
    [InlineData("init --kernel ../x", 64, "--kernel ../x is not a kernel release")]
    [InlineData("init --other-kernel new", 64, "--other-kernel new is not a kernel release")]
    [InlineData("init --driver 580", 64, "--driver 580 is not a driver version")]
    [InlineData("init --loader lilo", 64, "--loader lilo is none of grub, grub-esp, systemd-boot")]
    [InlineData("init --cpu arm", 64, "--cpu arm is none of intel, amd")]
    [InlineData("init --address 4b:00", 64, "--address 4b:00 is not the address of a GPU")]
    [InlineData("init --address 4b:00.4", 64, "--address 4b:00.4 is not the address of a GPU")]
    [InlineData("init --gpu A30 --address 4b:00.0 --address 5b:00.0", 64, "is there 2 times, and there is 1 board")]
    [InlineData("init --gpu A30 --address 03:00.0", 64, "0000:03:00.0 is another device")]
    [InlineData("init --gpu A30 --display-mode", 64, "no display mode is known of NVIDIA A30")]
    [InlineData("init --gpu A16 --gpu A16 --gpu A16", 64, "the maximum of the lab is 8 GPUs, and 12 are requested")]
    [InlineData("init --model /does/not/exist.json", 66, "there is no file")]
    [InlineData("init --model /etc/passwd", 65, "/etc/passwd does not describe a GPU model: line 1")]
    [InlineData("init --clock yesterday", 64, "--clock yesterday is not a time")]
    [InlineData("model A31", 64, "no GPU model 'A31'")]
    [InlineData("init frobnicate", 64, "not understood: frobnicate")]
    [InlineData("vm start abc", 64, "'abc' is not a VM number")]
    [InlineData("vm explode 101", 64, "not understood")]
    [InlineData("vm crash 101", 64, "VM 101 does not run")]
    [InlineData("vm create 101 --hostpci 4b:00.4", 64, "is not N=VALUE")]
    [InlineData("vm import /does/not/exist/101.conf", 66, "there is no file")]
    [InlineData("mapping import /does/not/exist", 66, "there is no file")]
    [InlineData("cat /no/such/file", 66, "cannot be read")]
    [InlineData("run rm -rf /", 64, "no program 'rm'")]
    [InlineData("frobnicate", 64, "not understood")]
    [InlineData("show --json now", 64, "--json belongs to show")]
    public void A_wrong_command_is_reported_in_two_lines(string command, int expected, string message)
    {
        Ok("init", "--gpu", "A30");
        var (code, _, error) = _shell.On(command.Split(' '));
        Assert.Equal(expected, code);
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Contains(message, lines[0], StringComparison.Ordinal);
        Assert.StartsWith("  do: ", lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--kernel 6.17.4-1-pve", "kernel 6.17.4-1-pve")]
    [InlineData("--driver 595.71.03 --kernel 7.0.2-1-pve", "kernel 7.0.2-1-pve")]
    [InlineData("--loader systemd-boot", "Proxmox VE 9.2")]
    [InlineData("--cpu amd", "NVIDIA L40S  46068 MiB")]
    [InlineData("--secure-boot", "NVIDIA L40S  46068 MiB")]
    [InlineData("--address 0001:89:00.0", "GPU 0  0001:89:00.0  NVIDIA L40S")]
    [InlineData("--pve 8.2", "Proxmox VE 8.2, kernel 6.5.13-5-pve")]
    [InlineData("--iommu off --root zfs --other-kernel 6.17.4-1-pve", "kernel 6.14.11-4-pve")]
    public void Init_takes_what_hosts_differ_in(string options, string made)
    {
        var output = Ok(["init", "--gpu", "L40S", .. options.Split(' ')]);
        Assert.Contains(made, output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_init_was_given_is_what_the_host_has()
    {
        Ok("init", "--gpu", "L40S", "--loader", "systemd-boot", "--cpu", "amd", "--secure-boot", "--iommu", "off",
            "--other-kernel", "6.17.4-1-pve", "--driver", "580.95.02", "--clock", "2027-02-03T04:05Z");
        var state = LabHost.Open(_shell.State).State;
        Assert.Equal(
            (LabLoader.SystemdBoot, LabCpu.Amd, true, true),
            (state.Platform.Loader, state.Platform.Cpu, state.Platform.IsSecureBoot, state.Setup.IommuIsOff));
        Assert.Equal(("580.95.02", false), (state.Setup.DriverVersion, state.Setup.DriverIsUnloaded));
        Assert.Equal(["6.14.11-4-pve", "6.17.4-1-pve"], LabDisk.Kernels(state));
        Assert.Equal(new DateTime(2027, 2, 3, 4, 5, 0), new DateTime(state.WallTicks));
    }

    [Fact]
    public void A_board_can_be_described_in_a_file()
    {
        var file = _shell.Write("mine.json", Ok("model", "A30").Replace("NVIDIA A30\"", "My board\"")
            .Replace("[\"A30\"]", "[\"mine\"]").Replace("A30-", "MINE-"));
        Assert.Contains("My board  24576 MiB", Ok("init", "--model", file), StringComparison.Ordinal);
        Ok("init", "--model", file, "--gpu", "mine", "--gpu", "A30");
        Ok("run", "sriov-manage", "-e", "ALL");
        Ok("vm", "create", "101", "--hostpci", "0=0000:4b:00.4,mdev=nvidia-685");
        Assert.Contains("create MINE-6C (type 685)", Ok("vm", "start", "101"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_vm_that_is_created_beside_guests_has_a_hook_that_is_there()
    {
        Ok("init", "--gpu", "A30", "--guests");
        Ok("run", "sriov-manage", "-e", "ALL");
        Ok("vm", "create", "201", "--hostpci", "0=0000:4b:00.4,mdev=nvidia-686");
        Assert.Contains("create A30-8C (type 686)", Ok("vm", "start", "201"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("update-grub", 0, "Generating grub configuration file")]
    [InlineData("/usr/sbin/update-grub", 0, "Generating grub configuration file")]
    [InlineData("proxmox-boot-tool refresh", 2, "/etc/kernel/proxmox-boot-uuids does not exist")]
    [InlineData("update-initramfs -u", 0, "Generating /boot/initrd.img-6.14.11-4-pve")]
    [InlineData("apt-get install -y mokutil", 0, "Reading package lists")]
    [InlineData("dpkg -l proxmox-kernel-*", 0, "ii  proxmox-kernel-6.14 6.14.11-4-pve amd64")]
    [InlineData("dpkg -s qemu-server", 0, "Version: 9.2.6")]
    [InlineData("dpkg -s nothing", 1, "package 'nothing' is not installed")]
    [InlineData("journalctl -u nvidia-vgpu-mgr.service", 0, "-- No entries --")]
    [InlineData("dmesg", 0, "")]
    [InlineData("qm list", 0, "")]
    [InlineData("sh /root/none.run --silent", 127, "cannot open /root/none.run")]
    public void Programs_can_be_run_by_hand(string command, int expected, string said)
    {
        Ok("init", "--gpu", "A30", "--bare");
        var (code, output, error) = _shell.On(["run", .. command.Split(' ')]);
        Assert.Equal(expected, code);
        Assert.Contains(said, output + error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_or_broken_state_file_says_how_to_make_one()
    {
        var (code, _, error) = _shell.On("show");
        Assert.Equal(66, code);
        Assert.Contains($"vgpu-lab --state {_shell.State} init", error, StringComparison.Ordinal);
        File.WriteAllText(_shell.State, "{\"version\": 1}");
        Assert.Equal(65, _shell.On("show").Code);
        Assert.Equal(64, LabShellProcess.Run("show").Code);
        var (denied, _, text) = LabShellProcess.Run("--state", "/proc/no/host.json", "init");
        Assert.Equal(77, denied);
        Assert.Contains("cannot be used", text, StringComparison.Ordinal);
    }

    private void StartTimeSliced()
    {
        Ok("init", "--gpu", "A30", "--backend", "vfio", "--pve", "9.2");
        Ok("run", "sriov-manage", "-e", "0000:4b:00.0");
        Ok("vm", "create", "101", "--hostpci", "0=0000:4b:00.4,mdev=nvidia-685");
        Ok("vm", "start", "101");
    }

    private void AssertNothingLeft()
    {
        using var json = JsonDocument.Parse(Ok("show", "--json"));
        Assert.Equal(0, json.RootElement.GetProperty("claims").GetArrayLength());
        Assert.Equal(0, json.RootElement.GetProperty("reservations").GetArrayLength());
        foreach (var gpu in json.RootElement.GetProperty("gpus").EnumerateArray())
        {
            Assert.Equal(0, gpu.GetProperty("instances").GetArrayLength());
            Assert.Equal(0, gpu.GetProperty("vgpus").GetArrayLength());
        }
    }

    private string Ok(params string[] arguments)
    {
        var (code, output, error) = _shell.On(arguments);
        Assert.True(code == 0, $"vgpu-lab {string.Join(' ', arguments)}: exit {code}\n{output}{error}");
        return output;
    }
}
