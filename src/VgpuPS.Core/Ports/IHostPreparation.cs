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

    /// <summary>
    /// Writes a boot loader's file, whose first original stays beside it, and brings it to the boot loader; a file that
    /// cannot be brought there is put back.
    /// </summary>
    Task SetCommandLineAsync(BootFacts boot, string text, CancellationToken cancellationToken);

    /// <summary>Blacklists nouveau in a file of ours, and makes every initramfs anew.</summary>
    Task BlacklistNouveauAsync(CancellationToken cancellationToken);

    /// <summary>Installs packages; refreshes the lists first where one is not known.</summary>
    Task InstallPackagesAsync(IReadOnlyList<string> packages, CancellationToken cancellationToken);

    /// <summary>Makes the host boot a kernel.</summary>
    Task PinKernelAsync(BootFacts boot, string kernel, CancellationToken cancellationToken);

    /// <summary>Runs a driver package's installer.</summary>
    /// <exception cref="HostCommandException">It refused or failed.</exception>
    Task InstallDriverAsync(DriverPackage package, CancellationToken cancellationToken);

    /// <summary>Starts services.</summary>
    Task StartUnitsAsync(IReadOnlyList<string> units, CancellationToken cancellationToken);

    /// <summary>Has systemd start a unit at each boot, and starts it now.</summary>
    Task EnableUnitAsync(string unit, CancellationToken cancellationToken);

    /// <summary>Lets a storage hold snippets.</summary>
    Task SetStorageContentAsync(string storage, IReadOnlyList<string> content, CancellationToken cancellationToken);

    /// <summary>Restarts the host; returns while it is going down.</summary>
    Task RestartAsync(CancellationToken cancellationToken);
}
