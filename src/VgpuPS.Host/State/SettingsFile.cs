using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Ports;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.State;

/// <summary>The hook's configuration in <c>/etc/vgpups/config.json</c>.</summary>
/// <param name="files">The host's files.</param>
public sealed class SettingsFile(IHostFiles files) : ISettings
{
    private const int SizeLimit = 1024 * 1024;

    /// <summary>Reads and checks it; an absent file means the defaults.</summary>
    /// <exception cref="UnreadableDataException">Not JSON, an unknown member or a value out of range.</exception>
    public HookSettings Load()
    {
        byte[] content;
        try
        {
            // Most hosts have none, and the first exception of a native process costs more than all else that a VM
            // without vGPU needs.
            if (files.GetInfo(StatePaths.Settings) is null)
            {
                return new HookSettings();
            }

            content = files.Read(StatePaths.Settings, SizeLimit);
        }
        catch (HostFileException failure) when (failure.Number is Errno.ENOENT or Errno.ENOTDIR)
        {
            return new HookSettings();
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, "The configuration");
        }

        return SettingsFormat.Read(content, StatePaths.Settings);
    }
}
