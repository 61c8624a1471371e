namespace VgpuPS.Text;

/// <summary>Pages on the web: chapters that <c>Get-Help -Online</c> opens, and releases; all below the manifest's
/// ProjectUri.</summary>
internal static class HelpPages
{
    public const string BareHost = Chapters + "bare-host.md";
    public const string Configuration = Chapters + "configuration.md";
    public const string Doctor = Chapters + "doctor.md";
    public const string Hook = Chapters + "hook.md";
    public const string Lab = Chapters + "lab.md";
    public const string Licensing = Chapters + "licensing.md";
    public const string Measuring = Chapters + "measuring.md";
    public const string Metrics = Chapters + "metrics.md";
    public const string Placing = Chapters + "placing.md";
    public const string PowerShell = Chapters + "powershell.md";
    public const string Reports = Chapters + "reports.md";
    public const string Ssh = Chapters + "ssh.md";

    public const string Releases = Project + "/releases";

    private const string Project = "https://github.com/vgpups/vgpups";
    private const string Chapters = Project + "/blob/main/src/docs/";
}
