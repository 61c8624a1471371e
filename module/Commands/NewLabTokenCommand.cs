using VgpuPS.Lab.Guests;

namespace VgpuPS.Commands;

/// <summary>Writes a token file for the licence server of simulated hosts, to rehearse licensing with; no real server
/// takes it.</summary>
/// <example>
/// <code>New-LabToken ./lab.tok</code>
/// <para>Writes a token for the server dls.lab.</para>
/// </example>
/// <seealso cref="SetGridLicenseCommand"/>
/// <seealso cref="SetLabGuestCommand"/>
[Cmdlet(VerbsCommon.New, "LabToken", SupportsShouldProcess = true, HelpUri = HelpPages.Lab)]
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
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public string Server { get; set; } = "dls.lab";

    /// <summary>When the token ends; 2036 without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public DateTimeOffset Expires { get; set; } = s_far;

    /// <summary>Writes the file as an object.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var full = GetUnresolvedProviderPathFromPSPath(Path);
        var token = LabTokens.Make(Server, Expires);
        var plan = new ChangePlan(
            full, [$"write a token for {Server} of simulated hosts, which ends {Expires.UtcDateTime:u}"], []);
        var passThru = (bool)PassThru;
        Run(async (sink, stop) =>
        {
            try
            {
                if (!await sink.ConfirmAsync(plan).ConfigureAwait(false))
                {
                    return;
                }

                await WriteAsync(full, token, stop).ConfigureAwait(false);
                if (passThru)
                {
                    sink.WriteObject(new FileInfo(full));
                }
            }
            catch (VgpuException failure)
            {
                sink.WriteFailure(failure);
            }
        });
    }

    private static async Task WriteAsync(string full, string token, CancellationToken cancellationToken)
    {
        try
        {
            await File.WriteAllTextAsync(full, token, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostNotReadyException(
                ErrorIds.WriteFailed, $"the token {full} cannot be written: {e.Message}",
                "name a file in a folder that you may write to: New-LabToken -Path ./lab.tok", full, e);
        }
    }
}
