namespace VgpuPS.Core.Gpu;

/// <summary>UUID of a mediated device, lower case.</summary>
/// <param name="Value">36 characters, lower case.</param>
public readonly record struct MdevUuid(string Value)
{
    /// <summary>The UUID that Proxmox gives to the mediated device of a VM's <c>hostpciN</c>.</summary>
    /// <remarks>
    /// Source: facts/proxmox.md (d), PVE::QemuServer::PCI::Mdev: the index as 8 decimal digits, the VM id as 12 decimal
    /// digits (decimal text, not hex).
    /// </remarks>
    public static MdevUuid ForVm(VmId vm, int index) => new(string.Create(
        CultureInfo.InvariantCulture, $"{index:D8}-0000-0000-0000-{vm.Value:D12}"));

    /// <summary>The VM and index that this UUID was made for, or null when it is not of Proxmox's form.</summary>
    public (VmId Vm, int Index)? Guest
    {
        get
        {
            if (Value is not { Length: 36 } || !Value.AsSpan(8, 16).SequenceEqual("-0000-0000-0000-")
                || !int.TryParse(Value.AsSpan(0, 8), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                || !long.TryParse(Value.AsSpan(24), NumberStyles.None, CultureInfo.InvariantCulture, out var vm)
                || vm is < 100 or > 999_999_999)
            {
                return null;
            }

            return (new VmId((int)vm), index);
        }
    }

    /// <summary>Reads a UUID with dashes in any case.</summary>
    public static bool TryParse(string? text, out MdevUuid uuid)
    {
        uuid = default;
        if (text is not { Length: 36 } || !Guid.TryParseExact(text, "D", out var parsed))
        {
            return false;
        }

        uuid = new MdevUuid(parsed.ToString("D"));
        return true;
    }

    /// <summary>The UUID's text.</summary>
    public override string ToString() => Value;
}

/// <summary>A mediated device that exists.</summary>
/// <param name="Uuid">Its UUID.</param>
/// <param name="Type">Its type; null when it is none of NVIDIA's.</param>
/// <param name="Parent">The function it hangs on.</param>
public sealed record MediatedDevice(MdevUuid Uuid, VgpuTypeId? Type, PciAddress Parent);
