using System.Management.Automation;
using VgpuPS.Core.Advice;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVgpuAdviceCommandTests : ReadingCommandTests
{
    private const string Dev = "@{ Name = 'dev'; Count = 4; Memory = '6GB' }";

    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-VgpuAdvice", "MissingParameter", ErrorCategory.InvalidArgument },
        { "@{ Name = 'a'; Memory = '6GB'; Guaranty = 'yes' } | Get-VgpuAdvice", "InvalidTenant",
            ErrorCategory.InvalidArgument },
        { "@{ Name = 'a' } | Get-VgpuAdvice", "InvalidTenant", ErrorCategory.InvalidArgument },
        { "@{ Memory = '6GB'; Count = 0 } | Get-VgpuAdvice", "InvalidTenant", ErrorCategory.InvalidArgument },
        { "@{ Memory = '6GB'; Count = -2 } | Get-VgpuAdvice", "InvalidTenant", ErrorCategory.InvalidArgument },
        { "@{ Memory = '6GB'; Count = 1e9 } | Get-VgpuAdvice", "InvalidTenant", ErrorCategory.InvalidArgument },
        { "@{ Memory = 0 } | Get-VgpuAdvice", "InvalidTenant", ErrorCategory.InvalidArgument },
        { "@{ Memory = '6GB'; Count = 10000 } | Get-VgpuAdvice", "InvalidTenant", ErrorCategory.InvalidArgument },
        { "@{ Memory = '6GB', '8GB' } | Get-VgpuAdvice", "InvalidTenant", ErrorCategory.InvalidArgument },
        { "@{ Name = 'a*'; Memory = '6GB' }, @{ Name = 'A*'; Memory = '6GB' } | Get-VgpuAdvice", "InvalidTenant",
            ErrorCategory.InvalidArgument },
        { "@{ Memory = '6GB'; Kernels = 'huge' } | Get-VgpuAdvice", "InvalidTenant", ErrorCategory.InvalidArgument },
        { "@{ Memory = '6GB'; VmId = 7 } | Get-VgpuAdvice", "InvalidTenant", ErrorCategory.InvalidArgument },
        { "@{ Memory = '6GB'; VmId = 101 }, @{ Memory = '6GB'; VmId = 101 } | Get-VgpuAdvice", "InvalidTenant",
            ErrorCategory.InvalidArgument },
        { "@{ Memory = '25GB' } | Get-VgpuAdvice", "TenantsNotServed", ErrorCategory.ResourceUnavailable },
        { $"{Dev} | Get-VgpuAdvice -Model A31", "LabModelNotFound", ErrorCategory.InvalidArgument },
        { $"{Dev} | Get-VgpuAdvice -Model A30 -Session lab", "ConflictingParameters", ErrorCategory.InvalidArgument },
        { $"{Dev} | Get-VgpuAdvice -Count 2", "MissingParameter", ErrorCategory.InvalidArgument },
        { $"{Dev} | Get-VgpuAdvice -Path x.json", "ConflictingParameters", ErrorCategory.InvalidArgument },
        { "Get-VgpuAdvice -Path none.json", "TenantsNotFound", ErrorCategory.ObjectNotFound },
        { $"{Dev} | Get-VgpuAdvice -Gpu 7", "DeviceNotFound", ErrorCategory.ObjectNotFound },
        { $"{Dev} | Get-VgpuAdvice -Measurement 'x'", "InvalidMeasurement", ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Get-VgpuAdvice -Model A3", "A30" },
        { "Get-VgpuAdvice -Gpu ", "0" },
    };

    protected override string Line => $"{Dev} | Get-VgpuAdvice";

    [Fact]
    public void The_recommendation_is_read_as_text()
    {
        var text = Show(Line);
        Assert.Contains("Recommended for lab: MIG-backed", text, StringComparison.Ordinal);
        Assert.Contains("GPU 0 (A30): MIG on, 4 x 1g.6gb: 4 x A30-1-6C", text, StringComparison.Ordinal);
        Assert.Contains("Sync-VgpuLayout -Reset -WhatIf", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_of_text_is_read_as_objects_are()
    {
        Run($"Set-Content '{PathOf("t.csv")}' 'Name,Count,Memory,Guarantee,Unified Memory,VmId', "
            + "'dev,2,12 GB,yes,,\"101,102\"', 'old,,6144MiB,no,no,'");
        var advice = One<VgpuAdviceInfo>($"Import-Csv '{PathOf("t.csv")}' | Get-VgpuAdvice");
        Assert.Equal(["dev: 2 x A30-2-12C", "old: 1 x A30-1-6C"], advice.Tenants.Select(t => t.ToString()));
        Assert.Equal([101, 102], advice.Assignments.Select(a => a.VmId));
    }

    [Fact]
    public void A_file_may_have_comments_and_what_is_wrong_is_said_with_its_place()
    {
        File.WriteAllText(PathOf("t.json"), """
            // who shares the GPUs
            { "version": 1, "tenants": [
              { "name": "dev", "count": 2, "memory": "6GB", "vmId": [101, 102] },
              { "name": "chat", "memory": 12884901888, "burst": true, /* one VM */ "vmId": 103 },
            ] }
            """);
        var advice = One<VgpuAdviceInfo>($"Get-VgpuAdvice -Path '{PathOf("t.json")}'");
        Assert.Equal([101, 102, 103], advice.Assignments.Select(a => a.VmId));

        File.WriteAllText(PathOf("t.json"), """
            [ { "name": "dev", "memory": "6GB" },
              { "name": "chat", "memory": "6GB", "kernels": "huge" } ]
            """);
        Assert.Contains(
            ": kernels 'huge' must be small, large or unknown",
            Refusal($"Get-VgpuAdvice -Path '{PathOf("t.json")}'").Exception.Message, StringComparison.Ordinal);

        File.WriteAllText(PathOf("t.json"), """{ "tenants": [ { "name": "dev", "memory": "6GB" }, null ] }""");
        Assert.Contains(
            "null is no tenant",
            Refusal($"Get-VgpuAdvice -Path '{PathOf("t.json")}'").Exception.Message, StringComparison.Ordinal);

        File.WriteAllText(PathOf("t.json"), """[ { "name": "dev", "memry": "6GB" } ]""");
        Assert.Contains(
            "the nearest is 'memory'", Refusal($"Get-VgpuAdvice -Path '{PathOf("t.json")}'").Exception.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[\n  { \"name\": \"a\", \"memory\": \"6GB\",\n    \"memory\": \"8GB\" } ]",
        "cannot be read at line 3, column 13: 'memory' is specified twice", "correct it there")]
    [InlineData("[ { \"memory\": \"6GB\", \"Memory\": \"8GB\" } ]", "'memory' is specified twice", "correct it there")]
    [InlineData("", ": it is empty", "correct it there")]
    [InlineData(" \n", ": it is empty", "correct it there")]
    [InlineData("// none yet\n", "line 2, column 1: the text ends there", "correct it there")]
    [InlineData("[", "line 1, column 1: the text ends there", "correct it there")]
    [InlineData("\uFEFF[ { \"memory\": \"6GB\",\r\n \"memry\": 1 } ]",
        "line 2, column 9: 'memry' is not a known member",
        "correct it there")]
    [InlineData("Name,Count,Memory\ndev,1,6GB\n", "the text is not JSON there", "for a table: Import-Csv '")]
    [InlineData("[ { \"memory\": [ \"6GB\", \"7GB\" ] } ]", "memory '6GB, 7GB' is not a memory size",
        "correct it there")]
    [InlineData("[ { \"memory\": \"6\" } ]", "memory '6' is not a memory size; write one above 0", "correct it there")]
    [InlineData("[ { \"memory\": \"6GB\", \"count\": 10000 } ]", "from 1 to 1024", "correct it there")]
    public void What_is_wrong_in_a_file_is_said_with_its_place(string text, string reason, string action)
    {
        File.WriteAllText(PathOf("t.json"), text);
        var refusal = Refusal($"Get-VgpuAdvice -Path '{PathOf("t.json")}'");
        Assert.Contains(reason, refusal.Exception.Message, StringComparison.Ordinal);
        Assert.StartsWith(action, refusal.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_of_semicolons_is_named_as_such()
    {
        Run($"Set-Content '{PathOf("t.csv")}' 'Name;Count;Memory', 'dev;2;6GB'");
        var refusal = Refusal($"Import-Csv '{PathOf("t.csv")}' | Get-VgpuAdvice");
        Assert.Contains("'Name;Count;Memory' is one column", refusal.Exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("-Delimiter \";\"", refusal.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(
            "dev: 2 x A30-1-6C",
            One<string>($"(Import-Csv '{PathOf("t.csv")}' -Delimiter ';' | Get-VgpuAdvice).Tenants[0].ToString()"));
    }

    [Fact]
    public void Without_a_host_no_command_for_a_host_is_named()
    {
        var refusal = Refusal("@{ Memory = '25GB' } | Get-VgpuAdvice -Model A30");
        Assert.DoesNotMatch("[A-Z][a-z]+-[A-Z][a-z]+[A-Z]", refusal.ErrorDetails.RecommendedAction);
        Assert.DoesNotMatch("[A-Z][a-z]+-[A-Z][a-z]+[A-Z]", refusal.Exception.Message);
        var lines = One<VgpuAdviceInfo>("@{ Name = 'a'; Memory = '6GB'; Count = 2; Burst = 1; LiveMigration = 1; "
            + "VmId = 101 }, @{ Name = 'b'; Memory = '12GB'; Burst = 1 } | Get-VgpuAdvice -Model A30").Lines;
        Assert.Contains(lines, l => l.Contains("mixed sizes", StringComparison.Ordinal));
        Assert.All(lines, l => Assert.DoesNotMatch("[A-Z][a-z]+-[A-Z][a-z]+[A-Z]", l));
    }

    [Fact]
    public void Bursts_of_two_sizes_share_a_GPU_and_start()
    {
        Run("$advice = @{ Name = 'a'; Memory = '6GB'; Count = 2; Burst = 1; VmId = 101, 102 }, "
            + "@{ Name = 'b'; Memory = '12GB'; Burst = 1; VmId = 103 } | Get-VgpuAdvice -Gpu 0");
        Run("$advice | Sync-VgpuLayout -Confirm:$false; $advice.Assignments | Add-VmVgpu; Start-LabVm 101,102,103");
        Assert.Equal(
            ["A30-12C", "A30-6C", "A30-6C"], Values("(Get-Vgpu).VgpuType | Sort-Object").Cast<string>());
    }

    [Fact]
    public void Advice_goes_on_to_the_layout_and_to_VMs_that_run()
    {
        Run("$tenants = @{ Name = 'chat'; Count = 2; Memory = '12GB'; Burst = 'yes'; VmId = 101, 102 }, "
            + "@{ Name = 'train'; Count = 2; Memory = 6GB; Guarantee = $true; VmId = '103,104' }");
        Run("$advice = $tenants | Get-VgpuAdvice");
        Run("$advice | Sync-VgpuLayout -Reset -Confirm:$false");
        Assert.True(One<bool>("$advice.Layout.Gpus.Count -eq 2"));
        Run("$advice.Assignments | Add-VmVgpu; Start-LabVm 101,102,103,104");
        Assert.Equal(
            ["A30-12C", "A30-12C", "A30-1-6C", "A30-1-6C"],
            Values("(Get-Vgpu | Sort-Object VmId).VgpuType"));
        Assert.Equal(
            Values("$advice.Assignments.FunctionAddress | Sort-Object"),
            Values("(Get-Vgpu).FunctionAddress | Sort-Object"));
    }

    [Fact]
    public void A_tenant_of_unified_memory_has_its_parameter_in_the_pipe()
    {
        Run("$advice = @{ Memory = '12GB'; UnifiedMemory = 'yes'; VmId = 101 } | Get-VgpuAdvice");
        Run("$advice | Sync-VgpuLayout -Reset -Confirm:$false; $advice.Assignments | Add-VmVgpu; Start-LabVm 101");
        Assert.Contains("enable_uvm=1", Show("Get-VmVgpu 101 | Format-List *"), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_advices_are_refused_before_anything_changes()
    {
        var before = State();
        AssertRefused(
            $"{Dev} | Get-VgpuAdvice -All | Sync-VgpuLayout -Reset", "AmbiguousLayout", ErrorCategory.InvalidArgument);
        Assert.Equal(before, State());
    }

    [Fact]
    public void Advice_of_a_file_and_of_JSON_goes_on_as_well()
    {
        Run($"{Dev} | Get-VgpuAdvice | Export-Clixml '{PathOf("a.xml")}'");
        Run($"{Dev} | Get-VgpuAdvice | ConvertTo-Json -Depth 9 | Set-Content '{PathOf("a.json")}'");
        foreach (var advice in new[]
        {
            $"Import-Clixml '{PathOf("a.xml")}'", $"Get-Content '{PathOf("a.json")}' -Raw | ConvertFrom-Json",
        })
        {
            Run($"{advice} | Sync-VgpuLayout -Reset -Confirm:$false");
            Assert.Equal(4, Values("Get-MigInstance").Length);
            Run("Disable-MigMode 0 -Reset -Force -Confirm:$false");
        }

        Run("Export-VgpuLayout | Sync-VgpuLayout");
        AssertRefused("'./layout.json' | Sync-VgpuLayout", "InvalidLayout", ErrorCategory.InvalidArgument);
    }

    [Fact]
    public void Advice_for_no_host_is_for_no_host_to_apply()
    {
        Run($"$advice = {Dev} | Get-VgpuAdvice -Model A30 -Count 2");
        Assert.Equal("2 x A30", One<string>("$advice.VgpuHost"));
        Assert.Equal("SessionNotFound", RefusalId("$advice | Sync-VgpuLayout"));
    }

    [Fact]
    public void What_VMs_have_stays_and_is_said()
    {
        Run("Enable-MigMode 0 -Reset; Enable-Sriov 0,1; Add-VmVgpu 101 A30-1-6C; Start-LabVm 101; "
            + "Add-VmVgpu 103 A30-12C; Start-LabVm 103");
        var advice = One<VgpuAdviceInfo>("@{ Name = 'a'; Count = 3; Memory = '6GB'; Guarantee = 1 },"
            + "@{ Name = 'b'; Memory = '12GB'; Burst = 1 } | Get-VgpuAdvice");
        Assert.Equal(["a: 3 x A30-1-6C", "b: 1 x A30-12C"], advice.Tenants.Select(t => t.ToString()));
        Assert.Contains(advice.Notes, n => n.Contains("A30-1-6C of VM 101", StringComparison.Ordinal));
        Assert.Empty(advice.Unsatisfied);
        Run("$advice = @{ Name = 'a'; Count = 3; Memory = '6GB'; Guarantee = 1 } | "
            + "Get-VgpuAdvice; $advice | Sync-VgpuLayout -Confirm:$false");
        Assert.Equal(4, Values("Get-MigInstance").Length);
        Assert.Equal([101, 103], Values("(Get-Vgpu).VmId | Sort-Object").Cast<int>());
    }

    [Fact]
    public void Instances_of_stopped_VMs_keep_their_places()
    {
        Run("Enable-MigMode 0 -Reset; Enable-Sriov 0; Add-VmVgpu 101 A30-2-12C");
        var advice = One<VgpuAdviceInfo>(
            "@{ Name = 'a'; Count = 4; Memory = '6GB'; Guarantee = 1 } | Get-VgpuAdvice -Gpu 0");
        Assert.Equal("a: 2 x A30-1-6C", advice.Tenants[0].ToString());
        Run("@{ Name = 'a'; Count = 4; Memory = '6GB'; Guarantee = 1 } | Get-VgpuAdvice -Gpu 0 -WarningAction Ignore | "
            + "Sync-VgpuLayout; Start-LabVm 101");
        Assert.Equal(["A30-2-12C"], Values("(Get-Vgpu).VgpuType"));
    }

    [Fact]
    public void Where_sizes_are_mixed_already_each_tenant_has_its_own()
    {
        Run("Enable-Sriov 0; Enable-VgpuMixedSize 0");
        Run("$advice = @{ Name = 'a'; Memory = '12GB'; Burst = 1; VmId = 101 }, "
            + "@{ Name = 'b'; Count = 2; Memory = '6GB'; Burst = 1; VmId = 102, 103 } | Get-VgpuAdvice -Gpu 0");
        Assert.Equal(["a: 1 x A30-12C", "b: 2 x A30-6C"], Values("$advice.Tenants").Select(t => t!.ToString()!));
        Run("$advice | Sync-VgpuLayout -Confirm:$false; $advice.Assignments | Add-VmVgpu; Start-LabVm 101,102,103");
        Assert.Equal(3, Values("Get-Vgpu").Length);
    }

    [Fact]
    public void A_VM_that_has_a_vGPU_already_is_noted_and_not_assigned()
    {
        Run("Enable-Sriov 0,1; Add-VmVgpu 101 A30-6C");
        var advice = One<VgpuAdviceInfo>("@{ Count = 2; Memory = '6GB'; VmId = 101, 102 } | Get-VgpuAdvice");
        Assert.Equal(102, Assert.Single(advice.Assignments).VmId);
        Assert.Contains(advice.Notes, n => n.Contains("Remove-VmVgpu 101", StringComparison.Ordinal));
    }

    [Fact]
    public void Asked_again_the_VMs_that_are_served_are_not_counted_twice()
    {
        Run("$tenants = @{ Name = 'a'; Memory = '6GB'; Count = 2; Guarantee = 1; VmId = 101, 102 }; "
            + "$advice = $tenants | Get-VgpuAdvice -Gpu 0; $advice | Sync-VgpuLayout -Reset -Confirm:$false; "
            + "$advice.Assignments | Add-VmVgpu; Start-LabVm 101");
        Assert.Empty(Values("$tenants | Get-VgpuAdvice -WarningVariable told -WarningAction Ignore"));
        Assert.Contains("(101, 102)", One<string>("\"$told\""), StringComparison.Ordinal);
        Run("$tenants | Get-VgpuAdvice -WarningAction Ignore | Sync-VgpuLayout");
        Assert.Equal(2, Values("Get-MigInstance").Length);

        var advice = One<VgpuAdviceInfo>(
            "$tenants, @{ Name = 'b'; Memory = '6GB'; Guarantee = 1; Count = 2 } | Get-VgpuAdvice -Gpu 0");
        Assert.Equal(["b: 2 x A30-1-6C"], advice.Tenants.Select(t => t.ToString()));
        Assert.Empty(advice.Unsatisfied);
        Assert.Contains(advice.Notes, n => n.StartsWith("VM 102 keeps the vGPU", StringComparison.Ordinal));
    }

    [Fact]
    public void VMs_of_two_hosts_get_GPUs_of_their_own_host()
    {
        Run("Connect-VgpuHost -Lab A30 -Name pve2; New-LabVm 201 -Session pve2 | Out-Null");
        var rows = Values("@{ Name = 'a'; Memory = '24GB'; VmId = 201 }, @{ Name = 'b'; Memory = '24GB'; VmId = 101 } "
            + "| Get-VgpuAdvice").Cast<VgpuAdviceInfo>().ToList();
        Assert.Equal(
            [("lab", 101), ("pve2", 201)], rows.Select(r => (r.VgpuHost, r.Assignments.Single().VmId)));
        Run("$all = @{ Name = 'a'; Memory = '24GB'; VmId = 201 }, @{ Name = 'b'; Memory = '24GB'; VmId = 101 } "
            + "| Get-VgpuAdvice; $all | Sync-VgpuLayout -Reset -Confirm:$false; $all.Assignments | Add-VmVgpu");
        Assert.Equal(2, Values("Get-VmVgpu").Length);
    }

    [Fact]
    public void Measurements_of_a_file_are_the_expected_figures()
    {
        Run("$m = foreach ($mode in 'Idle','Loaded') { [pscustomobject]@{ VgpuHost = 'lab'; Model = 'NVIDIA A30'; "
            + "VgpuType = 'A30-1-6C'; Workload = 'DeviceMemory'; Mode = $mode; Value = 190.5; WorkingCount = 4; "
            + "VmId = 101; Tool = 'Builtin'; Unit = 'GB/s'; Sharing = 'MigBacked'; GpuUuid = 'GPU-1'; VgpuCount = 4; "
            + "Time = [datetime]'2026-01-05'; Seconds = 10; IsSimulated = $true } }");
        var figure = One<VgpuAdviceFigure>($"({Dev} | Get-VgpuAdvice -Measurement $m).Tenants[0].Figures | "
            + "Where-Object Workload -eq DeviceMemory");
        Assert.Equal((190.5, 190.5, "Measured"), (figure.Idle, figure.Loaded, figure.Basis));
    }
}
