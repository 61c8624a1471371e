using System.Text.RegularExpressions;
using VgpuPS.Core.Platform;

namespace VgpuPS.Host.Operations.Doctor.Checks;

/// <summary>What NVIDIA's daemons and module report when they fail, where it is known what that means. Started again,
/// what reported one of these fails again.</summary>
/// <remarks>Source: facts/errors.md A5, A11, A12, A13. What a failed initialisation of the RM client means is
/// assumed.</remarks>
internal static partial class KnownFailures
{
    private const string Unsupported = "GPU not supported by vGPU";

    private static readonly string[] s_refusals = ["VGX capable boards", "vGPU validation of the GPU failed"];

    private static readonly string[] s_started = ["display_init inst: 0 successful", "license state: Licensed"];

    /// <summary>Cause and fix of the first known sentence among lines; null where none is known.</summary>
    public static (string Cause, string Fix)? Find(DoctorSnapshot p, IReadOnlyList<LogLine> lines) =>
        lines.FirstOrDefault(l => l.Has([Unsupported])) is { } unknown
            ? ("this release of the driver does not know the board", FixBoard(p, unknown))
        : lines.FirstOrDefault(l => l.Has(["Legacy drivers"])) is { } legacy
            ? ("this release of the driver no longer has the board", FixBoard(p, legacy))
        : lines.Any(l => l.Has(s_refusals)) ? (RefusedCause, RefusedFix)
        : lines.Any(l => l.Has(["API mismatch"]))
            ? ("module and programs of the driver are of different versions: it was updated without a restart",
                "restart the host: systemctl reboot")
        : lines.Any(l => l.Has(["Failed to initialize RM client"]))
            ? ("the driver refuses the manager: the loaded module is not the vGPU host driver's, "
                + "or has no GPU that it accepts for vGPU",
                "see what the driver has, and install the host's package that has the board: nvidia-smi; "
                    + $"journalctl -k -b -g NVRM; {PlatformChecks.InstallDriver}")
        : null;

    /// <summary>What the daemons report of boards, as far as it still holds.</summary>
    public static CheckOutcome CheckBoards(DoctorSnapshot p)
    {
        var unknown = HostLog.LastRun(p.Facts.JournalOf(HostUnits.Vgpud))
            .Where(l => l.Has([Unsupported]) && !HasTypes(p, l)).ToList();
        if (unknown.Count > 0)
        {
            var found = Find(p, unknown)!.Value;
            return CheckOutcome.Fail(string.Join("; ", unknown.Select(l => l.Quote)), found.Cause, found.Fix);
        }

        var refused = p.ManagerLog.FindStanding(s_refusals, s_started);
        return refused.Count == 0
            ? CheckOutcome.Pass(p.ManagerLog.DescribeOver(s_refusals, s_started)
                ?? "no entry about it in the daemons' journals")
            : CheckOutcome.Fail(string.Join("; ", refused.Select(l => l.Quote)), RefusedCause, RefusedFix);
    }

    /// <summary>Whether the driver's branch has left boards of the host behind.</summary>
    public static CheckOutcome CheckBranch(DoctorSnapshot p)
    {
        var driver = p.Driver.Version;
        var dropped = p.Gpus.Where(g => GpuBoard.Of(g.DeviceId).IsDroppedBy(driver)).ToList();
        return driver is null ? CheckOutcome.Skip("no driver is installed")
            : CheckOutcome.FailOf(
                [.. dropped.Select(g => $"GPU {g.Address} is a {GpuBoard.Of(g.DeviceId).Name}, whose last branch with "
                    + $"vGPUs is {GpuBoard.Of(g.DeviceId).LastBranch}; driver {driver} is installed")],
                "no board is known that it has left behind", "later branches have no vGPUs for the board",
                dropped.Count == 0 ? "" : FixBoard(driver, dropped[0].DeviceId));
    }

    private const string RefusedCause = "the board does not support vGPU, or the open kernel module is installed";

    private const string RefusedFix =
        $"see NVIDIA's list of supported GPUs, and install the -vgpu-kvm package with its closed module: "
            + PlatformChecks.InstallDriver;

    private static bool HasTypes(DoctorSnapshot p, LogLine line) => p.DriverAnswers
        && Place().Match(line.Text) is { Success: true } match
        && match.Groups is var part && PciAddress.TryParse(
            $"{part[1].Value,4}:{part[2].Value,2}:{part[3].Value,2}.{part[4].Value}".Replace(' ', '0'),
            out var address)
        && p.Report.Gpus.Any(g => g.GpuAddress == address.ToString() && g.Types.Count > 0);

    private static string FixBoard(DoctorSnapshot p, LogLine line) => FixBoard(
        p.Driver.Version,
        Device().Match(line.Text) is { Success: true } match
            ? int.Parse(match.Groups[1].Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : p.Gpus.Select(g => g.DeviceId).OrderBy(d => GpuBoard.Of(d).LastBranch ?? int.MaxValue).FirstOrDefault());

    private static string FixBoard(string? driver, int device)
    {
        var board = GpuBoard.Of(device);
        return board.IsDroppedBy(driver)
            ? $"install a release of driver branch {board.LastBranch}, the last one with vGPUs for {board.Name}: "
                + PlatformChecks.InstallDriver
            : board.Name is null
            ? "see whether NVIDIA's list of boards with vGPU has it, which no GeForce is on: "
                + "https://docs.nvidia.com/vgpu/gpus-supported-by-vgpu.html; if so install a release that has it: "
                + PlatformChecks.InstallDriver
            : board.NeedsAiPackage
            ? $"install the host's package that has {board.Name}, NVIDIA-Linux-x86_64-<version>-vgpu-kvm-aie.run: "
                + PlatformChecks.InstallDriver
            : $"install a release of the host's driver that has {board.Name}: {PlatformChecks.InstallDriver}";
    }

    [GeneratedRegex("DevID: 0x10de / 0x([0-9a-f]{4})", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Device();

    [GeneratedRegex(
        "PCI Id: ([0-9a-f]{1,4}):([0-9a-f]{1,2}):([0-9a-f]{1,2}):([0-7])",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Place();
}
