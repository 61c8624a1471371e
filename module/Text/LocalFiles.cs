namespace VgpuPS.Text;

/// <summary>Files that commands write on the machine that PowerShell runs on, with the habits of its own Export-
/// commands.</summary>
internal static class LocalFiles
{
    /// <summary>Refuses a file that is there and may not be replaced.</summary>
    /// <param name="full">Its full path.</param>
    /// <param name="noClobber">Whether one that is there stays.</param>
    /// <exception cref="InvalidRequestException">It is there.</exception>
    public static void RequireFree(string full, bool noClobber)
    {
        if (noClobber && File.Exists(full))
        {
            throw new InvalidRequestException(
                ErrorIds.FileExists, $"the file {full} exists and -NoClobber keeps it",
                "name another one, or replace it: omit -NoClobber", full);
        }
    }

    /// <summary>Writes one whole.</summary>
    /// <param name="full">Its full path.</param>
    /// <param name="what">What it is, for messages: <c>token</c>.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="force">Whether one that is read-only is replaced.</param>
    /// <exception cref="HostNotReadyException">It cannot be written.</exception>
    public static void Write(string full, string what, byte[] content, bool force)
    {
        try
        {
            if (File.Exists(full) && new FileInfo(full) is { IsReadOnly: true } file)
            {
                file.IsReadOnly = force ? false : throw new UnauthorizedAccessException("it is read-only");
            }

            File.WriteAllBytes(full, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostNotReadyException(
                ErrorIds.WriteFailed, $"the {what} {full} cannot be written: {e.Message}",
                "choose another -Path, or with -Force replace a read-only file", full, e);
        }
    }
}
