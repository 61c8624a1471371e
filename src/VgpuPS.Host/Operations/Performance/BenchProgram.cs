namespace VgpuPS.Host.Operations.Performance;

/// <summary>Finds <c>vgpu-bench</c>: the host's own, or one that the machine which asks has.</summary>
internal sealed class BenchProgram(HostPorts host)
{
    /// <summary>The program's name.</summary>
    public const string Name = "vgpu-bench";

    /// <summary>Where the host's package has it.</summary>
    public const string InstalledPath = "/usr/lib/vgpups/" + Name;

    /// <summary>Finds it.</summary>
    /// <exception cref="ObjectNotFoundException">Neither has it.</exception>
    public FoundBench Find(MeasurePerformanceRequest request)
    {
        var path = request.Path.Length > 0 ? request.Path
            : host.Payloads.IsMeant(InstalledPath, canUpload: true) ? InstalledPath : null;
        return path is not null ? new FoundBench(path, host.Payloads.GetSize(path), null)
            : request.Offers is [var offer, ..] ? new FoundBench("", offer.Size, offer)
            : throw new ObjectNotFoundException(
                ErrorIds.BenchNotFound,
                $"neither this module nor host {host.Proxmox.Node} has {Name}, which measures in guests",
                "take a release: its module has the program inside, and its package for the host "
                    + "(apt-get install ./vgpups_*.deb) too", InstalledPath);
    }
}

/// <summary>Where <c>vgpu-bench</c> is.</summary>
/// <param name="Path">Its path on the host; empty where it must be uploaded first.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Upload">The file that is uploaded; null where it lies on the host.</param>
internal sealed record FoundBench(string Path, long Size, OfferedFile? Upload);
