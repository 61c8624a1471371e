using VgpuPS.Core.Guests;
using VgpuPS.Lab.Models;

namespace VgpuPS.Lab.Guests;

/// <summary>CUDA in a guest: its one device, or why there is none.</summary>
/// <param name="Gpu">The GPU behind it.</param>
/// <param name="Vgpu">The vGPU.</param>
/// <param name="Name">As CUDA names it.</param>
/// <param name="Multiprocessors">That it shows.</param>
/// <param name="MemoryMiB">That it shows.</param>
/// <remarks>
/// Source: facts/measuring.md F10 (the library comes with the driver), F20 (no device without compute instance), F24
/// (classes C and Q only), F13 (PTX by version of CUDA). Versions of CUDA by the driver's branch are from memory, and
/// so is the name of a MIG device (assumed).
/// </remarks>
internal sealed record LabCuda(LabGpu Gpu, LabVgpu Vgpu, string Name, int Multiprocessors, int MemoryMiB)
{
    private static readonly (int Branch, string Version)[] s_versions =
    [
        (590, "13.1"), (580, "13.0"), (575, "12.9"), (570, "12.8"), (560, "12.6"), (550, "12.4"), (535, "12.2"),
        (525, "12.0"), (510, "11.6"), (470, "11.4"), (460, "11.2"), (450, "11.0"), (0, "10.2"),
    ];

    /// <summary>How fast the board is at most.</summary>
    public GpuModelSpeed Speed => LabWorkers.SpeedOf(Gpu);

    /// <summary>UUID of the device in the guest.</summary>
    public string Uuid =>
        "GPU-" + LabStart.MakeUuid(string.Create(CultureInfo.InvariantCulture, $"vgpu {Vgpu.Handle}"));

    /// <summary>Whether the library is there.</summary>
    public static bool HasLibrary(LabGuest guest) => guest.Driver is not null && !guest.CudaIsMissing;

    /// <summary>Version of CUDA that the guest's driver has: <c>12.4</c>.</summary>
    public static string VersionOf(LabGuest guest) =>
        int.TryParse(guest.Driver?.Split('.')[0], CultureInfo.InvariantCulture, out var branch)
            ? s_versions.First(v => branch >= v.Branch).Version : s_versions[^1].Version;

    /// <summary>The device; null where CUDA finds none.</summary>
    public static LabCuda? Find(LabState state, LabGuest guest)
    {
        var (gpu, vgpu) = LabGridd.FindVgpu(state, guest);
        if (gpu is null || vgpu is null || gpu.Model.FindType(vgpu.Type) is not { } type
            || LicenseProduct.ClassOf(type.Name) is not ('C' or 'Q')
            || guest.LicenseFault is LabLicenseFault.DriverTooOld or LabLicenseFault.DriverTooNew)
        {
            return null;
        }

        var count = LabWorkers.MultiprocessorsOf(gpu, guest, vgpu);
        var profile = LabWorkers.ProfileOf(gpu, vgpu)?.Name;
        var name = profile is null ? type.Name : $"{type.Name} {profile}";
        return count == 0 ? null : new LabCuda(gpu, vgpu, name, count, type.FramebufferMiB);
    }
}
