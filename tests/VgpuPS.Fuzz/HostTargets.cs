using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Text;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.Licensing;
using VgpuPS.Host.Operations.Setup;
using VgpuPS.Host.Proxmox;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Platform;
using VgpuPS.LabHook;

namespace VgpuPS.Fuzz;

/// <summary>Files of a simulated host under the hook's commands, boot files under the plans that read them, and a
/// guest's answers.</summary>
internal static class HostTargets
{
    private const int Software = 70;
    private const string Function = "0000:4b:00.4";

    private static readonly string[][] s_commands =
        [["101", "pre-start"], ["plan", "101"], ["show", "--json"], ["doctor"], ["102", "pre-start"], ["sweep"],
            ["101", "post-stop"]];

    [ThreadStatic]
    private static LabHostNode? s_node;

    [ThreadStatic]
    private static LabHostNode? s_cluster;

    [ThreadStatic]
    private static int s_uses;

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        File(
            "host-vm", "/etc/pve/nodes/pve1/qemu-server/101.conf", "hookscript: local:snippets/vgpu-hook\nhostpci0: "
                + $"{Function},mdev=nvidia-689\nname: a\n[PENDING]\nhostpci1: mapping=gpus,mdev=nvidia-684\n"),
        File("host-mappings", "/etc/pve/mapping/pci.cfg",
            $"gpus\n\tmdev 1\n\tmap id=10de:20b7,node=pve1,path={Function}\n"),
        File(
            "host-storages", "/etc/pve/storage.cfg", "dir: local\n\tpath /var/lib/vz\n\tcontent snippets\n\nnfs: "
                + "s\n\tserver x\n\texport /\n\tcontent snippets\n"),
        File(
            "host-config", "/etc/vgpups/config.json",
            """{"version":1,"migMode":"whenIdle","demand":{"1g.6gb":1},"keepTypes":{"101":{"hostpci0":"nvidia-689"}},"chain":{"102":{"path":"/root/x"}}}"""),
        File(
            "host-layout", "/etc/vgpups/layout.json",
            """{"version":1,"gpus":[{"gpu":"0000:4b:00.0","sriov":true,"mig":true,"instances":[{"profile":"1g.6gb","placement":"0:1"}]}]}""", ["boot"]),
        File(
            "host-claims", "/run/vgpups/claims.json",
            """{"version":1,"claims":[{"vm":103,"entry":0,"type":689,"state":"held","candidates":["0000:4b:00.4"],"heldUntil":9}],"instances":[{"gpu":"0000:4b:00.0","profile":14,"start":0,"size":1,"instance":1,"isOurs":true}],"demand":{"NVIDIA A30":{"1g.6gb":2}}}"""),
        File(
            "host-boot", "/run/vgpups/boot.json",
            """{"version":1,"state":"failed","time":"2026-01-01T00:00:00Z","seconds":2,"gpus":[{"gpu":"x","outcome":"failed","problem":{"errorId":"E","message":"m","recommendedAction":"r"}}],"notes":["n"],"problems":[]}"""),
        File(
            "host-counters", "/run/vgpups/counters.json",
            """{"version":1,"runs":{"pre-start":3},"failures":[{"phase":"pre-start","errorId":"Timeout","count":1}]}"""),
        File("host-reservations", "/run/qemu-server/pci-id-reservations", $"{Function} 103 time:1900000000\n"),
        File(
            "host-packages", "/var/lib/dpkg/status", "Package: qemu-server\nStatus: install ok installed\nVersion: "
                + "9.2.6\n\nPackage: dkms\nStatus: install ok installed\nVersion: 3\n"),
        File("host-pid", "/run/qemu-server/101.pid", "77\n"),
        File(
            "host-events", "/var/log/vgpups/events.jsonl",
            """{"time":"2026-01-01T00:00:00.000Z","source":"hook","vm":101,"action":"a","target":"t","before":"","after":""}""" + "\n"),
        new("members",
            [Encoding.UTF8.GetBytes(
                """{"nodename":"pve1","nodelist":{"pve2":{"id":2,"online":0,"ip":"10.0.0.2"},"pve1":{"id":1,"online":1,"ip":"10.0.0.1"}}}""")], Members)
        {
            Batch = 60,
            IsJson = true
        },
        Boot(
            "boot-grub", "/etc/default/grub",
            "GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet \\\n intel_iommu=on\"\nGRUB_CMDLINE_LINUX='x'\nexport "
                + "GRUB_TIMEOUT=5\n", VgpuPS.Lab.Platform.LabLoader.Grub),
        Boot(
            "boot-grub-snippet", "/etc/default/grub.d/site.cfg",
            "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT console=ttyS0\"\n",
            VgpuPS.Lab.Platform.LabLoader.Grub),
        Boot("boot-cmdline", "/etc/kernel/cmdline", "root=ZFS=rpool/ROOT/pve-1 boot=zfs quiet\n",
            VgpuPS.Lab.Platform.LabLoader.SystemdBoot),
        Boot(
            "boot-modprobe", "/etc/modprobe.d/site.conf", "blacklist nouveau\noptions vfio-pci ids=10de:20b7\nsoftdep "
                + "nvidia pre: vfio-pci\n", VgpuPS.Lab.Platform.LabLoader.Grub),
        new("guest", [
            .. new[]
            {
                """{"exited":1,"exitcode":0,"out-data":"1700000000\n"}""",
                """{"exited":1,"exitcode":1,"err-data":"no\n","out-truncated":1}""", """{"pid":77}""",
                """{"result":{"id":"debian","pretty-name":"Debian GNU/Linux 12"}}""",
                """{"exited":1,"exitcode":0,"out-data":"Driver Version : 580.105.08\nLicense Status : Licensed (Expiry: 2026-1-1 10:0:0 GMT)\n"}""",
                """{"exited":1,"exitcode":0,"out-data":"FeatureType=1\nClientConfigTokenPath=/etc/nvidia/ClientConfigToken\n"}""",
                """{"exited":1,"exitcode":0,"out-data":"/etc/nvidia/ClientConfigToken/a.tok\n"}""",
                "VM 101 does not run",
            }.Select(Encoding.UTF8.GetBytes)], Guest) { Batch = 8, IsJson = true },
    ];

    private static FuzzTarget File(string name, string path, string sample, params string[][] more) =>
        new(name, [Encoding.UTF8.GetBytes(sample)], raw =>
    {
        var node = LabHostNode.Create(new LabOptions { Gpus = ["A30"], WithVms = true });
        node.Host.Edit(s => s.Gpus[0].MigCurrent = s.Gpus[0].MigPending = true);
        node.CreateVm(new VmId(101), $"0={Function},mdev=nvidia-689");
        node.CreateVm(new VmId(102), "0=0000:4b:00.5,mdev=nvidia-689");
        Put(node, path, raw);
        foreach (var command in s_commands.Concat(more))
        {
            Run(node, command);
        }
    })
        {
            Batch = 6,
            IsJson = path.EndsWith(".json", StringComparison.Ordinal)
        || path.EndsWith(".jsonl", StringComparison.Ordinal)
        };

    private static void Put(LabHostNode node, string path, byte[] raw)
    {
        // Its folder is made by what is put first.
        node.Host.Put(path, "");
        node.Host.Files.WriteWhole(path, raw, FileModes.Mode644);
    }

    private static void Run(LabHostNode node, string[] command)
    {
        var result = node.RunHookAsync(command).GetAwaiter().GetResult();
        var said = result.Output + result.Error;
        if (result.ExitCode == Software || said.Contains(": unexpected ", StringComparison.Ordinal))
        {
            throw new BrokenRuleException($"vgpu-hook {string.Join(' ', command)}: {said}");
        }

        if (VisibleText.Of(said, keepLines: true) != said)
        {
            throw new BrokenRuleException(
                $"vgpu-hook {string.Join(' ', command)} prints what no terminal may be given");
        }
    }

    /// <summary>
    /// The plans read it, and what a plan that is carried out makes of it is booted: no word of before is lost but
    /// those that the plan takes out, and a person's own file stays as it is.
    /// </summary>
    private static FuzzTarget Boot(string name, string path, string sample, LabLoader loader) =>
        new(name, [Encoding.UTF8.GetBytes(sample)], raw =>
    {
        var node = LabHostNode.Create(new LabOptions { Gpus = ["A30"], Loader = loader });
        Put(node, path, raw);
        var before = BootedWords(node, loader);
        Run(node, ["doctor"]);
        var ports = node.Connect(_ => { });
        Try(() => HostUseCases.RepairHost.RunAsync(
            ports, new RepairHostRequest { IsPlanOnly = true }, new Silent(), default));
        if (Try(() => HostUseCases.InitializeHost.RunAsync(
            ports, new InitializeHostRequest(), new Silent(), default)) is not { } done || before is null)
        {
            return;
        }

        if (name.StartsWith("boot-grub", StringComparison.Ordinal)
            && !node.Host.Files.Read(path, 1 << 20).AsSpan().SequenceEqual(raw))
        {
            throw new BrokenRuleException($"{path} was edited");
        }

        node.Host.Reboot();
        var after = Words(node);
        var lost = before.Where(
            w => !after.Contains(w) && !done.Plan.Steps.Any(s => s.Contains(w, StringComparison.Ordinal))).ToList();
        if (lost.Count > 0)
        {
            throw new BrokenRuleException(
                $"{string.Join(' ', lost)} lost: {string.Join(' ', after)} instead of {string.Join(' ', before)}");
        }
    })
        { Batch = 6 };

    /// <summary>What the host boots with as things are; null where its own tool refuses the files.</summary>
    private static IReadOnlyList<string>? BootedWords(LabHostNode node, LabLoader loader)
    {
        var tool = loader == VgpuPS.Lab.Platform.LabLoader.SystemdBoot
            ? ("/usr/sbin/proxmox-boot-tool", (string[])["refresh"]) : ("/usr/sbin/update-grub", []);
        var result = node.Host.Processes.RunAsync(new(tool.Item1, tool.Item2, TimeSpan.FromMinutes(1)), default)
            .GetAwaiter().GetResult();
        if (result.ExitCode != 0)
        {
            return null;
        }

        node.Host.Reboot();
        return Words(node);
    }

    private static IReadOnlyList<string> Words(LabHostNode node) =>
        node.Host.State.Platform.CommandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static void Members(byte[] raw)
    {
        s_cluster ??= LabHostNode.Create(new LabOptions { Gpus = ["A30"] });
        Put(s_cluster, "/etc/pve/.members", raw);
        var ports = s_cluster.Connect(_ => { });
        Try(() => HostUseCases.ReadCluster.RunAsync(ports, new ReadClusterRequest(), new Silent(), default));
    }

    private static void Guest(byte[] raw)
    {
        if (s_node is null || ++s_uses % 500 == 0)
        {
            s_node = LabHostNode.Create(new LabOptions { Gpus = ["A30"], WithVms = true });
            s_node.Host.Edit(s => s.Gpus[0].MigCurrent = s.Gpus[0].MigPending = false);
            s_node.Host.Processes.RunAsync(
                new("/usr/lib/nvidia/sriov-manage", ["-e", "0000:4b:00.0"], TimeSpan.FromMinutes(1)),
                default).GetAwaiter().GetResult();
            var path = s_node.ConfigPath(new VmId(101));
            var text = Encoding.UTF8.GetString(s_node.Host.Files.Read(path, 1 << 20));
            s_node.Host.Put(path, $"hostpci0: {Function},mdev=nvidia-685\n{text}");
            s_node.Proxmox.StartAsync(new VmId(101)).GetAwaiter().GetResult();
        }

        var node = s_node;
        var ports = node.Connect(_ => { });
        var runner = new Answering(node.Host.Processes, raw);
        ports = ports with { GuestChannels = new GuestChannels(runner, node.Host.Clock) };
        Try(() => HostUseCases.ReadGridLicense.RunAsync(
            ports, new ReadGridLicenseRequest { Vm = "101" }, new Silent(), default));
        Try(() => HostUseCases.RemoveGridLicense.RunAsync(
            ports, new RemoveGridLicenseRequest { Vm = "101", IsPlanOnly = true }, new Silent(), default));
    }

    // The next one is asked whatever this one refused.
    private static T? Try<T>(Func<Task<T>> work)
        where T : class
    {
        try
        {
            return work().GetAwaiter().GetResult();
        }
        catch (VgpuException e) when (e is not ProgramFaultException)
        {
            if (VisibleText.Of(e.Message, keepLines: true) != e.Message)
            {
                throw new BrokenRuleException("a message has what no terminal may be given");
            }

            return null;
        }
    }

    /// <summary>Gives one answer of the guest, chosen by the input itself, in place of its own.</summary>
    private sealed class Answering(IProcessRunner inner, byte[] raw) : IProcessRunner
    {
        private const int Answers = 8;
        private readonly int _which = raw.Sum(b => b) % Answers;
        private int _calls;

        public async Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken)
        {
            if (_calls++ % Answers != _which)
            {
                return await inner.RunAsync(request, cancellationToken).ConfigureAwait(false);
            }

            // The real runner cleans what a program prints before anybody reads it.
            var text = VisibleText.Of(Encoding.UTF8.GetString(raw), keepLines: true);
            return text.StartsWith("VM ", StringComparison.Ordinal)
                ? new ProcessResult(255, null, false, 0, "", text) : new ProcessResult(0, null, false, 0, text, "");
        }

        public Task<AttributeWriteResult> WriteAttributeAsync(
            string path, string value, TimeSpan deadline, CancellationToken cancellationToken) =>
            inner.WriteAttributeAsync(path, value, deadline, cancellationToken);
    }

    private sealed class Silent : IProgress<StepProgress>
    {
        public void Report(StepProgress value)
        {
        }
    }
}
