using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using VgpuPS.Sessions;

namespace VgpuPS.Tests.Hosts;

/// <summary>A simulated cluster, and what is typed on its nodes.</summary>
internal sealed class LabClusters
{
    /// <summary>Nodes pve1, pve2 … of a cluster, each with boards of its own and VMs 101, 201 ….</summary>
    public LabClusters(string pve = "9.2", params string[][] boards)
    {
        boards = boards.Length > 0 ? boards : [["A30"], ["A30"], ["L40S"]];
        Nodes =
        [
            .. LabHost.CreateCluster([.. boards.Select((gpus, index) => new LabOptions
            {
                Gpus = gpus,
                PveVersion = pve,
                Backend = LabRelease.Of(pve).BackendFor(null),
                Node = $"pve{index + 1}",
                WithVms = true,
            })]).Select(host => new LabHostNode(host)),
        ];
        for (var node = 0; node < Nodes.Count; node++)
        {
            Ok(node, "/usr/lib/nvidia/sriov-manage", "-e", "ALL");
        }
    }

    public IReadOnlyList<LabHostNode> Nodes { get; }

    /// <summary>A cluster whose nodes are the sessions pve1, pve2 … of this process, and no others.</summary>
    public static async Task<LabClusters> OpenSessionsAsync()
    {
        await HostSessions.RemoveAllAsync();
        var lab = new LabClusters();
        foreach (var node in lab.Nodes)
        {
            await HostSessions.AddAsync(
                node.Host.State.Setup.Node, "pve",
                name => Task.FromResult<IHostSession>(new LabHostSession(name, node)));
        }

        return lab;
    }

    public LabHost this[int node] => Nodes[node].Host;

    /// <summary>Runs a program of a node.</summary>
    public ProcessResult Run(int node, string program, params string[] arguments) =>
        this[node].Processes.RunAsync(new(program, arguments, Timeout.InfiniteTimeSpan), default).Result;

    /// <summary>Runs one that must not fail; what it printed.</summary>
    public string Ok(int node, string program, params string[] arguments)
    {
        var result = Run(node, program, arguments);
        return result.ExitCode == 0 ? result.Output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {result.Error}");
    }

    public string Pvesh(int node, params string[] arguments) => Ok(node, "/usr/bin/pvesh", arguments);

    /// <summary>Runs <c>pvesh</c> that must fail; what it said.</summary>
    public string Refused(int node, params string[] arguments)
    {
        var result = Run(node, "/usr/bin/pvesh", arguments);
        return result.ExitCode != 0 ? result.Error : throw new InvalidOperationException(result.Output);
    }

    /// <summary>The value of an entry for a function of a node, as Proxmox's form writes it.</summary>
    public string Entry(int node, string function)
    {
        var facts = Nodes[node].Connect(_ => { }).Devices.FindFacts(PciAddress.Parse(function))!;
        return FormattableString.Invariant(
            $"id={facts.VendorId}:{facts.DeviceId},iommugroup={facts.IommuGroup},node=pve{node + 1},path={function}")
            + $",subsystem-id={facts.SubsystemVendorId}:{facts.SubsystemDeviceId}";
    }

    /// <summary>Makes a mapping over functions of nodes.</summary>
    public void Map(string id, bool isLive, params (int Node, string Function)[] functions) => Pvesh(
        0,
        [
            "create", "/cluster/mapping/pci", "--id", id, "--mdev", "1",
            .. isLive ? (string[])["--live-migration-capable", "1"] : [],
            .. functions.SelectMany(f => new[] { "--map", Entry(f.Node, f.Function) }),
        ]);
}
