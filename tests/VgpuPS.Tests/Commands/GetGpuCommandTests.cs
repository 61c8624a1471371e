using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetGpuCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-Gpu 7", "DeviceNotFound", ErrorCategory.ObjectNotFound },
        { "Get-Gpu -Session nowhere", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Get-Gpu ", "0000:4b:00.0" },
        { "Get-Gpu 0000:ca", "0000:ca:00.0" },
        { "Get-Gpu -Session l", "lab" },
    };

    [Fact]
    public void A_GPU_is_found_by_index_UUID_each_form_of_its_address_and_model()
    {
        var gpu = One<GpuInfo>("Get-Gpu 1");
        foreach (var name in new[] { gpu.GpuUuid, gpu.GpuAddress, "00000000:CA:00.0", "ca:00.0" })
        {
            Assert.Equal(1, One<int>($"(Get-Gpu {name}).GpuIndex"));
        }

        Assert.Equal(2, Values("Get-Gpu *A30*").Length);
        Assert.Equal(2, Values("Get-Gpu a30").Length);
    }

    [Fact]
    public void The_GPU_that_is_not_there_is_named_and_a_wildcard_is_silent()
    {
        Assert.Equal("7", Refusal("Get-Gpu 7").TargetObject);
        Assert.Empty(Values("Get-Gpu *H100*"));
    }

    [Fact]
    public void One_that_is_not_there_does_not_stop_the_next()
    {
        var result = Try("(Get-Gpu 7, 0).GpuIndex");
        Assert.Equal(0, Assert.Single(result.Output).BaseObject);
        Assert.Equal(["DeviceNotFound"], result.ErrorIds);
    }

    [Fact]
    public async Task A_GPU_that_does_not_answer_is_an_error_beside_the_others()
    {
        (await OpenLabAsync()).Host.Edit(s => s.Gpus[1].IsLost = true);
        var result = Try("(Get-Gpu).GpuAddress");
        Assert.Equal("0000:4b:00.0", Assert.Single(result.Output).BaseObject);
        Assert.Equal(["DriverNotReady"], result.ErrorIds);
    }

    [Fact]
    public async Task Claims_that_cannot_be_read_are_a_warning()
    {
        (await OpenLabAsync()).Host.Put("/run/vgpups/claims.json", "no JSON");
        Assert.Equal(
            [2, "host lab: the claims file"],
            Values("$w = @(); $n = @(Get-Gpu -WarningVariable w).Count; $n; \"$w\".Substring(0, 25)"));
    }

    [Fact]
    public void All_hosts_are_asked_and_one_host_for_what_is_only_there()
    {
        Run("Connect-VgpuHost -Lab H100-PCIe -Name other");
        Assert.Equal(["lab", "other"], Values("(Get-Gpu 0).VgpuHost | Sort-Object"));
        Assert.Equal("other", One<string>("(Get-Gpu (Get-Gpu -Session other).GpuUuid).VgpuHost"));
    }

    [Fact]
    public void The_GPUs_of_a_host_are_shown_together_below_its_name()
    {
        Run("Connect-VgpuHost -Lab A30, A30 -Name other");
        const string Lines = """
            @(Get-Gpu | Out-String -Stream | Select-String '^ +Host: (\w+)|^ +(\d) 0000:' | ForEach-Object {
                $_.Matches.Groups[1, 2].Value -join ''
            }) -join ' '
            """;
        for (var i = 0; i < 5; i++)
        {
            Assert.Contains(One<string>(Lines), (string[])["lab 0 1 other 0 1", "other 0 1 lab 0 1"]);
        }
    }

    [Fact]
    public void The_only_object_and_the_array_bind_alike_as_an_argument()
    {
        Assert.Equal(0, One<int>("(Get-Gpu (Get-Gpu 0)).GpuIndex"));
        Assert.Equal(2, Values("Get-Gpu (Get-Gpu)").Length);
    }

    [Fact]
    public void Typed_numbers_stay_typed_when_it_is_serialised_and_the_copy_binds()
    {
        Run("$s = [System.Management.Automation.PSSerializer]; $copy = $s::Deserialize($s::Serialize((Get-Gpu 0)))");
        Assert.Equal(24576L, One<long>("$copy.MemoryMiB"));
        Assert.Equal(0, One<int>("($copy | Get-Gpu).GpuIndex"));
    }
}
