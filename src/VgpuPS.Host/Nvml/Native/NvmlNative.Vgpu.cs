namespace VgpuPS.Host.Nvml.Native;

// Source: nvml.h; facts/nvml.md 4 (sizes and offsets).
/// <summary>Mixed size mode of a GPU.</summary>
internal struct nvmlVgpuHeterogeneousMode_v1_t
{
    /// <summary>Size and version of the struct, as the driver checks them.</summary>
    internal const uint VersionWord = 0x01000008;

    internal uint version;
    internal uint mode;
}

/// <summary>How many vGPUs of a type a GPU instance takes.</summary>
internal struct nvmlVgpuTypeMaxInstance_v1_t
{
    /// <summary>Size and version of the struct, as the driver checks them.</summary>
    internal const uint VersionWord = 0x0100000C;

    internal uint version;
    internal uint vgpuTypeId;
    internal uint maxInstancePerGI;
}

/// <summary>When a vGPU licence ends.</summary>
internal struct nvmlVgpuLicenseExpiry_t
{
    internal uint year;
    internal ushort month;
    internal ushort day;
    internal ushort hour;
    internal ushort min;
    internal ushort sec;
    internal byte status;
}

/// <summary>Licence of a vGPU.</summary>
internal struct nvmlVgpuLicenseInfo_t
{
    internal byte isLicensed;
    internal nvmlVgpuLicenseExpiry_t licenseExpiry;
    internal uint currentState;
}
