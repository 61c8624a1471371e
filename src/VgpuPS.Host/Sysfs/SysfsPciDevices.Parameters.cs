namespace VgpuPS.Host.Sysfs;

public sealed partial class SysfsPciDevices
{
    // Source: facts/host-behaviour.md 1.6: a single blank clears them.
    private const string NoParameters = " ";

    /// <summary>Plugin parameters of a vGPU, as the driver's attribute has them; empty for none, null where it has no
    /// such attribute.</summary>
    /// <param name="function">The function.</param>
    /// <param name="uuid">Its mediated device; null for vendor VFIO.</param>
    public string? ReadParameters(PciAddress function, MdevUuid? uuid) =>
        _reader.ReadText(SysfsPaths.Parameters(function, uuid));

    /// <summary>Writes the plugin parameters of a vGPU, and reads them back.</summary>
    /// <param name="function">The function.</param>
    /// <param name="uuid">Its mediated device; null for vendor VFIO.</param>
    /// <param name="parameters">What the attribute shall have; empty to clear it.</param>
    /// <exception cref="HostNotReadyException">The driver has no such attribute, or there is no vGPU.</exception>
    /// <exception cref="NativeCallException">The driver refused, or reported success and did nothing.</exception>
    /// <remarks>Source: facts/host-behaviour.md 1.6. The errnos of refusals are assumed.</remarks>
    public void WriteParameters(PciAddress function, MdevUuid? uuid, string parameters)
    {
        var path = SysfsPaths.Parameters(function, uuid);
        try
        {
            files.WriteAttribute(path, parameters.Length == 0 ? NoParameters : parameters);
        }
        catch (HostFileException failure)
        {
            throw ForParameters(function, parameters, failure);
        }

        if (ReadParameters(function, uuid) is var now && !VgpuParameters.AreSame(now ?? "", parameters))
        {
            throw new NativeCallException(
                ErrorIds.ReadBackMismatch,
                $"the driver accepted plugin parameters {Quote(parameters)} for the vGPU of {function}, and "
                    + $"{Quote(now ?? "")} are there",
                $"see why, and what is there: journalctl -b -u nvidia-vgpu-mgr; cat {path}", "write", 0,
                function.ToString());
        }
    }

    /// <summary>
    /// Clears the plugin parameters of a vGPU that is about to go: whether they go with it is not known, and the next
    /// vGPU of the function must not find them. That the driver does not let them be cleared keeps no vGPU.
    /// </summary>
    /// <returns>What was there; empty for nothing.</returns>
    private string ClearParameters(PciAddress function, MdevUuid? uuid)
    {
        try
        {
            var before = ReadParameters(function, uuid) ?? "";
            if (before.Length > 0)
            {
                files.WriteAttribute(SysfsPaths.Parameters(function, uuid), NoParameters);
            }

            return before;
        }
        catch (Exception e) when (e is HostFileException or VgpuException)
        {
            return "";
        }
    }

    private static VgpuException ForParameters(PciAddress function, string parameters, HostFileException failure)
    {
        var target = function.ToString();
        var fact = $"{failure.Operation} of {failure.Path}: {Errno.Describe(failure.Number)}";
        return (failure.Operation, failure.Number) switch
        {
            ("open", Errno.ENOENT) or (_, Errno.ENXIO) => new HostNotReadyException(
                ErrorIds.ParametersUnsupported,
                $"the vGPU of {function} takes no plugin parameters ({fact})",
                "take them out of vgpuParameters (nano /etc/vgpups/config.json), or see what the driver has: "
                    + $"ls -l {failure.Path}", target, failure),
            (_, Errno.EACCES or Errno.EPERM) => new AccessDeniedException(
                ErrorIds.AccessDenied,
                $"the kernel refused to set plugin parameters of {function} for lack of permission ({fact})",
                "run the command as root: su -", target, failure),
            _ => new NativeCallException(
                ErrorIds.NativeCallFailed,
                $"the driver refused plugin parameters {Quote(parameters)} for the vGPU of {function} ({fact})",
                "see why: journalctl -b -u nvidia-vgpu-mgr; take them out of vgpuParameters: "
                    + "nano /etc/vgpups/config.json", failure.Operation, failure.Number, target, failure),
        };
    }

    private static string Quote(string parameters) => parameters.Length == 0 ? "none" : $"'{parameters}'";
}
