using VgpuPS.Core.Settings;
using VgpuPS.Host.Linux;

namespace VgpuPS.Host.State;

/// <summary>The hook's configuration in <c>/etc/vgpups/config.json</c>.</summary>
/// <param name="files">The host's files.</param>
internal sealed class SettingsFile(IHostFiles files) : ISettings
{
    private const int SizeLimit = 1024 * 1024;

    /// <summary>Reads and checks it; an absent file means the defaults.</summary>
    /// <exception cref="UnreadableDataException">Not JSON, an unknown member or a value out of range.</exception>
    /// <exception cref="HostNotReadyException">Others than root can change it.</exception>
    public HookSettings Load() =>
        ReadText() is { } content ? SettingsFormat.Read(content, StatePaths.Settings) : new HookSettings();

    /// <summary>Its bytes, unchecked; null where there is none.</summary>
    /// <exception cref="HostNotReadyException">Others than root can change it.</exception>
    public byte[]? ReadText()
    {
        try
        {
            // Most hosts have none, and the first exception of a native process costs more than all else that a VM
            // without vGPU needs.
            if (files.GetInfo(StatePaths.Settings) is null)
            {
                return null;
            }

            FileTrustReader.Require(files, StatePaths.Settings, "the configuration");
            return files.Read(StatePaths.Settings, SizeLimit);
        }
        catch (HostFileException failure) when (failure.Number is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, "the configuration");
        }
    }

    /// <summary>Replaces all of it, and reads it back.</summary>
    /// <exception cref="HostNotReadyException">It cannot be written, or does not read back.</exception>
    public void Replace(byte[] content)
    {
        Write(_ => content);
        if (ReadText()?.AsSpan().SequenceEqual(content) != true)
        {
            throw HostFileErrors.NotKept(StatePaths.Settings, "the configuration");
        }
    }

    /// <summary>Sets or removes the script that is chained to ours for a VM; all else in the file stays as it
    /// is.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="script">The script; null to remove it.</param>
    /// <exception cref="UnreadableDataException">The file is not readable; nothing is written.</exception>
    /// <exception cref="HostNotReadyException">It cannot be written, or does not read back.</exception>
    public void SetChain(VmId vm, ChainedScript? script) => Edit(
        settings => settings.Chain.GetValueOrDefault(vm.ToString()) == script,
        content => SettingsEdit.WithChain(content, vm.ToString(), script));

    /// <summary>Sets or removes the plugin parameters of a VM's entry; all else in the file stays as it is.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="entry">Its entry, <c>hostpciN</c>.</param>
    /// <param name="parameters">As the driver's attribute has them; empty to remove them.</param>
    /// <exception cref="UnreadableDataException">The file is not readable; nothing is written.</exception>
    /// <exception cref="HostNotReadyException">It cannot be written, or does not read back.</exception>
    public void SetParameters(VmId vm, string entry, string parameters) => Edit(
        settings => settings.ParametersOf(vm, entry) == parameters,
        content => SettingsEdit.WithParameters(content, vm.ToString(), entry, parameters));

    private void Edit(Func<HookSettings, bool> isDone, Func<byte[]?, byte[]> edit)
    {
        if (isDone(Load()))
        {
            return;
        }

        Write(edit);
        if (!isDone(Load()))
        {
            throw HostFileErrors.NotKept(StatePaths.Settings, "the configuration");
        }
    }

    private void Write(Func<byte[]?, byte[]> edit)
    {
        try
        {
            var info = files.GetInfo(StatePaths.Settings);
            var content = edit(info is null ? null : files.Read(StatePaths.Settings, SizeLimit));
            files.CreateDirectory(StatePaths.SettingsFolder, StatePaths.SharedFolderMode);
            files.WriteWhole(StatePaths.Settings, content, info?.Mode ?? StatePaths.SharedMode);
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForWrite(failure, "the configuration");
        }
    }
}

/// <summary>The hook's configuration file.</summary>
public interface ISettings
{
    /// <summary>Reads and checks it; an absent file means the defaults.</summary>
    /// <exception cref="UnreadableDataException">Not JSON, an unknown member or a value out of range; names line and
    /// column.</exception>
    HookSettings Load();

    /// <summary>Its bytes, unchecked; null where there is none.</summary>
    /// <exception cref="HostNotReadyException">Others than root can change it.</exception>
    byte[]? ReadText();

    /// <summary>Replaces all of it, and reads it back.</summary>
    /// <param name="content">The new text, as the hook reads it.</param>
    /// <exception cref="HostNotReadyException">It cannot be written, or does not read back.</exception>
    void Replace(byte[] content);

    /// <summary>Sets or removes the script that is chained to ours for a VM; all else in the file stays as it
    /// is.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="script">The script; null to remove it.</param>
    /// <exception cref="UnreadableDataException">The file is not readable; nothing is written.</exception>
    /// <exception cref="HostNotReadyException">It cannot be written, or does not read back.</exception>
    void SetChain(VmId vm, ChainedScript? script);

    /// <summary>Sets or removes the plugin parameters of a VM's entry; all else in the file stays as it is.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="entry">Its entry, <c>hostpciN</c>.</param>
    /// <param name="parameters">As the driver's attribute has them; empty to remove them.</param>
    /// <exception cref="UnreadableDataException">The file is not readable; nothing is written.</exception>
    /// <exception cref="HostNotReadyException">It cannot be written, or does not read back.</exception>
    void SetParameters(VmId vm, string entry, string parameters);
}
