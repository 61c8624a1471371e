using VgpuPS.Hook;
using VgpuPS.Lab.Models;
using VgpuPS.LabHook.Tour;

namespace VgpuPS.LabHook.Commands;

/// <summary>The command line of <c>vgpu-lab</c>.</summary>
/// <param name="terminal">What is said.</param>
/// <param name="error">Failures, in two lines.</param>
internal sealed class LabCommands(Terminal terminal, TextWriter error)
{
    private const string HelpText = """
        usage: vgpu-lab tour                         the whole story on a simulated host with two A30
               vgpu-lab --state FILE COMMAND         a simulated host whose state is in FILE; several processes may use it at once
               vgpu-lab model NAME                   the file of a GPU model, to describe another board with
        commands:
          init --gpu A30 [--gpu A30 …] [--model FILE …] [--address 0001:89:00.0 …] [--display-mode]
               [--pve 8.2|8.4|9.0|9.1|9.2] [--backend mdev|vfio] [--kernel RELEASE] [--other-kernel RELEASE …] [--driver VERSION]
               [--loader grub|grub-esp|systemd-boot] [--root lvm|zfs] [--cpu intel|amd] [--iommu on|off] [--secure-boot]
               [--topology 2x24x2[,nps=4,l3=8,memory=MiB,memory-nodes=1,smt=off,numa=unknown,isolated=4-7+52-55]]
               [--node NAME] [--guests] [--bare] [--clock TIME] [--cluster]
          join --node NAME …                         another node of a cluster (init --cluster), with the options of init
          vm create ID [--hostpci "0=0000:4b:00.4,mdev=nvidia-689" …]    vm import FILE [ID]
          vm start ID    vm stop ID    vm shutdown ID    vm crash ID    vm restart ID
          mapping import FILE                        /etc/pve/mapping/pci.cfg
          hook ID PHASE    hook show | plan ID | sweep    what vgpu-hook does on the host
          run PROGRAM …                              a program of the host, such as nvidia-smi, sriov-manage, systemctl,
                                                     update-grub, proxmox-boot-tool, update-initramfs, apt-get, dpkg,
                                                     journalctl, dmesg, qm, pvesh, ha-manager, sh FILE
          node stop NAME    node start NAME          a node of the cluster; without more than half there is no quorum
          quorum off    quorum on                    nodes that do not see each other, and see each other again
          lock NAME    unlock NAME                   a lock of the cluster file system, held by one who hangs
          put PATH FILE    cat PATH    rm PATH        a file of the host, such as /etc/vgpups/config.json
          boot                                       a power cut and a boot: VMs, functions, instances, /run are lost
          agent                                      the remote end of a PowerShell session, as vgpu-hook agent is
          wait SECONDS                               advances the host's time
          show [--json]                              GPUs, VMs, claims, reservations
        options: --on NODE                           a node of the cluster; the first without it
                 --timing none|real|paced            real: driver calls take the time of real hardware; paced: so does your wait
        """;

    private enum Timing
    {
        None,
        Real,
        Paced,
    }

    private readonly HookText _text = new(terminal.Output, error, "vgpu-lab");

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="cancellationToken">SIGTERM.</param>
    /// <returns>The exit code: that of the command on a host, 64 and above as in sysexits.h otherwise.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        try
        {
            var options = new LabOptionsReader(arguments.TakeWhile(a => a is not "run" and not "hook"));
            var program = arguments.SkipWhile(a => a is not "run" and not "hook").ToList();
            var state = options.Take("--state");
            var on = options.Take("--on");
            var timing = ReadTiming(options.Take("--timing"));
            return (options.Remaining, program) switch
            {
                ([], []) => Help(HookText.Usage),
                (["help" or "--help" or "-h"], []) => Help(0),
                (["tour"], []) => await new TourStory(terminal, timing != Timing.None).RunAsync().ConfigureAwait(false),
                (["model", var name], []) => DescribeModel(name),
                (["init", ..], []) => InitCommand.Run(RequireState(state), options, terminal),
                (["join", ..], []) => InitCommand.Join(Open(RequireState(state), on), state!, options, terminal),
                _ => await OnHostAsync(Open(RequireState(state), on), timing, options, program, cancellationToken)
                    .ConfigureAwait(false),
            };
        }
        catch (Exception e)
        {
            var line = string.Join(' ', arguments);
            var failure = e is not (UnauthorizedAccessException or IOException) ? e : new AccessDeniedException(
                ErrorIds.AccessDenied, $"the file of the simulated host cannot be used: {e.Message}",
                "name one that you may write: vgpu-lab --state FILE …");
            return _text.Fail(line, failure, $"run it again: vgpu-lab {line}");
        }
    }

    private async Task<int> OnHostAsync(
        LabHostNode node, Timing timing, LabOptionsReader options, List<string> program,
        CancellationToken cancellationToken)
    {
        node.UseTiming(timing != Timing.None);
        node.Host.Clock.IsPaced = timing == Timing.Paced;
        var host = new HostCommands(node, terminal, error);
        if (program.Count > 0)
        {
            options.RequireEnd();
            return program[0] == "hook"
                ? await host.HookAsync(program[1..], cancellationToken).ConfigureAwait(false)
                : await host.RunAsync(program[1..], cancellationToken).ConfigureAwait(false);
        }

        if (options.Remaining is [AgentCommand.Name])
        {
            return await AgentCommand.RunAsync(
                AgentCommand.Introduce(node.Host.State.Setup.Node, isRoot: true), LabUseCases.All,
                (useCase, request, observer, token) => node.RunAsync(
                    useCase.Name, observer, ports => useCase.RunAsync(ports, request, observer, token)),
                _text, cancellationToken).ConfigureAwait(false);
        }

        return ClusterCommands.TryRun(node.Host, options.Remaining, terminal) ? 0 : options.Remaining[0] == "vm"
            ? await new VmCommands(node, terminal, error).RunAsync(options, cancellationToken).ConfigureAwait(false)
            : await host.RunAsync(options, cancellationToken).ConfigureAwait(false);
    }

    private int Help(int code)
    {
        (code == 0 ? terminal.Output : error).WriteLine(HelpText);
        return code;
    }

    private int DescribeModel(string name)
    {
        try
        {
            terminal.Output.Write(GpuModel.ReadFile(name));
            return 0;
        }
        catch (ArgumentException)
        {
            throw LabOptionsReader.Wrong(
                $"the lab has no GPU model '{name}'; it has {string.Join(", ", GpuModel.Names)}");
        }
    }

    private static Timing ReadTiming(string? text) => text switch
    {
        null or "none" => Timing.None,
        "real" => Timing.Real,
        "paced" => Timing.Paced,
        _ => throw LabOptionsReader.Wrong($"--timing {text} is neither none nor real nor paced"),
    };

    private static string RequireState(string? state) =>
        state ?? throw LabOptionsReader.Wrong("this command needs a host: --state FILE");

    private static LabHostNode Open(string state, string? on)
    {
        if (!File.Exists(state))
        {
            throw new ObjectNotFoundException(
                ErrorIds.LabNotFound, $"there is no simulated host in {state}",
                $"create one: vgpu-lab --state {state} init --gpu A30 --gpu A30", state);
        }

        try
        {
            return new LabHostNode(LabHost.Open(state, on));
        }
        catch (ArgumentException e)
        {
            throw new ObjectNotFoundException(
                ErrorIds.LabNotFound, e.Message, "name one of them: vgpu-lab --state FILE --on NODE …", on);
        }
        catch (Exception e) when (e is InvalidDataException or System.Text.Json.JsonException
            or UnauthorizedAccessException)
        {
            throw new UnreadableDataException(
                ErrorIds.UnreadableData, $"{state} does not contain a readable simulated host: {e.Message}",
                $"create it again: vgpu-lab --state {state} init --gpu A30 --gpu A30", state);
        }
    }
}
