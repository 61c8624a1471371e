using VgpuPS.Core.Errors;
using VgpuPS.Core.Platform;

namespace VgpuPS.Core.Ports;

/// <summary>Changes how the host boots and what is installed on it. Each member is one step, read back where that can be done.</summary>
public interface IHostPreparation
{
    /// <summary>Looks at a driver package without running it.</summary>
    /// <param name="path">Path on the host.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ObjectNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidRequestException">It is no package of NVIDIA's, says other than its name, or others than root may write it.</exception>
    Task<DriverPackage> ReadPackageAsync(string path, CancellationToken cancellationToken);

    /// <summary>Whether the key that DKMS signs modules with is enrolled in the firmware.</summary>
    Task<bool> SigningKeyIsEnrolledAsync(CancellationToken cancellationToken);

    /// <summary>What a shell would make of GRUB's files with another drop-in of ours; nothing is written.</summary>
    /// <param name="dropIn">Its text; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<GrubReading> TryGrubAsync(string? dropIn, CancellationToken cancellationToken);

    /// <summary>What the boot loader will boot from: one place, or one for each managed system partition.</summary>
    /// <exception cref="VgpuException">One cannot be read; says which.</exception>
    Task<IReadOnlyList<LoaderEntries>> ReadLoaderAsync(BootFacts boot, CancellationToken cancellationToken);

    /// <summary>
    /// Writes our drop-in, generates GRUB's configuration into a file of ours and reads that, then generates for real and reads
    /// what will be booted. A drop-in that fails before the last step is taken away again.
    /// </summary>
    /// <param name="boot">How the host boots.</param>
    /// <param name="dropIn">Its text; null removes it.</param>
    /// <param name="expected">What the entry must be like.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task SetGrubAsync(BootFacts boot, string? dropIn, LoaderExpectation expected, CancellationToken cancellationToken);

    /// <summary>
    /// Writes systemd-boot's file, whose first original stays beside it, brings it to the loader and reads its entries; a file that
    /// cannot be brought there is put back.
    /// </summary>
    Task SetCommandLineAsync(BootFacts boot, string text, LoaderExpectation expected, CancellationToken cancellationToken);

    /// <summary>Brings the boot loader's files to it, and reads what will be booted.</summary>
    Task RefreshLoaderAsync(BootFacts boot, LoaderExpectation expected, CancellationToken cancellationToken);

    /// <summary>
    /// Writes files of module options, makes every initramfs anew and looks whether that of a kernel is another one; files that
    /// cannot be brought there are put back. The first original of a file that is not ours stays beside it.
    /// </summary>
    /// <param name="texts">Text by path.</param>
    /// <param name="kernel">The kernel that will boot; null where none is installed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task WriteModuleOptionsAsync(IReadOnlyDictionary<string, string> texts, string? kernel, CancellationToken cancellationToken);

    /// <summary>Installs packages; refreshes the lists first where one is not known.</summary>
    Task InstallPackagesAsync(IReadOnlyList<string> packages, CancellationToken cancellationToken);

    /// <summary>Makes the host boot a kernel, and reads what will be booted.</summary>
    Task PinKernelAsync(BootFacts boot, string kernel, CancellationToken cancellationToken);

    /// <summary>Runs a driver package's installer.</summary>
    /// <exception cref="HostCommandException">It refused or failed.</exception>
    Task InstallDriverAsync(DriverPackage package, CancellationToken cancellationToken);

    /// <summary>Starts services.</summary>
    Task StartUnitsAsync(IReadOnlyList<string> units, CancellationToken cancellationToken);

    /// <summary>Restarts the host; returns while it is going down.</summary>
    Task RestartAsync(CancellationToken cancellationToken);
}
