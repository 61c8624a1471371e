using System.Text.RegularExpressions;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Text;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Sessions;
using VgpuPS.Sessions;
using VgpuPS.Tests.Architecture;
using VgpuPS.Tests.Module;
using VgpuPS.Text;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>
/// Every text that says what to do, as each face shows it: in PowerShell its commands bind to the module's own
/// parameters, on a host its programs are those of a Proxmox host.
/// </summary>
[Trait("Duration", "Long")]
public sealed partial class AdviceTests : EngineTests
{
    // Programs that Debian, Proxmox VE, NVIDIA's driver and this product put on a host, and a guest's.
    private static readonly string[] s_fillings = ["0000:4b:00.0", "101"];
    private static readonly HashSet<string> s_programs =
    [
        .. """
            apt apt-get cat chmod chown cp date df dkms dmesg dpkg echo efibootmgr fuser getent grep kill ls lspci
            lsmod mkdir modprobe mokutil mount mv nano nvidia-smi openssl pgrep proxmox-boot-tool ps pvecm pvesh pvesm
            qm reboot rm sh sleep ssh ssh-add ssh-copy-id ssh-keygen ssh-keyscan stat su systemctl journalctl tail
            timedatectl touch uname update-grub update-initramfs vgpu-hook vgpu-lab which zpool ha-manager chattr dotnet
            findmnt free head lscpu modinfo vgpu-bench
            sriov-manage /usr/lib/nvidia/sriov-manage ping nvidia-gridd test virsh gcc make lsb_release sha256sum curl
            """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
    ];

    // Words of sentences that look like programs, by what follows them.
    private static readonly HashSet<string> s_prose = ["a", "check", "edit", "omit", "or", "then"];

    // PowerShell's own, of modules that the engine of these tests has not got.
    private static readonly HashSet<string> s_others = ["Add-WindowsCapability", "Get-Acl", "Update-PSResource"];

    private static readonly Lazy<IReadOnlyList<string>> s_all = new(() =>
        [.. MessageTests.AllMessages().Distinct().Order(StringComparer.Ordinal)]);

    [Fact]
    public void In_PowerShell_every_command_of_an_advice_binds()
    {
        var typed = s_all.Value.SelectMany(m => Fillings(m)).Select(m => Advice.ForPowerShell(m))
            .SelectMany(m => Commands().Matches(m).Select(c => c.Value.TrimEnd()))
            .Where(c => !s_others.Contains(c.Split(' ')[0])).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.True(typed.Count > 100, $"only {typed.Count} commands were found");
        var file = PathOf("typed.txt");
        File.WriteAllLines(file, typed);
        AssertNone(Values($$"""
            foreach ($line in Get-Content '{{file}}') {
                $errors = $tokens = $null
                $ast = [Management.Automation.Language.Parser]::ParseInput($line, [ref]$tokens, [ref]$errors)
                $isCommand = { $args[0] -is [Management.Automation.Language.CommandAst] }
                foreach ($command in $ast.FindAll($isCommand, $true)) {
                    $bound = [Management.Automation.Language.StaticParameterBinder]::BindCommand($command)
                    if (-not (Get-Command $command.GetCommandName() -ErrorAction Ignore)) { "${line}: no such command" }
                    foreach ($wrong in $bound.BindingExceptions.Values) {
                        if ($wrong.CommandElement -is [Management.Automation.Language.CommandParameterAst]) {
                            "${line}: $($wrong.BindingException.Message)"
                        }
                    }
                }
            }
            """).Cast<string>());
    }

    [Fact]
    public void In_PowerShell_nothing_is_left_that_the_module_has_a_command_for() =>
        AssertNone(s_all.Value.SelectMany(m => Fillings(m)).Select(m => Advice.ForPowerShell(m))
            .Where(m => HostWords().IsMatch(m)));

    [Fact]
    public void On_a_host_a_command_of_the_module_is_marked() =>
        AssertNone(s_all.Value.SelectMany(m => Fillings(m)).Select(m => HostAdvice.Of(m))
            .Where(m => Commands().Matches(m).Any(c => OurNouns().IsMatch(c.Value))
                && !m.Contains("from PowerShell on a workstation: ", StringComparison.Ordinal)));

    /// <summary>A text that names another program gets its row above, where it is on a host.</summary>
    [Fact]
    public void On_a_host_every_program_of_an_advice_is_one_of_a_host()
    {
        var programs = s_all.Value.SelectMany(m => Fillings(m)).Select(m => HostAdvice.Of(m))
            .SelectMany(m => Programs().Matches(m).Select(p => (Program: p.Groups[1].Value, Text: m))).ToList();
        Assert.True(programs.Count > 150, $"only {programs.Count} programs were found");
        var unknown = programs.Where(p => !s_programs.Contains(p.Program) && !s_prose.Contains(p.Program))
            .Select(p => $"{p.Program}: {p.Text}");
        AssertNone(unknown);
    }

    [Theory]
    [InlineData(
        "disable MIG mode: /usr/lib/nvidia/sriov-manage -d 0000:4b:00.0; nvidia-smi -i 0000:4b:00.0 -mig 0; "
            + "/usr/lib/nvidia/sriov-manage -e 0000:4b:00.0",
        "disable MIG mode: Disable-MigMode 0000:4b:00.0")]
    [InlineData("see the node's VMs: qm list", "see the node's VMs: Get-VgpuVm")]
    [InlineData("choose a smaller type (vgpu-hook show), then: qm start 101",
        "choose a smaller type (Get-VgpuType), then: Start-VgpuVm 101")]
    [InlineData("stop VMs 101 and 102 (qm shutdown 101; qm shutdown 102)",
        "stop VMs 101 and 102 (Stop-VgpuVm 101; Stop-VgpuVm 102)")]
    [InlineData("fuser -v /dev/vfio/*; qm stop <vmid>", "fuser -v /dev/vfio/*; Stop-VgpuVm <vmid> -Force")]
    [InlineData("see its profiles: nvidia-smi mig -lgip", "see its profiles: Get-MigProfile")]
    [InlineData("look at it: nvidia-smi mig -i 0000:4b:00.0 -lgi", "look at it: Get-MigInstance 0000:4b:00.0")]
    [InlineData("see why: journalctl -k -g NVRM", "see why: journalctl -k -g NVRM")]
    [InlineData("nvidia-smi vgpu -i 0000:4b:00.0 -q", "Get-Vgpu 0000:4b:00.0")]
    public void A_host_command_is_PowerShells_there(string text, string typed) =>
        Assert.Equal(typed, Advice.ForPowerShell(text));

    [Fact]
    public void What_a_start_would_fail_with_says_what_to_type_in_PowerShell()
    {
        Run("Enable-Sriov 0, 1; Add-VmVgpu 103 -Memory 8GB; Enable-MigMode 0, 1 -Reset -Confirm:$false");
        var action = One<string>("(Test-VmVgpu 103).RecommendedAction");
        Assert.Contains("Disable-MigMode 0000:4b:00.0", action, StringComparison.Ordinal);
        Assert.DoesNotContain("sriov-manage", action, StringComparison.Ordinal);
        Assert.Contains(
            "Get-VgpuVm", Refusal("Add-VmVgpu nosuch -Memory 8GB").ErrorDetails.RecommendedAction,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_that_is_not_open_is_a_simulated_one_only_among_simulated_ones()
    {
        Assert.Contains(
            "Connect-VgpuHost -Lab A30,A30 -Name pve3", Refusal("Get-Gpu -Session pve3").ErrorDetails.RecommendedAction,
            StringComparison.Ordinal);
        Run("Disconnect-VgpuHost lab");
        var action = Refusal("Get-Gpu -Session pve3").ErrorDetails.RecommendedAction;
        Assert.Equal("open one: Connect-VgpuHost root@pve3", action);
    }

    [Fact]
    public async Task Without_a_session_a_machine_that_is_no_host_says_so_and_how_to_connect()
    {
        var local = new LocalHostSession("localhost", "/nowhere");
        var failure = await Assert.ThrowsAsync<HostNotReadyException>(() => local.RunAsync(
            HostUseCases.ReadHost, new ReadHostRequest(), new SinkObserver(new RecordingSink(), ""),
            TestContext.Current.CancellationToken));
        Assert.Equal(ErrorIds.NotAProxmoxHost, failure.ErrorId);
        Assert.StartsWith("no host session is open, and this machine", failure.Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "connect a host: Connect-VgpuHost root@pve1;", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lab_that_is_not_there_is_made_from_PowerShell()
    {
        var path = PathOf("nope.json");
        Run("Disconnect-VgpuHost lab");
        var action = Refusal($"Connect-VgpuHost -LabState '{path}'").ErrorDetails.RecommendedAction;
        Run(action.Split(": ", 2)[1]);
        Assert.True(File.Exists(path));
    }

    /// <summary>All of them are shown, as each is another repair.</summary>
    private static void AssertNone(IEnumerable<string> wrong) =>
        Assert.True(!wrong.Any(), string.Join('\n', wrong));

    // A hole is a GPU, a number or a name; where a text is two forms in one, each is looked at.
    private static IEnumerable<string> Fillings(string message) =>
        s_fillings.Select(v => message.Replace("-mig {}", "-mig 1", StringComparison.Ordinal)
            .Replace("{}", v, StringComparison.Ordinal)).Distinct();

    [GeneratedRegex(
        @"(?<![\w-])[A-Z][a-z]+-[A-Z][A-Za-z]+(?: (?!\(or )(?:-[A-Z][A-Za-z]*|[<'(\[][^;)>]*[>')\]]|\|"
            + @"|[A-Z][a-z]+-[A-Z][A-Za-z]+|[0-9][\w:.,]*|root@\w+|\./\S+))*(?![\w-])")]
    private static partial Regex Commands();

    [GeneratedRegex("-(Gpu|Sriov|Mig|Vgpu|VmVgpu|GridLicense|Lab)")]
    private static partial Regex OurNouns();

    [GeneratedRegex(
        @"(?<!/)\bvgpu-hook (show|doctor|boot)\b|\bsriov-manage -[de] (?!<)|\bqm list\b"
            + @"|\bqm (start|shutdown|stop) (\d|<vm)|nvidia-smi -i \S+ -mig [01]")]
    private static partial Regex HostWords();

    // A program behind a colon, a semicolon or a bracket, with an option or a path: prose has neither.
    [GeneratedRegex(@"(?:: |; |\()((?:/[\w/-]+|[a-z][a-z0-9_-]*)) (?:[a-z]+ )*(?:--?[a-zA-Z]|/)")]
    private static partial Regex Programs();
}
