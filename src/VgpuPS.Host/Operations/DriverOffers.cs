using VgpuPS.Core.Guests;

namespace VgpuPS.Host.Operations;

/// <summary>Chooses among the driver files that the machine which asks can upload; nothing is guessed.</summary>
internal static class DriverOffers
{
    /// <summary>The one that is offered.</summary>
    /// <exception cref="InvalidRequestException">There are several.</exception>
    public static OfferedFile Only(IReadOnlyList<OfferedFile> offers) =>
        offers is [var one] ? one : throw Several(offers);

    /// <summary>The one for a guest's system. Of NVIDIA's two packages for Linux the installer is taken, which fits all
    /// distributions.</summary>
    /// <exception cref="InvalidRequestException">There is none, or several.</exception>
    public static OfferedFile For(IReadOnlyList<OfferedFile> offers, bool isWindows)
    {
        if (offers.Count == 1)
        {
            return offers[0];
        }

        var kinds = offers.ToLookup(o => GuestDriverFile.Parse(o.Name).Kind);
        var fitting = isWindows ? kinds[GuestDriverKind.WindowsSetup]
            : kinds.Contains(GuestDriverKind.Run) ? kinds[GuestDriverKind.Run] : kinds[GuestDriverKind.Deb];
        return fitting.ToList() switch
        {
            [var one] => one,
            [] => throw new InvalidRequestException(
                ErrorIds.GuestDriverMismatch, $"none of these files is for {(isWindows ? "Windows" : "Linux")}: "
                    + Names(offers), "download NVIDIA's package that has the guest driver for this system",
                offers[0].Name),
            var several => throw Several(several),
        };
    }

    /// <summary>Says which file is taken where both machines have it.</summary>
    public static string BothAreThere(string path, string node, string name) =>
        $"{path} is on host {node}, and {name} on this machine: the host's is used; -PathOn Workstation uploads the "
            + "other, -PathOn Host says that this is meant";

    /// <summary>Says that a change needs a file that did not come.</summary>
    public static InvalidRequestException NotUploaded(string name) => new(
        ErrorIds.UploadFailed, $"{name} has not been uploaded, and is needed now",
        "run the command again: what is to be done has changed since it was planned", name);

    private static InvalidRequestException Several(IReadOnlyList<OfferedFile> offers) => new(
        ErrorIds.AmbiguousDriver, $"{offers.Count} files fit: {Names(offers)}",
        $"name the one that is meant: -ZipEntry {offers[0].Name}", offers[0].Name);

    private static string Names(IReadOnlyList<OfferedFile> offers) => string.Join(", ", offers.Select(o => o.Name));
}
