using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Proxmox;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hosts;

/// <summary>A start that the hook refuses: on which host, with which exit code, and what it says.</summary>
/// <param name="Name">The case.</param>
/// <param name="Make">The host, with VM 101 on it.</param>
/// <param name="ExitCode">Exit code by conventions.md, section 6.</param>
/// <param name="Says">Parts of the first line.</param>
/// <param name="Action">Part of the second line: a command that a Proxmox host has.</param>
public sealed record RefusalCase(string Name, Func<LabHostNode> Make, int ExitCode, string[] Says, string Action)
{
    public const int Vm = 101;
    public const string First = "0000:4b:00.4";

    private const string Start = "vgpu-hook: VM 101 pre-start: ";
    private const string Warning = "vgpu-hook: warning: ";
    private const string Do = "  do: ";

    private static readonly (string Name, LabBackend Value)[] s_backends =
        [("mdev", LabBackend.Mdev), ("vfio", LabBackend.Vfio)];

    /// <summary>Programs that every Proxmox host has, or NVIDIA's driver brings.</summary>
    private static readonly string[] s_commands =
    [
        "qm ", "pvesh ", "vgpu-hook ", "nvidia-smi", "systemctl ", "journalctl ", "/usr/lib/nvidia/sriov-manage ",
        "df -h",
        "ls -l", "fuser -v ", "reboot", "dkms ", "modprobe ", "lspci ", "findmnt ", "nano ", "cat ", "mv ", "dmesg",
        "su -", "apt ", "chmod ", "run it by hand: ",
    ];

    /// <summary>Whether steps were taken and taken back, or demand was learned, before the refusal.</summary>
    public bool IsLate { get; init; }

    /// <summary>Why a plan cannot foresee it; null where it says what the start says.</summary>
    public string? Unforeseen { get; init; }

    public override string ToString() => Name;

    /// <summary>Runs the phase and checks form, exit code, words, and that the host is as it was.</summary>
    public void Check()
    {
        var node = Make();
        Func<LabHostNode, string> take = IsLate ? HostSnapshot.TakeUndone : HostSnapshot.Take;
        var before = take(node);

        var result = node.Hook("101", "pre-start");

        Wording(result, this);
        Assert.Equal(before, take(node));
    }

    public static void Wording(LabHookResult result, RefusalCase expected)
    {
        var (first, second) = TwoLines(result, Start);
        Assert.Equal(expected.ExitCode, result.ExitCode);
        foreach (var part in expected.Says)
        {
            Assert.Contains(part, first, StringComparison.Ordinal);
        }

        Assert.Contains(expected.Action, second, StringComparison.Ordinal);
    }

    /// <summary>The two lines of a failure; the lines before them are warnings.</summary>
    public static (string First, string Second) TwoLines(LabHookResult result, string start)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"exit {result.ExitCode}\n{result.Error}");
        var lines = result.Error.TrimEnd('\n').Split('\n');
        Assert.True(lines.Length >= 2, result.Error);
        Assert.All(lines[..^2], line => Assert.StartsWith(Warning, line, StringComparison.Ordinal));
        Assert.StartsWith(start, lines[^2], StringComparison.Ordinal);
        Assert.StartsWith(Do, lines[^1], StringComparison.Ordinal);
        Assert.True(
            s_commands.Any(c => lines[^1].Contains(c, StringComparison.Ordinal)), $"no command in: {lines[^1]}");
        Assert.DoesNotContain("sudo", lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("pwsh", lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("mdevctl", lines[^1], StringComparison.Ordinal);
        return (lines[^2], lines[^1]);
    }

    /// <summary>The case on both back ends.</summary>
    internal static RefusalCase[] Each(
        string name, Func<LabBackend, LabHostNode> make, int exitCode, string[] says, string action,
        bool isLate = false, string? unforeseen = null) =>
    [
        .. s_backends.Select(
            b => new RefusalCase($"{name}, {b.Name}", () => make(b.Value), exitCode, says, action)
            {
                IsLate = isLate,
                Unforeseen = unforeseen,
            }),
    ];

    /// <summary>VM 101 with one entry on a node.</summary>
    internal static LabHostNode With(LabHostNode node, string hostPci0)
    {
        node.CreateVm(new VmId(Vm), $"0={hostPci0}");
        return node;
    }

    /// <summary>VM 101 with a type on the first function of a node.</summary>
    internal static LabHostNode With(LabHostNode node, int type = 689) => With(node, $"{First},mdev=nvidia-{type}");
}
