using System.Buffers.Binary;
using System.Text;

namespace VgpuPS.Core.Migration;

/// <summary>What NVML says of a running vGPU for a migration, beside what only NVIDIA's driver reads.</summary>
/// <param name="GuestIsKnown">Whether the guest's driver is up, so that what is said of the guest holds.</param>
/// <param name="GuestDriver">Version of the guest's driver.</param>
/// <param name="HostDriver">Version of the host's driver.</param>
/// <param name="CanMigrate">Whether the driver can migrate the vGPU.</param>
/// <param name="VgpuVersion">Version of the interface between guest and host.</param>
/// <remarks>Source: facts/nvml.md 4, nvmlVgpuMetadata_t; facts/cluster.md D10.</remarks>
public sealed record VgpuMetadata(
    bool GuestIsKnown, string GuestDriver, string HostDriver, bool CanMigrate, uint VgpuVersion)
{
    /// <summary>Where the opaque data begin.</summary>
    public const int HeaderSize = 208;

    /// <summary>Most bytes that are taken from another host.</summary>
    public const int MaxSize = 64 * 1024;

    internal const int TextSize = 80;

    private const int OwnOpaqueSize = 4;
    private const int StateAt = 8;
    private const int GuestDriverAt = 12;
    private const int HostDriverAt = 92;
    private const int CapabilitiesAt = 196;
    private const int VersionAt = 200;
    private const int OpaqueSizeAt = 204;

    /// <summary>Reads it; null where the size is not the one that it says, so that no driver may be given it.</summary>
    public static VgpuMetadata? Read(ReadOnlySpan<byte> raw) => !IsWhole(raw, HeaderSize, OpaqueSizeAt) ? null
        : new VgpuMetadata(
            Number(raw, StateAt) == 1, Text(raw, GuestDriverAt), Text(raw, HostDriverAt),
            (Number(raw, CapabilitiesAt) & 1) != 0, Number(raw, VersionAt));

    /// <summary>Makes one, as a simulated driver does.</summary>
    public byte[] Write(ReadOnlySpan<byte> opaque)
    {
        var raw = new byte[HeaderSize + opaque.Length];
        Put(raw, 0, 1);
        Put(raw, StateAt, GuestIsKnown ? 1u : 0u);
        Put(raw, GuestDriverAt, GuestDriver);
        Put(raw, HostDriverAt, HostDriver);
        Put(raw, CapabilitiesAt, CanMigrate ? 1u : 0u);
        Put(raw, VersionAt, VgpuVersion);
        Put(raw, OpaqueSizeAt, (uint)opaque.Length);
        opaque.CopyTo(raw.AsSpan(HeaderSize));
        return raw;
    }

    // The struct's own size has four bytes of the opaque data, which a driver may count twice (assumed).
    internal static bool IsWhole(ReadOnlySpan<byte> raw, int header, int opaqueSizeAt) => raw.Length >= header
        && raw.Length <= MaxSize && raw.Length - header - Number(raw, opaqueSizeAt) is >= 0 and <= OwnOpaqueSize;

    internal static uint Number(ReadOnlySpan<byte> raw, int at) => BinaryPrimitives.ReadUInt32LittleEndian(raw[at..]);

    internal static string Text(ReadOnlySpan<byte> raw, int at)
    {
        var text = raw.Slice(at, TextSize);
        var end = text.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? text : text[..end]);
    }

    internal static void Put(Span<byte> raw, int at, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(raw[at..], value);

    internal static void Put(Span<byte> raw, int at, string value) =>
        Encoding.ASCII.GetBytes(value.AsSpan(0, Math.Min(value.Length, TextSize - 1)), raw[at..]);
}

/// <summary>What NVML says of a GPU that a vGPU may be migrated to.</summary>
/// <param name="HostDriver">Version of the host's driver.</param>
/// <param name="CanMigrate">Whether the driver can migrate vGPUs of the GPU.</param>
/// <param name="MinVersion">Lowest version of the guests' interface that the host takes.</param>
/// <param name="MaxVersion">Highest.</param>
/// <remarks>Source: facts/nvml.md 4, nvmlVgpuPgpuMetadata_t; facts/cluster.md D10, D11.</remarks>
public sealed record PgpuMetadata(string HostDriver, bool CanMigrate, uint MinVersion, uint MaxVersion)
{
    /// <summary>Where the opaque data begin.</summary>
    public const int HeaderSize = 124;

    private const int HostDriverAt = 8;
    private const int CapabilitiesAt = 88;
    private const int MinVersionAt = 112;
    private const int MaxVersionAt = 116;
    private const int OpaqueSizeAt = 120;

    /// <summary>Reads it; null where the size is not the one that it says.</summary>
    public static PgpuMetadata? Read(ReadOnlySpan<byte> raw) =>
        !VgpuMetadata.IsWhole(raw, HeaderSize, OpaqueSizeAt) ? null : new PgpuMetadata(
            VgpuMetadata.Text(raw, HostDriverAt), (VgpuMetadata.Number(raw, CapabilitiesAt) & 1) != 0,
            VgpuMetadata.Number(raw, MinVersionAt), VgpuMetadata.Number(raw, MaxVersionAt));

    /// <summary>Makes one, as a simulated driver does.</summary>
    public byte[] Write(ReadOnlySpan<byte> opaque)
    {
        var raw = new byte[HeaderSize + opaque.Length];
        VgpuMetadata.Put(raw, 0, 1);
        VgpuMetadata.Put(raw, HostDriverAt, HostDriver);
        VgpuMetadata.Put(raw, CapabilitiesAt, CanMigrate ? 1u : 0u);
        VgpuMetadata.Put(raw, MinVersionAt, MinVersion);
        VgpuMetadata.Put(raw, MaxVersionAt, MaxVersion);
        VgpuMetadata.Put(raw, OpaqueSizeAt, (uint)opaque.Length);
        opaque.CopyTo(raw.AsSpan(HeaderSize));
        return raw;
    }
}

/// <summary>NVML's own answer about a vGPU and a GPU.</summary>
/// <param name="States">Bits of what the vGPU can do there: 1 cold, 2 hibernate, 4 sleep, 8 live; 0 for
/// nothing.</param>
/// <param name="Limits">Bits of what limits it: 1 host driver, 2 guest driver, 4 GPU, 0x80000000 other.</param>
/// <remarks>Source: facts/cluster.md D10, nvmlVgpuPgpuCompatibility_t. Free capacity is no part of it.</remarks>
public sealed record VgpuCompatibility(uint States, uint Limits)
{
    private const uint Live = 8;

    /// <summary>Whether it can be migrated live.</summary>
    public bool IsLive => (States & Live) != 0;

    /// <summary>What limits it, in words; empty for nothing.</summary>
    public string Limit => string.Join(", ", ((uint Bit, string Name)[])
        [(1, "host driver"), (2, "guest driver"), (4, "GPU"), (0x80000000, "something else")] is var all
        ? all.Where(l => (Limits & l.Bit) != 0).Select(l => l.Name) : []);
}
