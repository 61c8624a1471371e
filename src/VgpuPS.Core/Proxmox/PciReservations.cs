using System.Text;

namespace VgpuPS.Core.Proxmox;

/// <summary>Proxmox's reservations of PCI functions on one node.</summary>
/// <remarks>
/// Source: facts/proxmox.md (e), /run/qemu-server/pci-id-reservations, and recordings. A third party may change the
/// file only while it holds pci-id-reservations.lock. Assumed: of two lines with one id the last counts.
/// </remarks>
public sealed class PciReservations
{
    private readonly SortedDictionary<string, PciReservation> _byId;

    /// <summary>Reservations; of several with one id the last counts.</summary>
    public PciReservations(IEnumerable<PciReservation> reservations)
    {
        _byId = new SortedDictionary<string, PciReservation>(StringComparer.Ordinal);
        foreach (var reservation in reservations)
        {
            _byId[reservation.Id] = reservation;
        }
    }

    /// <summary>The reservations in the order of the file: by id as text.</summary>
    public IReadOnlyList<PciReservation> All => [.. _byId.Values];

    /// <summary>Reads the file; lines of another form are dropped, as Proxmox drops them at its next write.</summary>
    /// <exception cref="UnreadableDataException">The file has more than 16 MiB.</exception>
    public static PciReservations Read(ReadOnlySpan<byte> raw) => new(
        PveText.Lines(raw, "the file of PCI reservations").Select(Parse).OfType<PciReservation>());

    /// <summary>The whole new content of the file.</summary>
    public byte[] Write() => Encoding.ASCII.GetBytes(string.Concat(_byId.Values.Select(line => line + "\n")));

    /// <summary>The reservation of a function, or null.</summary>
    public PciReservation? Find(PciAddress function) => _byId.GetValueOrDefault(function.ToString());

    /// <summary>The VM's reservations in the order of the file.</summary>
    public IReadOnlyList<PciReservation> Of(VmId vm) => [.. _byId.Values.Where(line => line.Vm == vm)];

    /// <summary>Whether Proxmox would let a VM have a function now, and what it would say.</summary>
    /// <param name="function">The function.</param>
    /// <param name="vm">The VM that wants it.</param>
    /// <param name="now">The host's time.</param>
    /// <param name="isLiveQemu">Whether the process is the running QEMU of that VM.</param>
    /// <remarks>
    /// Source: facts/proxmox.md (e): an entry whose time is over or whose process is not that VM's QEMU is orphaned
    /// and is taken over, with a warning in the case of the process. The texts are recorded.
    /// </remarks>
    public PciReservationVerdict Judge(
        PciAddress function, VmId vm, DateTimeOffset now, Func<int, VmId, bool> isLiveQemu) =>
        Find(function) switch
        {
            { Pid: { } pid } line when line.Vm != vm => isLiveQemu(pid, line.Vm)
                ? new(line.Vm, $"PCI device '{line.Id}' already in use by VMID '{line.Vm}'", null)
                : new(null, null, $"leftover PCI reservation found for {line.Id}, lets take it..."),
            { ExpiresAt: { } end } line when line.Vm != vm && end > now.ToUnixTimeSeconds() =>
                new(line.Vm, $"PCI device '{line.Id}' is currently reserved for use by VMID '{line.Vm}'", null),
            _ => new(null, null, null),
        };

    /// <summary>Whether another VM holds the function now; see <see cref="Judge"/>.</summary>
    public bool IsHeldByOther(PciAddress function, VmId vm, DateTimeOffset now, Func<int, VmId, bool> isLiveQemu) =>
        Judge(function, vm, now, isLiveQemu).Holder is not null;

    /// <summary>The reservations with these functions held for the VM until a time.</summary>
    public PciReservations WithTime(IEnumerable<PciAddress> functions, VmId vm, DateTimeOffset expiresAt) =>
        With(functions.Select(function =>
            new PciReservation(function.ToString(), vm, expiresAt.ToUnixTimeSeconds(), null)));

    /// <summary>The reservations with these functions held by the VM's running QEMU.</summary>
    public PciReservations WithPid(IEnumerable<PciAddress> functions, VmId vm, int pid) =>
        With(functions.Select(function => new PciReservation(function.ToString(), vm, null, pid)));

    /// <summary>The reservations without any of the VM's.</summary>
    public PciReservations Without(VmId vm) => new(_byId.Values.Where(line => line.Vm != vm));

    /// <summary>The reservations without the VM's lines for these functions; those of other VMs stay.</summary>
    public PciReservations Without(IEnumerable<PciAddress> functions, VmId vm)
    {
        var ids = functions.Select(function => function.ToString()).ToHashSet(StringComparer.Ordinal);
        return new PciReservations(_byId.Values.Where(line => line.Vm != vm || !ids.Contains(line.Id)));
    }

    private static PciReservation? Parse(string line)
    {
        var words = PveText.TrimEnd(line).Split(' ');
        if (words.Length != 3 || !HostPciGrammar.IsHostId(words[0]) || !VmId.TryParse(words[1], out var vm))
        {
            return null;
        }

        var value = words[2].AsSpan(words[2].IndexOf(':', StringComparison.Ordinal) + 1);
        if (words[2].StartsWith("time:", StringComparison.Ordinal)
            && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var time))
        {
            return new PciReservation(words[0], vm, time, null);
        }

        return words[2].StartsWith("pid:", StringComparison.Ordinal)
            && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            ? new PciReservation(words[0], vm, null, pid)
            : null;
    }

    private PciReservations With(IEnumerable<PciReservation> lines) => new(_byId.Values.Concat(lines));
}

/// <summary>One line of Proxmox's reservations: a function that belongs to a VM.</summary>
/// <param name="Id">The PCI id as written; other ids are compared with it as text.</param>
/// <param name="Vm">The VM.</param>
/// <param name="ExpiresAt">Seconds since 1970 at which it ends, before QEMU runs; else null.</param>
/// <param name="Pid">Process id of the VM's QEMU once it runs; else null.</param>
/// <remarks>Source: facts/proxmox.md (e).</remarks>
public sealed record PciReservation(string Id, VmId Vm, long? ExpiresAt, int? Pid)
{
    /// <summary>The line as it stands in the file.</summary>
    public override string ToString() => Pid is { } pid
        ? string.Create(CultureInfo.InvariantCulture, $"{Id} {Vm} pid:{pid}")
        : string.Create(CultureInfo.InvariantCulture, $"{Id} {Vm} time:{ExpiresAt}");
}

/// <summary>Whether a VM may have a function as far as reservations are concerned.</summary>
/// <param name="Holder">The other VM that holds it; null when it may be had.</param>
/// <param name="Error">Proxmox's refusal, or null.</param>
/// <param name="Warning">Proxmox's remark that it takes over what was left behind, or null.</param>
public sealed record PciReservationVerdict(VmId? Holder, string? Error, string? Warning);

/// <summary>A VM's hold on a PCI function, in Proxmox's own file.</summary>
/// <param name="Function">The function.</param>
/// <param name="Vm">The VM.</param>
/// <param name="IsHeld">Whether it still counts: its time is in the future, or its process is that VM's live
/// QEMU.</param>
/// <remarks>Source: facts/proxmox.md (e).</remarks>
public sealed record FunctionReservation(PciAddress Function, VmId Vm, bool IsHeld)
{
    /// <summary>Whether it is by a process, as Proxmox writes it once QEMU runs; by a time before that.</summary>
    public bool IsByProcess { get; init; }
}
