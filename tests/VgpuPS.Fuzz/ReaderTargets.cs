using System.Text;
using VgpuPS.Core.Boot;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Cpu;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Layout;
using VgpuPS.Core.Metrics;
using VgpuPS.Core.Platform;
using VgpuPS.Core.Proxmox;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Ssh;
using VgpuPS.Ssh;

namespace VgpuPS.Fuzz;

/// <summary>Readers of files and texts, each by itself.</summary>
internal static class ReaderTargets
{
    private const string Claims = """
        {"version":1,"claims":[{"vm":101,"entry":0,"type":689,"state":"pending","candidates":["0000:4b:00.4"],"function":"0000:4b:00.4",
        "mdev":"00000000-0000-0000-0000-000000000101","reserved":true,"heldUntil":5}],"instances":[{"gpu":"0000:4b:00.0","profile":14,
        "start":0,"size":1,"instance":3,"isOurs":true,"computeInstance":0}],"demand":{"NVIDIA A30":{"1g.6gb":2.5}}}
        """;

    private const string Settings = """
        {"version":1,"sriov":"ensure","migMode":"whenIdle","demand":{"1g.6gb":1},"timeoutSeconds":60,"keepTypes":{"101":
        {"hostpci0":"nvidia-689"}},"chain":{"101":{"path":"/root/other","order":"before"}}}
        """;

    private const string Layout = """
        {"version":1,"gpus":[{"gpu":"NVIDIA A30","sriov":true,"mig":true,"instances":[{"profile":"1g.6gb","placement":"0:1",
        "computeInstances":["1c.1g.6gb"]}],"mixedSizes":false,"scheduler":{"policy":"fixedShare","timesliceMilliseconds":2}}]}
        """;

    private const string Boot = """
        {"version":1,"state":"failed","time":"2026-01-01T00:00:00Z","seconds":2.5,"gpus":[{"gpu":"0000:4b:00.0","outcome":"failed",
        "steps":["a"],"problem":{"errorId":"Timeout","message":"m","recommendedAction":"r"}}],"notes":["n"],"problems":[{"errorId":
        "Timeout","message":"m","recommendedAction":"r"}]}
        """;

    private const string Counters = """
        {"version":1,"runs":{"post-stop":1,"pre-start":3},"failures":[{"phase":"pre-start","errorId":"Timeout","count":1}]}
        """;

    private const string Doctor = """
        {"version":1,"time":"2026-01-01T00:00:00Z","seconds":2.5,"checks":3,"failed":["a"],"warnings":["b"],"layout":[{"gpu":
        "0000:4b:00.0","drifted":true}],"xids":[{"gpu":"0000:4b:00.0","xid":79,"count":1,"last":"2026-01-01T00:00:00Z"}]}
        """;

    private const string Vm = """
        name: web
        memory: 8192
        hookscript: local:snippets/vgpu-hook
        hostpci0: 0000:4b:00.4,mdev=nvidia-689,pcie=1
        hostpci1: mapping=gpus,mdev=nvidia-684
        smbios1: uuid=11111111-2222-3333-4444-555555555555
        args: -uuid 1
        [PENDING]
        delete: hostpci1
        hostpci2: host=0000:4b:00.5;0000:4b:00.6,driver=keep
        [snap1]
        hostpci0: 0000:4b:00.4
        parent: x
        """;

    private const string Mappings = """
        gpus
        	mdev 1
        	map id=10de:20b7,iommugroup=42,node=pve1,path=0000:4b:00.4,subsystem-id=10de:1532
        	map id=10de:20b7,node=pve1,path=0000:4b:00.5;0000:4b:00.6
        	live-migration-capable 1
        	description a%3Ab
        """;

    private const string Storages = """
        dir: local
        	path /var/lib/vz
        	content iso,snippets
        nfs: shared
        	server s
        	export /x
        	content snippets
        	content-dirs snippets=custom
        	nodes pve1,pve2
        	disable 0
        """;

    private const string Smi = """
        ==============NVSMI LOG==============
        Driver Version                            : 580.105.08
        GPU 00000000:00:10.0
            vGPU Software Licensed Product
                Product Name                      : NVIDIA Virtual Compute Server
                License Status                    : Licensed (Expiry: 2026-1-1 10:0:0 GMT)
        """;

    private const string Gridd = """
        Jan 1 00:00:00 web nvidia-gridd[77]: Acquiring license. (Info: dls.lab; NVIDIA Virtual Compute Server)
        Jan 1 00:00:01 web nvidia-gridd[77]: License acquired successfully. (Info: dls.lab, NVIDIA RTX; Expiry: 2026-1-2 10:0:0 GMT)
        Jan 1 00:00:02 web nvidia-gridd[77]: Failed to acquire license from dls.lab - Error: Invalid feature requested
        """;

    private const string Token =
        "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjIwODI3NTg0MDAsInNlcnZpY2VfaW5zdGFuY2VfY29uZmlndXJhdGlvbiI6eyJub2RlX3VybF9saXN0IjpbeyJ1cmwiOiJkbHMubGFiIn1dfX0.c2ln";

    private const string KnownHostLines = """
        # a comment
        pve1,10.0.0.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f root@pve1
        [pve2]:2222 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQA=
        |1|AAECAwQFBgcICQoLDA0ODxAREhM=|AAECAwQFBgcICQoLDA0ODxAREhM= ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==
        @revoked * ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP8=
        @cert-authority *.lab,!pve3.lab ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP8=
        """;

    private static readonly byte[] s_hostKey =
        Convert.FromBase64String("AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f");

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Json("claims", Claims, raw => ClaimFileFormat.Read(raw, "/run/vgpups/claims.json"), ClaimFileFormat.Write),
        Json("layout", Layout, raw => LayoutFormat.Read(raw, "/etc/vgpups/layout.json"), LayoutFormat.Write),
        Json("boot", Boot, raw => BootStatusFormat.Read(raw, "/run/vgpups/boot.json"), BootStatusFormat.Write),
        Json("counters", Counters, raw => HookCountersFormat.Read(raw, "/run/vgpups/counters.json"),
            HookCountersFormat.Write),
        Json("doctor", Doctor, raw => DoctorRecordFormat.Read(raw, "/run/vgpups/doctor.json"),
            DoctorRecordFormat.Write),
        new("http", [Bytes("GET /metrics HTTP/1.1\r\nHost: pve1:9836\r\nAccept: */*\r\n\r\n"),
            Bytes("HEAD http://pve1/metrics?a=b HTTP/1.0\n\n")], Http),
        new("config", [Bytes(Settings), Bytes("{}")], Config) { IsJson = true },
        new("vm", [Bytes(Vm)], VmConfig),
        Text("hostpci", "0000:4b:00.4,mdev=nvidia-689,pcie=1",
            text => HostPciGrammar.Parse(0, text, PveGeneration.Pve9)),
        new("mappings", [Bytes(Mappings)], raw => PciMappings.Read(raw)),
        new("storages", [Bytes(Storages)],
            raw => SnippetVolumes.Resolve("shared:snippets/vgpu-hook", StorageConfig.Read(raw))),
        new("ha", [Bytes("vm: 101\n\tgroup g\n\nnode-affinity: g\n\tnodes a:1,b\n\tresources vm:101\n\tstrict 1\n")],
            raw => HighAvailability.Read(raw, raw, raw)),
        new("replication", [Bytes("local: 101-0\n\ttarget pve2\n")], raw => ReplicationJob.ReadAll(raw)),
        new("container", [Bytes("hostname: a\nlxc.cgroup2.cpuset.cpus: 0-3\n")],
            raw => ContainerConfig.Read(new VmId(200), raw)),
        new("reservations", [Bytes("0000:4b:00.4 101 time:1700000000\n0000:4b:00.5 102 pid:77\n")], Reservations),
        new("types", [Bytes("ID    : vGPU Name\n689   : NVIDIA A30-1-6C\n")], raw => CreatableVgpuType.Read(raw)),
        new("locks",
            [Bytes("1: FLOCK  ADVISORY  WRITE 77 00:1a:123 0 EOF\n1: -> FLOCK ADVISORY WRITE 78 00:1a:123 0 EOF\n")],
            raw => FileLock.Read(raw)),
        new("dpkg", [Bytes("Package: qemu-server\nStatus: install ok installed\nVersion: 9.2.6\n\n")],
            raw => DpkgStatus.ReadInstalled(raw)),
        Text("gridd-conf", "# x\nServerAddress=a\nFeatureType=1\nClientConfigTokenPath=/etc/nvidia\n", text =>
            GriddConf.Parse(text).With(GriddConf.FeatureType, "2").Without(GriddConf.ServerAddress).ToString()),
        Text("gridd-log", Gridd, text => GriddLog.Parse(text).LastLines(5)),
        Text("smi", Smi, text => SmiReport.Parse(text)),
        Text("token", Token, text => ClientToken.Parse(text, "x.tok").ToString()),
        Text("driver-head", "# NVIDIA Accelerated Graphics Driver for Linux-x86_64 580.105.06\n",
            text => DriverPackage.FromHead("/root/NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run", text)),
        Text("ssh-host", "root@pve1:22", text => SshDestination.Parse(text).ToString()),
        new("known-hosts", [Bytes(KnownHostLines)], HostKeys),
        Text("ids", "0000:4b:00.4", Ids),
    ];

    /// <summary>A key is known only where it stands, in a line without a marker.</summary>
    private static void HostKeys(byte[] raw)
    {
        var known = new KnownHosts([("known_hosts", Encoding.UTF8.GetString(raw))]);
        foreach (var (host, port) in ((string, int?)[])[("pve1", 22), ("pve2", 2222), ("10.0.0.1", null)])
        {
            var verdict = known.Check(host, port, s_hostKey);
            _ = (known.KeyTypes(host, port), verdict.Line?.Fingerprint);
            if (verdict.Trust == HostKeyTrust.Known && (verdict.Line is not { IsPlain: true } line
                || KnownHosts.Decode(line.Key.Span) is not { } key || !key.AsSpan().SequenceEqual(s_hostKey)))
            {
                throw new BrokenRuleException($"{host}: a key counts as known by a line that has another");
            }
        }
    }

    /// <summary>Every request has an answer of the right length once its head has come, and none before.</summary>
    private static void Http(byte[] raw)
    {
        var answer = MetricsRequest.TryRead(raw);
        if (answer is null && raw.Length >= MetricsRequest.MaxHead)
        {
            throw new BrokenRuleException("a head beyond the limit is waited for");
        }

        if (answer is { IsAccepted: true } && raw.AsSpan().IndexOf("/metrics"u8) < 0)
        {
            throw new BrokenRuleException("a request for something else is answered with the metrics");
        }

        // What has come decides: more bytes change no answer but one of a head that is too long.
        if (answer is not null && MetricsRequest.TryRead([.. raw, .. "x\r\n\r\n"u8]) is var more && more != answer
            && more is not { Status: 431 })
        {
            throw new BrokenRuleException($"{answer.Status} becomes {more?.Status} with more bytes");
        }

        _ = answer?.Answer("a 1\n");
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static FuzzTarget Text<T>(string name, string sample, Func<string, T> read) =>
        new(name, [Bytes(sample)], raw => read(Encoding.UTF8.GetString(raw)));

    /// <summary>What was read can be written, and reads back as the same bytes.</summary>
    private static FuzzTarget Json<T>(string name, string sample, Func<byte[], T> read, Func<T, byte[]> write) =>
        new(name, [Bytes(sample)], raw =>
        {
            var written = write(read(raw));
            byte[] again;
            try
            {
                again = write(read(written));
            }
            catch (VgpuException e)
            {
                throw new BrokenRuleException($"{name} was read, written, and is not readable any more: {e.Message}");
            }

            if (!written.AsSpan().SequenceEqual(again))
            {
                throw new BrokenRuleException($"{name} written again differs");
            }
        })
        { IsJson = true };

    private static void Config(byte[] raw)
    {
        const string Path = "/etc/vgpups/config.json";
        var before = SettingsFormat.Read(raw, Path);
        var script = new ChainedScript("/root/new \"hook\"", ChainOrder.Before);
        var edited = SettingsEdit.WithChain(raw, "105", script);
        try
        {
            var after = SettingsFormat.Read(edited, Path);
            if (after.Chain.GetValueOrDefault("105") != script || after.TimeoutSeconds != before.TimeoutSeconds)
            {
                throw new BrokenRuleException("the chain that was written is not the one that is read");
            }
        }
        catch (VgpuException e)
        {
            throw new BrokenRuleException($"the configuration was readable before the chain was written: {e.Message}");
        }
    }

    private static void VmConfig(byte[] raw)
    {
        foreach (var generation in new[] { PveGeneration.Pve8, PveGeneration.Pve9 })
        {
            var config = VmConfigReader.Read(raw, generation);
            _ = (config.NextHostPci.Count, config.Name, config.SmbiosUuid, config.MemoryMiB,
                config.DroppedHostPci.Count);
            VmConfigReader.Read(VmConfigWriter.Write(config), generation);
        }
    }

    private static void Reservations(byte[] raw)
    {
        var written = PciReservations.Read(raw).Write();
        if (!PciReservations.Read(written).Write().AsSpan().SequenceEqual(written))
        {
            throw new BrokenRuleException("reservations written again differ");
        }
    }

    private static object Ids(string text) => (
        PciAddress.TryParse(text, out var address)
            ? address.ToString() : "", VmId.TryParse(text, out _), VgpuTypeId.TryParse(text, out _),
        MdevUuid.TryParse(text, out _), KernelRelease.TryParse(text, out _), QemuServerVersion.TryParse(text, out _),
        GuestDriverRule.Branch(text), LicenseExpiry.Parse(text), GuestAgentSetting.IsEnabled(text));
}
