using System.Text.RegularExpressions;

namespace VgpuPS.Core.Platform;

/// <summary>What the vGPU manager logged, by VM: a fault is over once the same VM has got further since.</summary>
/// <remarks>
/// Source: public journals (DualCoder/vgpu_unlock#69, mbilker/vgpu_unlock-rs#10 and #51): the daemon has a process for
/// each vGPU, whose first lines name the mediated device's UUID, Proxmox's with the VM's id in it, or the UUID that the
/// VM's configuration gives QEMU.
/// </remarks>
public sealed partial class VgpuManagerLog
{
    private readonly IReadOnlyList<VgpuManagerLine> _lines;

    private VgpuManagerLog(IReadOnlyList<VgpuManagerLine> lines) => _lines = lines;

    /// <summary>Finds out which line is about which VM.</summary>
    /// <param name="lines">The manager's journal, oldest first.</param>
    /// <param name="find">The VM whose configuration has a UUID; null for none.</param>
    public static VgpuManagerLog Read(IEnumerable<LogLine> lines, Func<string, VmId?> find)
    {
        var vms = new Dictionary<int, VmId?>();
        var read = new List<VgpuManagerLine>();
        foreach (var line in lines)
        {
            var process = line.Pid ?? 0;
            if (line.Program != "systemd" && Uuid().Match(line.Text) is { Success: true } match)
            {
                vms[process] = MdevUuid.TryParse(match.Value, out var uuid) && uuid.Guest is { } guest
                    ? guest.Vm : find(match.Value);
            }

            read.Add(new VgpuManagerLine(line, vms.GetValueOrDefault(process)));
        }

        return new VgpuManagerLog(read);
    }

    /// <summary>
    /// Faults that still stand, the last one of each VM: none of its lines since says that it got further. A fault
    /// whose VM is unknown is over as soon as any VM has.
    /// </summary>
    /// <param name="faults">Phrases of the fault.</param>
    /// <param name="over">Phrases of what comes only where the fault is over.</param>
    public IReadOnlyList<VgpuManagerLine> FindStanding(string[] faults, string[] over) =>
        [.. Last(faults).Where(f => FindEnd(f, over) is null)];

    /// <summary>The last fault that is over, for display; null for none.</summary>
    /// <inheritdoc cref="FindStanding"/>
    public string? DescribeOver(string[] faults, string[] over) => Last(faults)
        .Select(f => (Fault: f, End: FindEnd(f, over))).Where(f => f.End is not null)
        .Select(f => $"over since {f.End!.Quote}; before that: {f.Fault.Quote}").LastOrDefault();

    /// <summary>The last line about a VM that holds a phrase; null for none.</summary>
    public LogLine? FindLast(VmId vm, string phrase) =>
        _lines.LastOrDefault(l => l.Vm == vm && l.Line.Has([phrase]))?.Line;

    private IEnumerable<VgpuManagerLine> Last(string[] faults) => _lines.Where(l => l.Line.Has(faults))
        .GroupBy(l => l.Vm).Select(g => g.Last());

    private VgpuManagerLine? FindEnd(VgpuManagerLine fault, string[] over) => _lines
        .SkipWhile(l => !ReferenceEquals(l, fault)).Skip(1)
        .LastOrDefault(l => (fault.Vm is null || l.Vm == fault.Vm) && l.Line.Has(over));

    [GeneratedRegex("[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", RegexOptions.CultureInvariant)]
    private static partial Regex Uuid();
}

/// <summary>A line of the vGPU manager's journal.</summary>
/// <param name="Line">The line.</param>
/// <param name="Vm">The VM that it is about; null where that is unknown.</param>
public sealed record VgpuManagerLine(LogLine Line, VmId? Vm)
{
    /// <summary>With VM and time, as evidence: <c>VM 101: 2026-11-30 12:00:05 UTC: error: …</c>.</summary>
    public string Quote => Vm is { } vm ? $"VM {vm}: {Line.Quote}" : Line.Quote;
}
