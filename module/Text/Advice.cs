using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace VgpuPS.Text;

/// <summary>What to do, in the module's own commands where it has one for a host's.</summary>
/// <remarks>
/// Whoever finds a fault writes one text, with whichever command says it best; the hook has a table of its own. What
/// has no such name here stays: it is typed on the host.
/// </remarks>
internal static class Advice
{
    private const string Gpu = @"(?<gpu>[0-9A-Fa-f]{4,8}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-9A-Fa-f]|GPU-[^ ;),]+|<gpu>"
        + @"|\d+(?![\d:.]))";

    private const string Sriov = "(?:/usr/lib/nvidia/)?sriov-manage";

    private static readonly (Regex Pattern, string Text)[] s_inPowerShell =
    [
        Rule($@"{Sriov} -d {Gpu}; nvidia-smi -i \k<gpu> -mig 1; {Sriov} -e \k<gpu>", "Enable-MigMode ${gpu}"),
        Rule($@"{Sriov} -d {Gpu}; nvidia-smi -i \k<gpu> -mig 0; {Sriov} -e \k<gpu>", "Disable-MigMode ${gpu}"),
        Rule($@"nvidia-smi -i {Gpu} -mig 1; nvidia-smi --gpu-reset -i \k<gpu>", "Enable-MigMode ${gpu} -Reset"),
        Rule($@"nvidia-smi -i {Gpu} -mig 0; nvidia-smi --gpu-reset -i \k<gpu>", "Disable-MigMode ${gpu} -Reset"),
        Rule($"nvidia-smi -i {Gpu} -mig 1", "Enable-MigMode ${gpu}"),
        Rule($"nvidia-smi -i {Gpu} -mig 0", "Disable-MigMode ${gpu}"),
        Rule($"{Sriov} -e {Gpu}", "Enable-Sriov ${gpu}"),
        Rule($"{Sriov} -d {Gpu}", "Disable-Sriov ${gpu}"),
        Rule(
            $@"nvidia-smi mig -i {Gpu} -dci; nvidia-smi mig -i \k<gpu> -dgi",
            "Get-MigInstance ${gpu} | Remove-MigInstance"),
        Rule(@"nvidia-smi mig -dci, then -dgi", "Get-MigInstance | Remove-MigInstance"),
        Rule($"nvidia-smi mig(?: -i {Gpu})? -lgipp", "Get-MigPlacement ${gpu}"),
        Rule($"nvidia-smi mig(?: -i {Gpu})? -lgip", "Get-MigProfile ${gpu}"),
        Rule($"nvidia-smi mig(?: -i {Gpu})? -lgi", "Get-MigInstance ${gpu}"),
        Rule($"nvidia-smi mig(?: -i {Gpu})? -lci(?!p)", "Get-MigComputeInstance ${gpu}"),
        Rule("nvidia-smi vgpu -c", "Get-VgpuType -Creatable"),
        Rule($"nvidia-smi vgpu(?: -i {Gpu})? -ss", "Get-VgpuScheduler ${gpu}"),
        Rule("nvidia-smi vgpu -s", "Get-VgpuType"),
        Rule($"nvidia-smi vgpu(?: -i {Gpu})?(?: -q)?(?! -)", "Get-Vgpu ${gpu}"),
        Rule(@"(?<=\b(?:types?|size|number)\b[^;:]*[(:] ?)vgpu-hook show", "Get-VgpuType"),
        Rule(@"(?<=free function[^;:]*[(:] ?)vgpu-hook show", "Get-SriovFunction -Free"),
        Rule(@"(?<=functions?\b[^;:]*[(:] ?)vgpu-hook show", "Get-SriovFunction"),
        Rule("vgpu-hook show", "Show-Gpu"),
        Rule("vgpu-hook doctor(?:; or Test-VgpuHost)?", "Test-VgpuHost"),
        Rule("vgpu-hook boot", "Sync-VgpuLayout"),
        Rule("qm list", "Get-VgpuVm"),
        Rule(@"qm start (?<vm>\d+|<vm(?:id)?>)", "Start-VgpuVm ${vm}"),
        Rule(@"qm shutdown (?<vm>\d+|<vm(?:id)?>)", "Stop-VgpuVm ${vm}"),
        Rule(@"qm stop (?<vm>\d+|<vm(?:id)?>)", "Stop-VgpuVm ${vm} -Force"),
        Rule(@"qm set (?<vm>\d+|<vm>) --delete (?<entry>hostpci\d+)", "Remove-VmVgpu ${vm} -Entry ${entry}"),
        Rule(@"qm set (?<vm>\d+|<vm>) --delete hookscript", "Unregister-VgpuHook ${vm}"),
    ];

    /// <summary>What to do, as it is typed in PowerShell.</summary>
    [return: NotNullIfNotNull(nameof(action))]
    public static string? ForPowerShell(string? action) => action is null ? null : s_inPowerShell.Aggregate(
        action, (text, rule) => rule.Pattern.Replace(text, m => Tidy(m.Result(rule.Text))));

    // A GPU that was not named leaves its blank behind.
    private static string Tidy(string text) => text.TrimEnd();

    private static (Regex, string) Rule(string pattern, string text) =>
        (new Regex($@"(?<![\w/-]){pattern}(?![\w])", RegexOptions.CultureInvariant), text);
}
