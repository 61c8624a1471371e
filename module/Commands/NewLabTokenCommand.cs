using System.Text;
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

    /// <summary>Where to write it; a file that is there is replaced without -NoClobber.</summary>
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

    /// <summary>Keeps a file that is there already, and says so.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replaces a file that is read-only too.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>For scripts that have it: the file is written as an object without it too.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var full = GetUnresolvedProviderPathFromPSPath(Path);
        var token = LabTokens.Make(Server, Expires);
        var plan = new ChangePlan(
            full, [$"write a token for {Server} of simulated hosts, which ends {Expires.UtcDateTime:u}"], []);
        Run(async (sink, _) => await sink.TryAsync(async () =>
        {
            LocalFiles.RequireFree(full, NoClobber);
            if (await sink.ConfirmAsync(plan).ConfigureAwait(false))
            {
                LocalFiles.Write(full, "token", Encoding.UTF8.GetBytes(token), Force);
                sink.WriteObject(new FileInfo(full));
            }
        }).ConfigureAwait(false));
    }
}
