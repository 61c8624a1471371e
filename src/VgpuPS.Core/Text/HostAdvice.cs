using System.Text.RegularExpressions;

namespace VgpuPS.Core.Text;

/// <summary>Advice as a host's shell can follow it: a host has no PowerShell.</summary>
/// <remarks>Source: design.md 4; facts/host-behaviour.md 2, 4 and 10 for NVIDIA's commands; facts/proxmox.md for
/// <c>qm</c>.</remarks>
public static partial class HostAdvice
{
    private const string Functions = "/usr/lib/nvidia/sriov-manage";

    // What stands behind a command's name: options and values up to the end of the command.
    private static readonly (Regex Command, string Shell)[] s_table =
    [
        (InstallDriver(), "sh $1 --dkms"),
        (EnableSriov(), Functions + " -e $1"),
        (DisableSriov(), Functions + " -d $1"),
        (EnableMig(), "nvidia-smi -i $1 -mig 1"),
        (DisableMig(), "nvidia-smi -i $1 -mig 0"),
        (RemoveTyped(), "echo 0 > /sys/bus/pci/devices/$1/nvidia/current_vgpu_type"),
        (RemoveMdev(), "echo 1 > /sys/bus/mdev/devices/$1/remove"),
        (RemoveInstances(), "nvidia-smi mig -dci; nvidia-smi mig -dgi"),
        (SaveLayout(), "edit /etc/vgpups/layout.json"),
        (SyncLayout(), "vgpu-hook boot"),
        (TestHost(), "vgpu-hook doctor$1"),
        (RegisterHook(), "qm set $1 --hookscript local:snippets/vgpu-hook"),
        (ChangeType(), "qm set $1 --hostpci0 <function>,mdev=nvidia-<number>"),
        (ChangeParameters(), "nano /etc/vgpups/config.json"),
        (ListProfiles(), "nvidia-smi mig -lgip"),
        (ListPlacements(), "nvidia-smi mig -lgipp"),
        (ListTypes(), "nvidia-smi vgpu -s -v"),
        (ListLicenses(), "nvidia-smi vgpu -q"),
        (Look(), "vgpu-hook show"),
    ];

    /// <summary>The advice with PowerShell commands replaced by what does the same on a host; one that nothing there
    /// does is named as a workstation's.</summary>
    public static string Of(string advice)
    {
        if (!Cmdlet().IsMatch(advice))
        {
            return advice;
        }

        foreach (var (command, shell) in s_table)
        {
            advice = command.Replace(advice, shell);
        }

        return Cmdlet().Match(advice) is { Success: true } left
            ? advice.Insert(left.Index, "from PowerShell on a workstation: ") : advice;
    }

    [GeneratedRegex(
        "\\b(?:Get|Set|New|Add|Remove|Enable|Disable|Test|Sync|Compare|Export|Register|Unregister|Install|Update|"
            + "Initialize|Repair|Show|Connect|Disconnect|Uninstall|Start|Stop|Invoke|Optimize|Find|Measure)-"
            + "[A-Z][A-Za-z]+\\b",
        RegexOptions.CultureInvariant)]
    private static partial Regex Cmdlet();

    [GeneratedRegex(@"\bInitialize-VgpuHost -DriverPath (<file\.run>|\S+\.run)", RegexOptions.CultureInvariant)]
    private static partial Regex InstallDriver();

    [GeneratedRegex(@"\bEnable-Sriov (?:-Gpu )?(<gpu>|[0-9a-f:.]+)(?: -Force)?", RegexOptions.CultureInvariant)]
    private static partial Regex EnableSriov();

    [GeneratedRegex(@"\bDisable-Sriov (?:-Gpu )?(<gpu>|[0-9a-f:.]+)(?: -Force)?", RegexOptions.CultureInvariant)]
    private static partial Regex DisableSriov();

    [GeneratedRegex(@"\bEnable-MigMode (?:-Gpu )?(<gpu>|[0-9a-f:.]+)", RegexOptions.CultureInvariant)]
    private static partial Regex EnableMig();

    [GeneratedRegex(@"\bDisable-MigMode (?:-Gpu )?(<gpu>|[0-9a-f:.]+)", RegexOptions.CultureInvariant)]
    private static partial Regex DisableMig();

    [GeneratedRegex(@"\bRemove-Vgpu -FunctionAddress ([0-9a-f:.]+)", RegexOptions.CultureInvariant)]
    private static partial Regex RemoveTyped();

    [GeneratedRegex(@"\bRemove-Vgpu -MdevUuid ([0-9a-f-]+)", RegexOptions.CultureInvariant)]
    private static partial Regex RemoveMdev();

    [GeneratedRegex(@"\bGet-MigInstance \| Remove-MigInstance", RegexOptions.CultureInvariant)]
    private static partial Regex RemoveInstances();

    [GeneratedRegex(
        @"\bExport-VgpuLayout -Save(?:; or edit /etc/vgpups/layout\.json)?", RegexOptions.CultureInvariant)]
    private static partial Regex SaveLayout();

    [GeneratedRegex(@"\bSync-VgpuLayout\b", RegexOptions.CultureInvariant)]
    private static partial Regex SyncLayout();

    [GeneratedRegex(@"(?:\bvgpu-hook doctor; or )?\bTest-VgpuHost\b( [A-Z][A-Za-z]+)?", RegexOptions.CultureInvariant)]
    private static partial Regex TestHost();

    [GeneratedRegex(@"\bRegister-VgpuHook -VmId (\d+)(?: -Storage \S+)?", RegexOptions.CultureInvariant)]
    private static partial Regex RegisterHook();

    [GeneratedRegex(
        @"\bSet-VmVgpu (?:-VmId )?(<vm>|\d+) -(?:Type|Function) <\w+>", RegexOptions.CultureInvariant)]
    private static partial Regex ChangeType();

    [GeneratedRegex(
        @"\bSet-VmVgpu (?:-VmId )?\d+ (?:-Entry )?hostpci\d+ -Parameter @\{\w*=?\w*\}", RegexOptions.CultureInvariant)]
    private static partial Regex ChangeParameters();

    [GeneratedRegex(@"\bGet-MigProfile\b(?: -Gpu [0-9a-f:.]+)?", RegexOptions.CultureInvariant)]
    private static partial Regex ListProfiles();

    [GeneratedRegex(@"\bGet-MigPlacement\b(?: -Gpu [0-9a-f:.]+)?", RegexOptions.CultureInvariant)]
    private static partial Regex ListPlacements();

    [GeneratedRegex(@"\bGet-VgpuType\b(?: -Gpu [0-9a-f:.]+)?(?: -Creatable)?", RegexOptions.CultureInvariant)]
    private static partial Regex ListTypes();

    [GeneratedRegex(@"\bGet-GridLicense\b", RegexOptions.CultureInvariant)]
    private static partial Regex ListLicenses();

    [GeneratedRegex(
        @"\b(?:Get-Gpu|Show-Gpu|Get-VmVgpu|Get-Vgpu|Get-SriovFunction|Get-MigInstance|Get-MigComputeInstance|"
            + @"Compare-VgpuLayout)\b(?: -(?:Gpu|VmId) [0-9a-f:.]+)?(?: -Free)?", RegexOptions.CultureInvariant)]
    private static partial Regex Look();
}
