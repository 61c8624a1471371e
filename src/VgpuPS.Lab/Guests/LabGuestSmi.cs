using VgpuPS.Core.Guests;

namespace VgpuPS.Lab.Guests;

/// <summary>What <c>nvidia-smi -q</c> prints in a guest.</summary>
/// <remarks>Source: facts/host-behaviour.md 9 for the licence block; the rest is shortened.</remarks>
internal static class LabGuestSmi
{
    private const int NoDriver = 9;
    private const int NoInstances = 6;

    public static LabGuestAnswer Query(LabHost host, LabGuest guest)
    {
        var (gpu, vgpu) = LabGridd.FindVgpu(host.State, guest);
        if (guest.Driver is not { } driver || gpu is null)
        {
            return guest.Driver is null ? LabGuestAnswer.Missing : new LabGuestAnswer(
                NoDriver,
                "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the "
                    + "latest NVIDIA "
                + "driver is installed and running.\n");
        }

        LabGridd.CatchUp(host, guest);
        var name = gpu.Model.FindType(vgpu!.Type)?.Name ?? "NVIDIA vGPU";
        var expiry = guest.LicenseExpiry is { } end
            ? LicenseExpiry.Format(DateTimeOffset.FromUnixTimeSeconds(end)) : "N/A";
        var status = guest.LicenseState switch
        {
            5 => $"Licensed (Expiry: {expiry})",
            2 => "Unlicensed (Unrestricted)",
            3 => "Unlicensed (Restricted)",
            _ => "Unlicensed",
        };
        var time = LabGridd.GuestTime(host.State, guest)
            .ToString("ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture);
        return new LabGuestAnswer(0, $"""

            ==============NVSMI LOG==============

            Timestamp                                 : {time}
            Driver Version                            : {driver}
            CUDA Version                              : 13.0

            Attached GPUs                             : 1
            GPU 00000000:01:00.0
                Product Name                          : {name}
                Product Brand                         : {LabGridd.ProductOf(LicenseProduct.ClassOf(name), 1)}
                GPU Virtualization Mode
                    Virtualization Mode               : VGPU
                    Host VGPU Mode                    : N/A
                vGPU Software Licensed Product
                    Product Name                      : {LabGridd.ProductOf(LicenseProduct.ClassOf(name), 1)}
                    License Status                    : {status}
                GPU Reset Status
                    Reset Required                    : N/A

            """);
    }

    /// <summary>What <c>nvidia-smi mig -lci</c> prints: those made in the guest, or the one of its driver.</summary>
    /// <remarks>Source: facts/host-behaviour.md 3 and 4; NVIDIA MIG user guide for the table. Assumed: exit code and
    /// words where there is no MIG.</remarks>
    public static LabGuestAnswer ListInstances(LabHost host, LabGuest guest)
    {
        var (gpu, vgpu) = LabGridd.FindVgpu(host.State, guest);
        if (guest.Driver is null)
        {
            return LabGuestAnswer.Missing;
        }

        if (gpu?.Instances.Find(i => i.Id == vgpu!.GpuInstance) is not { } instance
            || gpu.Model.Profiles.FirstOrDefault(p => p.Id == instance.Profile) is not { } profile)
        {
            return new LabGuestAnswer(NoInstances, "No MIG-enabled devices found.\n");
        }

        List<string> names = guest.ComputeInstances.Count > 0 ? guest.ComputeInstances
            : [profile.Name.Replace("MIG ", "", StringComparison.Ordinal)];
        var rows = new StringBuilder();
        var start = 0;
        foreach (var (name, id) in names.Select((n, i) => (n, i)))
        {
            var size = name.Split('c') is [var slices, ..] && name.Contains("c.", StringComparison.Ordinal)
                ? int.Parse(slices, CultureInfo.InvariantCulture) : profile.ComputeSlices;
            rows.Append(
                CultureInfo.InvariantCulture,
                $"|   0      0       {"MIG " + name,-16} {0,2} {id,9} {start,10}:{size}     |\n");
            start += size;
        }

        const string Line = "+--------------------------------------------------------------------+\n";
        return new LabGuestAnswer(0, $"{Line}| Compute instances:                                                 |\n"
            + "| GPU     GPU       Name             Profile   Instance   Placement  |\n"
            + "|       Instance                       ID        ID       Start:Size |\n"
            + $"|         ID                                                         |\n{Line}{rows}{Line}");
    }
}
