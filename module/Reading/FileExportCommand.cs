namespace VgpuPS.Reading;

/// <summary>Base of commands that read hosts and write what they read into one file of this machine.</summary>
public abstract class FileExportCommand : SessionCommand
{
    /// <summary>The file to write, on this machine. One that is there is replaced after a question.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("FilePath", "LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Replaces a file that is there without a question, a read-only one too.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the file as PowerShell has it.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>What is written, for messages: <c>report</c>.</summary>
    private protected abstract string What { get; }

    /// <summary>Hosts that were named; null for all that are connected.</summary>
    private protected IReadOnlyList<string>? Named { get; set; }

    /// <summary>Full path of the file, once it was looked at.</summary>
    private protected string FullPath { get; private set; } = "";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        Named = Session;
        try
        {
            FullPath = Resolve();
            LocalFiles.RequirePlace(FullPath, What, Force);
        }
        catch (VgpuException failure)
        {
            ThrowTerminatingError(ErrorRecords.From(failure));
        }
    }

    /// <summary>Whether the file shall be written.</summary>
    private protected Task<bool> ConfirmAsync(ICommandSink sink, IReadOnlyList<IHostSession> sessions)
    {
        var hosts = sessions.Count == 0 ? "results" : string.Join(", ", sessions.Select(s => s.Name));
        return sink.ConfirmAsync(new(
            FullPath, [$"write a {What} of {hosts} to {FullPath}"],
            File.Exists(FullPath) && !Force ? [$"the file {FullPath} as it is now"] : []));
    }

    /// <summary>Writes the file, and itself where that is wanted.</summary>
    private protected void Finish(ICommandSink sink, UnixFileMode? mode, Action<Stream> write)
    {
        LocalFiles.WriteWhole(FullPath, What, mode, write);
        if (PassThru)
        {
            sink.WriteObject(new FileInfo(FullPath));
        }
    }

    private string Resolve()
    {
        try
        {
            var full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path, out var provider, out _);
            return provider.Name == "FileSystem" ? full : throw new InvalidRequestException(
                ErrorIds.PathUnusable, $"the {What} cannot be written to {Path}: it is a path of {provider.Name}",
                "name a file of this machine: -Path ./FILE", Path);
        }
        catch (Exception e) when (e is SessionStateException or ProviderInvocationException or NotSupportedException)
        {
            throw new InvalidRequestException(
                ErrorIds.PathUnusable, $"the {What} cannot be written to {Path}: {e.Message.TrimEnd('.')}",
                "name a file of this machine: -Path ./FILE", Path, e);
        }
    }
}
