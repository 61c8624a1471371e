namespace VgpuPS.Host.Seams;

/// <summary>Result of an NVML call.</summary>
/// <remarks>Source: nvml.h, nvmlReturn_t; facts/nvml.md 2.</remarks>
public enum NvmlStatus
{
    /// <summary>It worked.</summary>
    Success = 0,

    /// <summary>nvmlInit was not called.</summary>
    Uninitialized = 1,

    /// <summary>An argument is not one the driver knows.</summary>
    InvalidArgument = 2,

    /// <summary>This device, or its present state, does not support the call.</summary>
    NotSupported = 3,

    /// <summary>The caller lacks the permission.</summary>
    NoPermission = 4,

    /// <summary>Initialised already.</summary>
    AlreadyInitialized = 5,

    /// <summary>No object of that identity.</summary>
    NotFound = 6,

    /// <summary>The buffer is too small; its needed size is reported.</summary>
    InsufficientSize = 7,

    /// <summary>Power cables are missing.</summary>
    InsufficientPower = 8,

    /// <summary>The kernel driver is not loaded.</summary>
    DriverNotLoaded = 9,

    /// <summary>The call timed out.</summary>
    Timeout = 10,

    /// <summary>An interrupt problem of the kernel.</summary>
    IrqIssue = 11,

    /// <summary>A library is missing.</summary>
    LibraryNotFound = 12,

    /// <summary>The library does not export that function.</summary>
    FunctionNotFound = 13,

    /// <summary>The GPU's information store is corrupt.</summary>
    CorruptedInforom = 14,

    /// <summary>The GPU has fallen off the bus.</summary>
    GpuIsLost = 15,

    /// <summary>The GPU needs a reset first.</summary>
    ResetRequired = 16,

    /// <summary>The operating system refused.</summary>
    OperatingSystem = 17,

    /// <summary>Library and kernel driver are of different versions.</summary>
    LibRmVersionMismatch = 18,

    /// <summary>In use by another client.</summary>
    InUse = 19,

    /// <summary>Out of memory.</summary>
    Memory = 20,

    /// <summary>No data.</summary>
    NoData = 21,

    /// <summary>vGPU needs ECC to be off.</summary>
    VgpuEccNotSupported = 22,

    /// <summary>Not enough slices, or fragmented.</summary>
    InsufficientResources = 23,

    /// <summary>The frequency is not supported.</summary>
    FreqNotSupported = 24,

    /// <summary>The version word of a struct is not one the driver knows.</summary>
    ArgumentVersionMismatch = 25,

    /// <summary>The function is no longer supported.</summary>
    Deprecated = 26,

    /// <summary>Not ready yet.</summary>
    NotReady = 27,

    /// <summary>No GPU found.</summary>
    GpuNotFound = 28,

    /// <summary>The object is in a state that does not allow the call.</summary>
    InvalidState = 29,

    /// <summary>The reset type is not supported.</summary>
    ResetTypeNotSupported = 30,

    /// <summary>An internal error of the driver.</summary>
    Unknown = 999,
}
