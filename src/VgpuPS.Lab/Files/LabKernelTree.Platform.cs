using VgpuPS.Lab.Platform;

namespace VgpuPS.Lab.Files;

internal sealed partial class LabKernelTree
{
    private const string SecureBoot = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
    private const string LoaderInfo = "LoaderInfo-4a67b082-0a4c-47f2-8ff9-8e6ba7ad6a73";

    private bool HasEfi => State.Platform.Loader == LabLoader.SystemdBoot || State.Platform.IsSecureBoot;

    /// <summary>Names of the modules that are loaded, as far as the lab goes.</summary>
    /// <remarks>Source: facts/host-behaviour.md 7: <c>nvidia_vgpu_vfio</c> beside the vGPU host driver.</remarks>
    private IEnumerable<string> Modules =>
    [
        .. State.Platform.NouveauIsLoaded ? ["nouveau"] : Array.Empty<string>(),
        .. !State.DriverIsLoaded ? [] : State.Platform.Driver == LabDriverFlavour.VgpuKvm ? ["nvidia_vgpu_vfio", "nvidia"] : new[] { "nvidia" },
        "vfio_pci_core", "vfio_iommu_type1", "vfio", "kvm", "i40e",
    ];

    /// <remarks>Source: efivarfs: four bytes of attributes, then the value; UEFI for the names (assumed).</remarks>
    private LabNode? FindFirmware(string[] rest) => rest switch
    {
        [] => HasEfi ? Folder("efi") : Folder(),
        ["efi"] when HasEfi => Folder("efivars"),
        ["efi", "efivars"] when HasEfi => Folder(LoaderInfo, SecureBoot),
        ["efi", "efivars", SecureBoot] when HasEfi => Bytes([6, 0, 0, 0, State.Platform.IsSecureBoot ? (byte)1 : (byte)0]),
        ["efi", "efivars", LoaderInfo] when HasEfi => Bytes(
            [6, 0, 0, 0, .. System.Text.Encoding.Unicode.GetBytes(
                State.Platform.Loader == LabLoader.SystemdBoot ? "systemd-boot 257\0" : "GRUB 2.12\0")]),
        _ => null,
    };

    private LabNode? FindModule(string[] rest) => rest switch
    {
        [] => LabNode.Folder(() => Modules),
        [var name] => Modules.Contains(name) ? Folder(name == "nvidia" ? ["version"] : []) : null,
        ["nvidia", "version"] => Modules.Contains("nvidia") ? Text(State.Setup.DriverVersion) : null,
        _ => null,
    };

    private static LabNode Bytes(byte[] content) => new() { Mode = ReadOnlyMode, Read = () => content };

    /// <remarks>Source: proc(5), /proc/modules: name, size, users, users' names, state, address.</remarks>
    private string DescribeModules() => string.Concat(Modules.Select(m => $"{m} 16384 0 - Live 0x0000000000000000\n"));

    private string DescribeCpu() =>
        $"processor\t: 0\nvendor_id\t: {(State.Platform.Cpu == LabCpu.Intel ? "GenuineIntel" : "AuthenticAMD")}\ncpu family\t: 6\n";
}
