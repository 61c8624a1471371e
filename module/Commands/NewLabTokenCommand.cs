using System.Management.Automation;
using VgpuPS.Common;
using VgpuPS.Core.Errors;
using VgpuPS.Lab.Guests;

namespace VgpuPS.Commands;

/// <summary>Writes a token file for the licence server of simulated hosts, to rehearse licensing with; no real server takes it.</summary>
/// <example>
/// <code>New-LabToken ./lab.tok</code>
/// <para>Writes a token for the server dls.lab.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "LabToken", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class NewLabTokenCommand : VgpuCmdlet
{
    private static readonly DateTimeOffset s_far = new(2036, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Where to write it; a file that is there is replaced.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Name of the licence server; dls.lab without it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Server { get; set; } = "dls.lab";

    /// <summary>When the token ends; 2036 without it.</summary>
    [Parameter]
    public DateTimeOffset Expires { get; set; } = s_far;

    /// <summary>Writes the file as an object.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var full = GetUnresolvedProviderPathFromPSPath(Path);
        if (!ShouldProcess(full, "write a token for simulated hosts"))
        {
            return;
        }

        try
        {
            File.WriteAllText(full, LabTokens.Make(Server, Expires));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            WriteError(ErrorRecords.From(new HostNotReadyException(
                ErrorIds.WriteFailed, $"{full} cannot be written: {e.Message}", "Choose another -Path", full, e)));
            return;
        }

        if (PassThru)
        {
            WriteObject(new FileInfo(full));
        }
    }
}
