using System.Management.Automation.Language;

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

    /// <summary>Refuses a path at which no file can be.</summary>
    /// <param name="full">Its full path; of the file system.</param>
    /// <param name="what">What it is, for messages: <c>report</c>.</param>
    /// <param name="force">Whether one that is read-only is replaced.</param>
    /// <exception cref="InvalidRequestException">It is a folder, or its folder is not there.</exception>
    /// <exception cref="HostNotReadyException">It is read-only.</exception>
    public static void RequirePlace(string full, string what, bool force)
    {
        if (Directory.Exists(full) || Path.EndsInDirectorySeparator(full))
        {
            throw new InvalidRequestException(
                ErrorIds.PathUnusable, $"the {what} cannot be written to {full}: it is a folder",
                $"name a file in it: -Path {Quoted(Path.Combine(full, NameOf(what)))}", full);
        }

        if (Path.GetDirectoryName(full) is { Length: > 0 } parent && !Directory.Exists(parent))
        {
            throw new InvalidRequestException(
                ErrorIds.PathUnusable, $"the {what} cannot be written to {full}: there is no folder {parent}",
                $"create it: New-Item -ItemType Directory {Quoted(parent)}", full);
        }

        if (!force && File.Exists(full) && new FileInfo(full) is { IsReadOnly: true })
        {
            throw new HostNotReadyException(
                ErrorIds.WriteFailed, $"the {what} cannot be written to {full}: it is read-only",
                "choose another -Path, or with -Force replace a read-only file", full);
        }
    }

    private static string NameOf(string what) => what switch
    {
        "support bundle" => "bundle.zip",
        "report" => "report.html",
        "layout" => "layout.json",
        _ => what,
    };

    private static string Quoted(string path) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(path)}'";

    /// <summary>Writes one under a temporary name beside it, then gives it its own: the old file or the whole new one
    /// is there at every moment.</summary>
    /// <param name="full">Its full path.</param>
    /// <param name="what">What it is, for messages: <c>report</c>.</param>
    /// <param name="mode">Who may read it, where the system has that; null for whoever may read new files.</param>
    /// <param name="write">Writes its content.</param>
    /// <exception cref="HostNotReadyException">It cannot be written.</exception>
    public static void WriteWhole(string full, string what, UnixFileMode? mode, Action<Stream> write)
    {
        var temporary = "";
        try
        {
            // A link stays, and leads to the new file.
            var target = new FileInfo(full).LinkTarget is null
                ? full : File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
            temporary = Path.Combine(
                Path.GetDirectoryName(target) ?? "", $".{Path.GetRandomFileName()}.tmp");
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite };
            if (mode is { } own && !OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = own;
            }

            using (var stream = new FileStream(temporary, options))
            {
                write(stream);
            }

            if (File.Exists(target) && OperatingSystem.IsWindows())
            {
                // A file that is read-only is not replaced there.
                File.SetAttributes(target, FileAttributes.Normal);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostNotReadyException(
                ErrorIds.WriteFailed, $"the {what} {full} cannot be written: {e.Message}",
                "choose another -Path, on a storage with space that you can write to", full, e);
        }
        finally
        {
            Remove(temporary);
        }
    }

    private static void Remove(string temporary)
    {
        try
        {
            if (temporary.Length > 0)
            {
                File.Delete(temporary);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What could not be written cannot be removed either; the first failure is the one to report.
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
