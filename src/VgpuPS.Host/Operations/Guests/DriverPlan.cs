using VgpuPS.Core.Guests;

namespace VgpuPS.Host.Operations.Guests;

/// <summary>What installing a driver in a guest takes.</summary>
/// <param name="Os">The guest.</param>
/// <param name="File">The driver's file.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Parts">In how many parts it travels.</param>
/// <param name="Present">Version of the driver that runs now; null for none.</param>
/// <param name="HostDriver">Version of the host's driver.</param>
internal sealed record DriverPlan(
    GuestOs Os, GuestDriverFile File, long Size, int Parts, string? Present, string? HostDriver)
{
    /// <summary>The step that brings the file to the host; null where it lies there.</summary>
    public string? Upload { get; init; }

    /// <summary>Whether that very driver runs.</summary>
    public bool IsThere => File.Version is not null && File.Version == Present;

    private GuestDriverVerdict Verdict => File.Version is null
        ? GuestDriverVerdict.Unknown : GuestDriverRule.Judge(File.Version, HostDriver);

    /// <summary>Refuses a driver that does not fit.</summary>
    /// <exception cref="InvalidRequestException">It is for another system, or newer than the host's.</exception>
    public void Require(bool force)
    {
        var guest = Os.Guest;
        if (guest.System.IsWindows != (File.Kind == GuestDriverKind.WindowsSetup))
        {
            throw new InvalidRequestException(
                ErrorIds.GuestDriverMismatch, $"{File.Name} is not for {guest.Vm.Label}, which has {guest.System.Name}",
                guest.System.IsWindows ? "use the installer for Windows (.exe)" : "use the driver for Linux (.run, "
                    + "or .deb where the guest has apt)",
                guest.Vm.Id.ToString());
        }

        if (Verdict == GuestDriverVerdict.NewerBranch && !force)
        {
            throw new InvalidRequestException(
                ErrorIds.GuestDriverMismatch,
                $"{File.Name} is {GuestDriverRule.Describe(Verdict, File.Version, HostDriver)}",
                "use the guest driver of the host's release, or add -Force to install it anyway",
                guest.Vm.Id.ToString());
        }
    }

    /// <summary>The plan for display.</summary>
    public ChangePlan ToChangePlan()
    {
        var label = Os.Guest.Vm.Label;
        if (IsThere)
        {
            return new ChangePlan(label, [], []);
        }

        var fit = Verdict is GuestDriverVerdict.SameBranch or GuestDriverVerdict.Unknown
            ? "" : $" ({GuestDriverRule.Describe(Verdict, File.Version, HostDriver)})";
        List<string> steps =
        [
            .. Upload is null ? Enumerable.Empty<string>() : [Upload],
            string.Create(CultureInfo.InvariantCulture,
                $"upload {File.Name} ({Size / 1048576.0:0.#} MiB in {Parts} parts, checked by SHA-256) into {label}, "
                    + $"{Os.Guest.System.Name}"),
        ];
        if (!Os.Guest.System.IsWindows)
        {
            steps.Add("prevent nouveau from being loaded, and install the kernel's headers where they are missing");
        }

        steps.Add($"install driver {File.Version ?? File.Name} unattended, before: {Present ?? "none"}{fit}");
        steps.Add("restart the guest, wait until it answers, and check that nvidia-smi shows the new driver");
        return new ChangePlan(label, steps, [$"whatever runs in the guest of {label}: it is restarted"]);
    }
}
