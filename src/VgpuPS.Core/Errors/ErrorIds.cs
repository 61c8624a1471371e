namespace VgpuPS.Core.Errors;

/// <summary>Stable error ids; they are API: scripts and tests match on them, messages may change.</summary>
public static class ErrorIds
{
    /// <summary>A command line or a request of an agent cannot be understood.</summary>
    public const string InvalidRequest = "InvalidRequest";

    /// <summary>Two parameters exclude each other, or one does not fit the number of objects.</summary>
    public const string ConflictingParameters = "ConflictingParameters";

    /// <summary>What a request needs is not specified.</summary>
    public const string MissingParameter = "MissingParameter";

    /// <summary>A change is requested and nothing that is to change.</summary>
    public const string NothingToChange = "NothingToChange";

    /// <summary>A number of objects is below one or beyond the maximum.</summary>
    public const string CountOutOfRange = "CountOutOfRange";

    /// <summary>A time or a time slice is outside its range.</summary>
    public const string TimeOutOfRange = "TimeOutOfRange";

    /// <summary>The text is not a memory size.</summary>
    public const string InvalidMemorySize = "InvalidMemorySize";

    /// <summary>The text is not a UUID of a mediated device, or one is needed and none is specified.</summary>
    public const string InvalidUuid = "InvalidUuid";

    /// <summary>The text is no list of CPUs of the host that a VM may have.</summary>
    public const string InvalidCpuList = "InvalidCpuList";

    /// <summary>The CPUs are another VM's, or no whole core is left.</summary>
    public const string CpusTaken = "CpusTaken";

    /// <summary>A VM's pins were set or changed by others.</summary>
    public const string AffinityNotOurs = "AffinityNotOurs";

    /// <summary>A plugin parameter of a vGPU is not known, has another value than it may, or its type does not allow
    /// it.</summary>
    public const string InvalidVgpuParameter = "InvalidVgpuParameter";

    /// <summary>An object is no result of a measurement, or a member of it has a value that cannot be.</summary>
    public const string InvalidMeasurement = "InvalidMeasurement";

    /// <summary>Results of measurements are of kinds that have no common mean, or of a GPU and of a model.</summary>
    public const string MeasurementsNotComparable = "MeasurementsNotComparable";

    /// <summary>The hook would refuse the configuration, or it has no such member.</summary>
    public const string InvalidConfiguration = "InvalidConfiguration";

    /// <summary>There is no such file of a configuration on this machine.</summary>
    public const string ConfigurationNotFound = "ConfigurationNotFound";

    /// <summary>The configuration has changed since it was read or the plan was shown.</summary>
    public const string ConfigurationChanged = "ConfigurationChanged";

    /// <summary>The driver has no attribute for plugin parameters of a vGPU.</summary>
    public const string ParametersUnsupported = "ParametersUnsupported";

    /// <summary>The host has less memory, or fewer CPUs, than a VM needs.</summary>
    public const string InsufficientHostMemory = "InsufficientHostMemory";

    /// <summary>A tenant has a member that is not known, or a value that cannot be.</summary>
    public const string InvalidTenant = "InvalidTenant";

    /// <summary>There is no such file of tenants on this machine.</summary>
    public const string TenantsNotFound = "TenantsNotFound";

    /// <summary>No GPU can serve any of the tenants.</summary>
    public const string TenantsNotServed = "TenantsNotServed";

    /// <summary>Several layouts are meant for one host, and one is applied.</summary>
    public const string AmbiguousLayout = "AmbiguousLayout";

    /// <summary>What is piped in is no layout, or is for GPUs of no connected host.</summary>
    public const string InvalidLayout = "InvalidLayout";

    /// <summary>Fewer vGPUs fit than are to be placed.</summary>
    public const string PlacementsExceedCapacity = "PlacementsExceedCapacity";

    /// <summary>The text is not an address of a PCI function.</summary>
    public const string InvalidAddress = "InvalidAddress";

    /// <summary>The text is not a name of a <c>hostpciN</c> entry.</summary>
    public const string InvalidEntry = "InvalidEntry";

    /// <summary>A layout contradicts itself: two entries for one GPU, or GPU instances with MIG mode off.</summary>
    public const string LayoutConflict = "LayoutConflict";

    /// <summary>The doctor has no check or area of that name.</summary>
    public const string CheckNotFound = "CheckNotFound";

    /// <summary>No metric has that name.</summary>
    public const string MetricNotFound = "MetricNotFound";

    /// <summary>The host's answer is longer than a session carries.</summary>
    public const string AnswerTooLarge = "AnswerTooLarge";

    /// <summary>Several vGPUs are meant, and none is specified.</summary>
    public const string AmbiguousVgpu = "AmbiguousVgpu";

    /// <summary>The VM's machine type has no PCI Express.</summary>
    public const string PciExpressUnsupported = "PciExpressUnsupported";

    /// <summary>Another entry is the VM's primary display.</summary>
    public const string PrimaryGpuTaken = "PrimaryGpuTaken";

    /// <summary>Another entry of the same VM has the function.</summary>
    public const string FunctionAlreadyUsed = "FunctionAlreadyUsed";

    /// <summary>The cluster mapping is not marked for mediated devices, or has no function of a GPU.</summary>
    public const string MappingUnusable = "MappingUnusable";

    /// <summary>No name that Proxmox takes for a cluster mapping.</summary>
    public const string InvalidMappingName = "InvalidMappingName";

    /// <summary>A cluster mapping of that name exists already.</summary>
    public const string MappingExists = "MappingExists";

    /// <summary>The cluster mappings were changed by others meanwhile.</summary>
    public const string MappingChanged = "MappingChanged";

    /// <summary>A running VM has a function of the cluster mapping.</summary>
    public const string MappingInUse = "MappingInUse";

    /// <summary>A lock of the cluster file system was not free in time.</summary>
    public const string ClusterLocked = "ClusterLocked";

    /// <summary>A VM of that id exists already.</summary>
    public const string VmExists = "VmExists";

    /// <summary>Several GPUs are meant where one is changed.</summary>
    public const string AmbiguousGpu = "AmbiguousGpu";

    /// <summary>The GPU instance has no compute instance profile of that name.</summary>
    public const string ComputeProfileNotFound = "ComputeProfileNotFound";

    /// <summary>The GPU has no MIG at all.</summary>
    public const string MigNotSupported = "MigNotSupported";

    /// <summary>The GPU has no virtual functions at all.</summary>
    public const string SriovNotSupported = "SriovNotSupported";

    /// <summary>Two files set the scheduler option of the driver.</summary>
    public const string SchedulerAmbiguous = "SchedulerAmbiguous";

    /// <summary>The file is not a vgpu-hook for a Proxmox host.</summary>
    public const string HookProgramUnusable = "HookProgramUnusable";

    /// <summary>The session is one over SSH, and the command needs the host's name.</summary>
    public const string SessionIsRemote = "SessionIsRemote";

    /// <summary>The host is not a simulated one.</summary>
    public const string NotALab = "NotALab";

    /// <summary>There is no simulated host in that file.</summary>
    public const string LabNotFound = "LabNotFound";

    /// <summary>A simulated host is to be made in a file that is there.</summary>
    public const string LabExists = "LabExists";

    /// <summary>A simulated host cannot be made of that.</summary>
    public const string LabOptionUnusable = "LabOptionUnusable";

    /// <summary>The lab has no GPU model of that name.</summary>
    public const string LabModelNotFound = "LabModelNotFound";

    /// <summary>The text does not name a host, a user or a port.</summary>
    public const string InvalidHostName = "InvalidHostName";

    /// <summary>An option of ssh is none, or would accept any host.</summary>
    public const string SshOptionRefused = "SshOptionRefused";

    /// <summary>A credential names no user, another user, or has no usable password.</summary>
    public const string CredentialUnusable = "CredentialUnusable";

    /// <summary>The file is not a private key that can be read.</summary>
    public const string KeyFileUnusable = "KeyFileUnusable";

    /// <summary>The text is not a SHA-256 fingerprint of a host key.</summary>
    public const string InvalidFingerprint = "InvalidFingerprint";

    /// <summary>The text is not an address at which a guest can be reached.</summary>
    public const string InvalidGuestAddress = "InvalidGuestAddress";

    /// <summary>The file is not a guest driver, or not one that can be carried.</summary>
    public const string GuestDriverUnusable = "GuestDriverUnusable";

    /// <summary>The number is not a feature type of a licence.</summary>
    public const string InvalidFeatureType = "InvalidFeatureType";

    /// <summary>A VM configuration entry requests a vGPU in a way that Proxmox drops or refuses.</summary>
    public const string UnusableVgpuEntry = "UnusableVgpuEntry";

    /// <summary>The address names something that cannot have a vGPU.</summary>
    public const string NotAVgpuFunction = "NotAVgpuFunction";

    /// <summary>A file or reply is not readable as what it should be.</summary>
    public const string UnreadableData = "UnreadableData";

    /// <summary>A file could not be read at all, whatever it says: failing storage.</summary>
    public const string ReadFailed = "ReadFailed";

    /// <summary>A fault of this program met while one item among several was done.</summary>
    public const string ProgramFault = "ProgramFault";

    /// <summary>A file that root acts on can be changed by others than root.</summary>
    public const string FileNotTrusted = "FileNotTrusted";

    /// <summary>A file of ours was written by a newer version.</summary>
    public const string NewerVersion = "NewerVersion";

    /// <summary>No VM of that id is configured on this node.</summary>
    public const string VmNotFound = "VmNotFound";

    /// <summary>No PCI device or GPU of that identity exists.</summary>
    public const string DeviceNotFound = "DeviceNotFound";

    /// <summary>The GPU does not know that vGPU type.</summary>
    public const string VgpuTypeNotFound = "VgpuTypeNotFound";

    /// <summary>The cluster mapping does not exist or has no entry for this node.</summary>
    public const string MappingNotFound = "MappingNotFound";

    /// <summary>No driver library, no driver, or a driver that does not match its library.</summary>
    public const string DriverNotReady = "DriverNotReady";

    /// <summary>A placement that is none of the profile's.</summary>
    public const string IllegalPlacement = "IllegalPlacement";

    /// <summary>No vGPU is there.</summary>
    public const string VgpuNotFound = "VgpuNotFound";

    /// <summary>There is no layout.</summary>
    public const string LayoutNotFound = "LayoutNotFound";

    /// <summary>Doing it would destroy what was not named.</summary>
    public const string WouldDestroy = "WouldDestroy";

    /// <summary>The host has changed since the plan was shown, and more would be destroyed now.</summary>
    public const string PlanChanged = "PlanChanged";

    /// <summary>MIG mode is off, pending, or on where it must be off.</summary>
    public const string MigModeMismatch = "MigModeMismatch";

    /// <summary>Changing MIG mode needs a GPU reset.</summary>
    public const string ResetRequired = "ResetRequired";

    /// <summary>Virtual functions are disabled and must not, or cannot, be enabled.</summary>
    public const string SriovNotReady = "SriovNotReady";

    /// <summary>The GPU cannot mix sizes of time-sliced vGPUs, or not now.</summary>
    public const string MixedSizesNotReady = "MixedSizesNotReady";

    /// <summary>The scheduler of time-sliced vGPUs cannot be set, or not now.</summary>
    public const string SchedulerNotReady = "SchedulerNotReady";

    /// <summary>The function is bound to another driver.</summary>
    public const string WrongDriver = "WrongDriver";

    /// <summary>The host's input-output memory management unit is off.</summary>
    public const string IommuNotReady = "IommuNotReady";

    /// <summary>NVML refused a call and nothing says it better.</summary>
    public const string NativeCallFailed = "NativeCallFailed";

    /// <summary>A change was reported as done, and reading back shows that it was not.</summary>
    public const string ReadBackMismatch = "ReadBackMismatch";

    /// <summary>A program failed.</summary>
    public const string HostCommandFailed = "HostCommandFailed";

    /// <summary>In use by a guest, a process or a lock.</summary>
    public const string ResourceBusy = "ResourceBusy";

    /// <summary>Another VM holds the function.</summary>
    public const string FunctionHeld = "FunctionHeld";

    /// <summary>The host lock was not had in time.</summary>
    public const string LockTimeout = "LockTimeout";

    /// <summary>No legal placement is free for the profile.</summary>
    public const string NoFreePlacement = "NoFreePlacement";

    /// <summary>Nothing that may be moved makes it fit.</summary>
    public const string PlacementImpossible = "PlacementImpossible";

    /// <summary>It would take more restarts than are allowed.</summary>
    public const string TooManyRestarts = "TooManyRestarts";

    /// <summary>A VM that was started again was given another place than the planned one.</summary>
    public const string PlacedElsewhere = "PlacedElsewhere";

    /// <summary>No virtual function is free.</summary>
    public const string NoFreeFunction = "NoFreeFunction";

    /// <summary>The vGPU type cannot be created in the GPU's present state.</summary>
    public const string TypeNotCreatable = "TypeNotCreatable";

    /// <summary>Something did not finish in time.</summary>
    public const string Timeout = "Timeout";

    /// <summary>Permission is missing on the host.</summary>
    public const string AccessDenied = "AccessDenied";

    /// <summary>A file could not be written: full, read-only or failing storage.</summary>
    public const string WriteFailed = "WriteFailed";

    /// <summary>No open session has that name.</summary>
    public const string SessionNotFound = "SessionNotFound";

    /// <summary>A session of that name is open already.</summary>
    public const string SessionExists = "SessionExists";

    /// <summary>A file of the workstation exists, and -NoClobber keeps it.</summary>
    public const string FileExists = "FileExists";

    /// <summary>The path of a file to write names a folder, another drive, or a folder that is not there.</summary>
    public const string PathUnusable = "PathUnusable";

    /// <summary>Several sessions are open and none was named for a change.</summary>
    public const string AmbiguousSession = "AmbiguousSession";

    /// <summary>A VM of that id or name exists more than once.</summary>
    public const string AmbiguousVm = "AmbiguousVm";

    /// <summary>A change must be confirmed, and no user can be prompted.</summary>
    public const string ConfirmationRequired = "ConfirmationRequired";

    /// <summary>This machine is not a Proxmox host.</summary>
    public const string NotAProxmoxHost = "NotAProxmoxHost";

    /// <summary>No GPU instance or compute instance of that id or profile exists.</summary>
    public const string InstanceNotFound = "InstanceNotFound";

    /// <summary>The GPU has no profile of that name or number.</summary>
    public const string ProfileNotFound = "ProfileNotFound";

    /// <summary>An operation of Proxmox has the VM locked.</summary>
    public const string VmLocked = "VmLocked";

    /// <summary>Another user or program changed the VM's configuration meanwhile.</summary>
    public const string VmChanged = "VmChanged";

    /// <summary>Proxmox did not start the VM: its hook or Proxmox itself refused.</summary>
    public const string VmStartFailed = "VmStartFailed";

    /// <summary>Proxmox did not stop the VM.</summary>
    public const string VmStopFailed = "VmStopFailed";

    /// <summary>The cluster has no quorum, so nothing of it can be changed.</summary>
    public const string NoQuorum = "NoQuorum";

    /// <summary>The node that a VM is to go to is the one that it is on.</summary>
    public const string TargetIsSource = "TargetIsSource";

    /// <summary>The cluster has no node of that name, or the host is in no cluster with it.</summary>
    public const string NodeNotFound = "NodeNotFound";

    /// <summary>The cluster does not see the node.</summary>
    public const string NodeOffline = "NodeOffline";

    /// <summary>The VM is a template.</summary>
    public const string VmIsTemplate = "VmIsTemplate";

    /// <summary>The VM has no such <c>hostpciN</c> entry, or none that requests a vGPU.</summary>
    public const string EntryNotFound = "EntryNotFound";

    /// <summary>All sixteen <c>hostpciN</c> entries of the VM are taken.</summary>
    public const string NoFreeEntry = "NoFreeEntry";

    /// <summary>The VM would have more vGPUs than the driver gives one VM.</summary>
    public const string TooManyVgpus = "TooManyVgpus";

    /// <summary>The driver does not let these vGPU types be in one VM.</summary>
    public const string VgpusDoNotMix = "VgpusDoNotMix";

    /// <summary>A vGPU of a VM is open although the VM does not run.</summary>
    public const string VgpuStillOpen = "VgpuStillOpen";

    /// <summary>The hook's program is not installed on the host.</summary>
    public const string HookNotInstalled = "HookNotInstalled";

    /// <summary>The VM's vGPU needs the hook.</summary>
    public const string HookInUse = "HookInUse";

    /// <summary>The VM's other hookscript cannot be chained or restored.</summary>
    public const string HookscriptUnusable = "HookscriptUnusable";

    /// <summary>No storage, or not the one that was named, can hold snippets.</summary>
    public const string NoSnippetStorage = "NoSnippetStorage";

    /// <summary>No <c>ssh</c> client is on this machine.</summary>
    public const string SshNotFound = "SshNotFound";

    /// <summary>The host does not answer, refuses, or has no address.</summary>
    public const string HostUnreachable = "HostUnreachable";

    /// <summary>The host's key is not known yet.</summary>
    public const string HostKeyUnknown = "HostKeyUnknown";

    /// <summary>The host's key is another than the known one.</summary>
    public const string HostKeyChanged = "HostKeyChanged";

    /// <summary>The host's key is one that known_hosts revokes.</summary>
    public const string HostKeyRevoked = "HostKeyRevoked";

    /// <summary>The host does not let that user in.</summary>
    public const string AuthenticationFailed = "AuthenticationFailed";

    /// <summary>The user that logged in is not root.</summary>
    public const string NotRoot = "NotRoot";

    /// <summary>The host has no <c>vgpu-hook</c>, or one that cannot be run.</summary>
    public const string AgentNotFound = "AgentNotFound";

    /// <summary>The host's <c>vgpu-hook</c> and this module do not fit.</summary>
    public const string AgentVersionMismatch = "AgentVersionMismatch";

    /// <summary>The host's <c>vgpu-hook</c> failed in a way that it does not explain.</summary>
    public const string AgentFault = "AgentFault";

    /// <summary>An open session's connection has ended.</summary>
    public const string ConnectionLost = "ConnectionLost";

    /// <summary>The VM does not run.</summary>
    public const string VmNotRunning = "VmNotRunning";

    /// <summary>The VM's configuration does not enable the guest agent.</summary>
    public const string GuestAgentNotEnabled = "GuestAgentNotEnabled";

    /// <summary>The guest agent does not answer.</summary>
    public const string GuestAgentNotRunning = "GuestAgentNotRunning";

    /// <summary>The guest agent is configured not to run programs.</summary>
    public const string GuestCommandBlocked = "GuestCommandBlocked";

    /// <summary>There is no such program in the guest.</summary>
    public const string GuestProgramNotFound = "GuestProgramNotFound";

    /// <summary>A program failed in the guest.</summary>
    public const string GuestCommandFailed = "GuestCommandFailed";

    /// <summary>The guest cannot be reached over SSH.</summary>
    public const string GuestUnreachable = "GuestUnreachable";

    /// <summary>The guest's clock differs too much from the host's.</summary>
    public const string GuestClockSkew = "GuestClockSkew";

    /// <summary>A file of the guest could not be written: full or read-only.</summary>
    public const string GuestWriteFailed = "GuestWriteFailed";

    /// <summary>No driver runs in the guest, or no licence service.</summary>
    public const string GuestDriverMissing = "GuestDriverMissing";

    /// <summary>The driver does not fit the host's, or the guest's system.</summary>
    public const string GuestDriverMismatch = "GuestDriverMismatch";

    /// <summary>The file is not a client configuration token.</summary>
    public const string InvalidToken = "InvalidToken";

    /// <summary>The token has ended.</summary>
    public const string TokenExpired = "TokenExpired";

    /// <summary>The token is for another licence server.</summary>
    public const string TokenServerMismatch = "TokenServerMismatch";

    /// <summary>The guest did not get its licence.</summary>
    public const string LicenseNotAcquired = "LicenseNotAcquired";

    /// <summary>A guest that is to be measured has no licence, so that its vGPU is slowed down.</summary>
    public const string GuestUnlicensed = "GuestUnlicensed";

    /// <summary>A guest was restarted while it was measured.</summary>
    public const string GuestRestarted = "GuestRestarted";

    /// <summary>A guest lost its licence while it was measured.</summary>
    public const string LicenseLost = "LicenseLost";

    /// <summary>The guest's system or processor is not one that can be measured.</summary>
    public const string GuestUnsupported = "GuestUnsupported";

    /// <summary>The class of the vGPU has no CUDA.</summary>
    public const string VgpuWithoutCuda = "VgpuWithoutCuda";

    /// <summary>Another vGPU of the GPU is at work, so that none is alone on it.</summary>
    public const string VgpuBusy = "VgpuBusy";

    /// <summary>One VM alone is named, and several are to work at once.</summary>
    public const string LoadedNeedsSeveral = "LoadedNeedsSeveral";

    /// <summary>There is no workload of that name, or the program that is meant does not have it.</summary>
    public const string WorkloadNotFound = "WorkloadNotFound";

    /// <summary>Neither the module nor the host has <c>vgpu-bench</c>.</summary>
    public const string BenchNotFound = "BenchNotFound";

    /// <summary>What a program that measures printed in the guest cannot be read.</summary>
    public const string BenchOutputUnusable = "BenchOutputUnusable";

    /// <summary>A program that measures failed in the guest.</summary>
    public const string BenchFailed = "BenchFailed";

    /// <summary>The guest has no CUDA device.</summary>
    public const string CudaDeviceNotFound = "CudaDeviceNotFound";

    /// <summary>The guest has no CUDA library, or a driver that is too old.</summary>
    public const string CudaNotReady = "CudaNotReady";

    /// <summary>The vGPU has not enough free memory for a workload.</summary>
    public const string VgpuMemoryFull = "VgpuMemoryFull";

    /// <summary>A guest was not ready at the common start.</summary>
    public const string BenchLate = "BenchLate";

    /// <summary>There is no time, or too little, in which all guests worked.</summary>
    public const string CommonTimeTooShort = "CommonTimeTooShort";

    /// <summary>The guest has no licence configuration of ours, or no licence.</summary>
    public const string LicenseNotFound = "LicenseNotFound";

    /// <summary>The host has the product by its Debian package, which keeps its files.</summary>
    public const string InstalledByPackage = "InstalledByPackage";

    /// <summary>The host cannot be made ready for vGPUs as it is.</summary>
    public const string HostNotPrepared = "HostNotPrepared";

    /// <summary>A file that decides about the next boot cannot be added to with certainty; the message names its
    /// line.</summary>
    public const string BootFileUnusable = "BootFileUnusable";

    /// <summary>What a restart was for is not so after it: the host boots something else than what is
    /// configured.</summary>
    public const string RestartDidNotHelp = "RestartDidNotHelp";

    /// <summary>An older kernel may not boot this host: its root is on ZFS.</summary>
    public const string KernelStepBack = "KernelStepBack";

    /// <summary>The file is not a vGPU host driver package of NVIDIA's.</summary>
    public const string DriverPackageWrong = "DriverPackageWrong";

    /// <summary>Several driver files fit, and none is specified.</summary>
    public const string AmbiguousDriver = "AmbiguousDriver";

    /// <summary>A file did not arrive on the host as it was sent; it is not used, and removed.</summary>
    public const string UploadFailed = "UploadFailed";

    /// <summary>There is no such driver package on the host.</summary>
    public const string DriverPackageNotFound = "DriverPackageNotFound";

    /// <summary>The driver is reported on no kernel that the host can have.</summary>
    public const string KernelUnsupported = "KernelUnsupported";

    /// <summary>Secure Boot is on, and no key is enrolled that modules could be signed with.</summary>
    public const string SecureBootNeedsKey = "SecureBootNeedsKey";

    /// <summary>A service was started and has failed.</summary>
    public const string ServiceFailed = "ServiceFailed";
}
