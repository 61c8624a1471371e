using System.Management.Automation;
using System.Reflection;
using VgpuPS.Completers;
using VgpuPS.Help;
using VgpuPS.Sessions;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class CompletionTests : EngineTests
{
    /// <summary>Files of the machine that PowerShell runs on.</summary>
    private static readonly string[] s_local = ["Path", "TokenPath", "KeyFilePath", "LabState", "LabModel"];

    public static TheoryData<string, string[]> Offered => new()
    {
        { "Add-VmVgpu 101 -Memory ", ["4GB", "6GB", "8GB", "12GB", "24GB"] },
        { "New-MigInstance 0 -Profile 4g.24gb -ComputeInstance ", ["Full", "None", "1c.4g.24gb", "2c.4g.24gb"] },
        { "New-MigInstance 0 -Profile 1g.6gb -ComputeInstance ", ["Full", "None"] },
        { "New-MigComputeInstance 0 -GpuInstanceId 1 -ComputeProfile ", ["1c.2g.12gb", "2g.12gb"] },
        { "Remove-MigComputeInstance 0 -GpuInstanceId 1 -ComputeInstanceId ", ["0"] },
        { "Set-VgpuScheduler 1 EqualShare -TimesliceMilliseconds ", ["1", "30"] },
        { "Remove-Vgpu -Function ", ["0000:ca:00.5"] },
        { "Get-VgpuEvent -Source ", ["Add-VmVgpu", "Enable-MigMode", "Enable-Sriov", "New-MigInstance", "New-Vgpu"] },
        { "Get-VgpuEvent -Action create", ["createComputeInstance", "createGpuInstance"] },
        { "Get-VgpuEvent -VmId ", ["101"] },
        { "Set-LabGuest 101 -DiskIsFull ", ["$true", "$false"] },
    };

    private const string Made =
        "Enable-MigMode 0 -Reset; Enable-Sriov 0,1; New-MigInstance 0 -Profile 2g.12gb -Placement 0:2; "
            + "Add-VmVgpu 101 A30-8C -Function 0000:ca:00.4; New-Vgpu -Function 0000:ca:00.5 -Type A30-8C";

    [Theory]
    [MemberData(nameof(Offered))]
    public void What_is_there_is_offered_and_nothing_else(string typed, string[] words)
    {
        Run(Made);
        Assert.Equal(words, Complete(typed).Where(w => !w.Contains("CME", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_function_that_is_taken_or_in_a_configuration_is_not_free()
    {
        Run(Made);
        var offered = Complete("Add-VmVgpu 102 -Function 0000:ca");
        Assert.Equal("0000:ca:00.6", offered[0]);
        Assert.Equal(14, offered.Count);
        Assert.Equal(16, Complete("Get-SriovFunction -Function 0000:ca").Count);
    }

    [Fact]
    public void A_mediated_device_is_offered_by_its_UUID()
    {
        Lab(options: "-PveVersion 8.4");
        Run("Enable-Sriov 1; New-Vgpu 1 A30-8C -Uuid 6e1c1b0a-0f1d-4d3b-9a55-0f8a52b1d001");
        Assert.Equal(["6e1c1b0a-0f1d-4d3b-9a55-0f8a52b1d001"], Complete("Remove-Vgpu -MdevUuid "));
    }

    [Fact]
    public void Packages_on_the_host_are_offered_and_no_file_of_this_machine()
    {
        Lab(options: "-Bare");
        Assert.Equal(
            ["/root/NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run"], Complete("Initialize-VgpuHost -DriverPath "));
        Assert.NotEmpty(Complete("Initialize-VgpuHost NVIDIA-Linux"));
        Assert.Equal(
            ["/root/NVIDIA-Linux-x86_64-580.105.08-grid.run"], Complete("Install-VmVgpuDriver 101 -Path "));
    }

    [Fact]
    public void No_value_falls_through_to_the_names_of_files()
    {
        var commands = CommandModel.FindAll(typeof(VgpuCmdlet).Assembly);
        List<string> wrong = [];
        foreach (var (command, parameter) in commands.SelectMany(c => c.Parameters.Select(p => (c, p)))
            .Where(p => !p.p.IsSwitch && !IsLocalPath(p.p)))
        {
            var typed = $"{command.Name} -{parameter.Name} ";
            wrong.AddRange(CompleteOnce(typed).Where(w => w.StartsWith("./", StringComparison.Ordinal))
                .Take(1).Select(w => typed + w));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void A_path_of_this_machine_does() => Assert.Contains(
        CompleteOnce("Sync-VgpuLayout -Path "), w => w.EndsWith("VgpuPS.psd1", StringComparison.Ordinal));

    [Fact]
    public void Hosts_come_from_the_files_of_OpenSSH_without_patterns_and_hashes()
    {
        var folder = PathOf(".ssh");
        Directory.CreateDirectory(Path.Combine(folder, "conf.d"));
        File.WriteAllText(Path.Combine(folder, "config"), """
            # a comment
            Include conf.d/*.conf
            Include ~/other
            Host pve1 pve2 *.lab !no
                HostName 10.0.0.1
            host="pve3"
            Match host x
            """);
        File.WriteAllText(Path.Combine(folder, "conf.d", "a.conf"), "Host pve4\nInclude deeper\n");
        File.WriteAllText(Path.Combine(folder, "deeper"), "Host toodeep\n");
        File.WriteAllText(Path.Combine(folder, "..", "other"), "Host pve5\n");
        File.WriteAllText(Path.Combine(folder, "known_hosts"), """
            pve1,10.0.0.1 ssh-ed25519 AAAA
            [pve6]:2222 ssh-ed25519 AAAA
            [fe80::1]:2222 ssh-ed25519 AAAA
            |1|hash=|hash= ssh-ed25519 AAAA
            @revoked bad ssh-ed25519 AAAA
            *.lab ssh-ed25519 AAAA
            """);
        Assert.Equal(
            ["pve1", "pve2", "pve3", "pve4", "pve5", "10.0.0.1", "pve6:2222", "[fe80::1]:2222"],
            SshNames.Find(folder).Select(n => n.Name));
        Assert.Empty(SshNames.Find(Path.Combine(folder, "none")));
    }

    private static bool IsLocalPath(ParameterModel parameter) => s_local.Contains(parameter.Name)
        && parameter.Property.GetCustomAttribute<ArgumentCompleterAttribute>() is null;
}
