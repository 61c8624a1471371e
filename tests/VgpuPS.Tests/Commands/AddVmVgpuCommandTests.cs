using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class AddVmVgpuCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Add-VmVgpu 900 -Memory 6GB", "VmIsTemplate", ErrorCategory.InvalidArgument },
        { "Add-VmVgpu 555 -Memory 6GB", "VmNotFound", ErrorCategory.ObjectNotFound },
        { "Add-VmVgpu 101", "MissingParameter", ErrorCategory.InvalidArgument },
        { "Add-VmVgpu 101 A30-6C -Memory 6GB", "ConflictingParameters", ErrorCategory.InvalidArgument },
        { "Add-VmVgpu 101 -Memory '1,5GB'", "InvalidMemorySize", ErrorCategory.InvalidArgument },
        { "Add-VmVgpu 101 -Memory much", "InvalidMemorySize", ErrorCategory.InvalidArgument },
        { "Add-VmVgpu 101 A100-1-5C", "VgpuTypeNotFound", ErrorCategory.ObjectNotFound },
        { "Add-VmVgpu 101 -Profile 3g.20gb", "ProfileNotFound", ErrorCategory.ObjectNotFound },
        { "Add-VmVgpu 101 -Memory 6GB -Mapping 'bad name'", "InvalidMappingName", ErrorCategory.InvalidArgument },
        { "Add-VmVgpu 101 -Memory 6GB -Mapping none", "MappingNotFound", ErrorCategory.ObjectNotFound },
        { "Add-VmVgpu 101 -Memory 6GB -Storage none", "NoSnippetStorage", ErrorCategory.ObjectNotFound },
        { "Add-VmVgpu 101 -Memory 6GB -Function 0000:99:00.4", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Add-VmVgpu -VmId we", "101" },
        { "Add-VmVgpu -VmName bui", "102" },
        { "Add-VmVgpu -VmId 101 -Type A30-12", "A30-12C" },
        { "Add-VmVgpu -VmId 101 -Profile 2g", "2g.12gb" },
        { "Add-VmVgpu -VmId 101 -Storage lo", "local" },
    };

    protected override string Line => "Add-VmVgpu 101 A30-6C";

    protected override string Plan => @"set hostpci0 of VM 101 \(web\) to 0000:4b:00.4,mdev=nvidia-685,pcie=1";

    [Fact]
    public void Plugin_parameters_that_are_none_are_said_in_one_short_line()
    {
        AssertRefused(
            "Add-VmVgpu 101 A30-6C -Parameter @{disable_vnc=\"1`nfoo=1\"}", "InvalidVgpuParameter",
            ErrorCategory.InvalidArgument, @"'1\nfoo=1' is not a whole number");
        AssertRefused(
            "Add-VmVgpu 101 A30-6C -Parameter @{disable_vnc='1' * 5000}", "InvalidVgpuParameter",
            ErrorCategory.InvalidArgument, $"'{new string('1', 40)}…' is not");
        AssertRefused(
            "Add-VmVgpu 101 A30-6C -Parameter @{disable_vnc=1,0}", "InvalidVgpuParameter",
            ErrorCategory.InvalidArgument, "'1,0' is not");
        AssertRefused(
            "$twice = [Collections.Hashtable]::new(); $twice['disable_vnc'] = 1; $twice['Disable_VNC'] = 0; "
                + "Add-VmVgpu 101 A30-6C -Parameter $twice", "InvalidVgpuParameter",
            ErrorCategory.InvalidArgument, "is specified twice");
        AssertRefused(
            "Add-VmVgpu 101 A30-6C -Parameter @{enable_uvm=1}", "InvalidVgpuParameter", ErrorCategory.InvalidArgument,
            "whole frame buffer", "Get-Help Add-VmVgpu -Parameter Parameter");
    }

    [Fact]
    public void A_VM_gets_a_vGPU_and_the_hook_and_what_was_read_back_is_written()
    {
        var vgpu = One<VmVgpuInfo>("Add-VmVgpu -VmId 101 -Type A30-12C -PassThru");
        Assert.Equal((101, "hostpci0", "0000:4b:00.4"), (vgpu.VmId, vgpu.Entry, vgpu.FunctionAddress));
        Assert.Equal((687u, true, "lab"), (vgpu.VgpuTypeId, vgpu.PciExpress, vgpu.VgpuHost));
        Assert.True(One<VgpuHookInfo>("Get-VgpuHook 101").IsRegistered);
        Assert.Empty(Values("Add-VmVgpu 102 -Type A30-12C"));
    }

    [Theory]
    [InlineData("6GB")]
    [InlineData("'6GB'")]
    [InlineData("'6144 MiB'")]
    public void Memory_is_a_number_of_bytes_or_text(string memory) =>
        Assert.Equal("A30-6C", One<VmVgpuInfo>($"Add-VmVgpu web -Memory {memory} -PassThru").VgpuType);

    [Fact]
    public void A_profile_is_taken_before_MIG_mode_is_on_and_what_is_missing_is_reported()
    {
        Assert.Contains(
            Run("Add-VmVgpu 101 -Profile 2g.12gb").Steps,
            s => s.Contains("enable MIG mode of GPU 0", StringComparison.Ordinal));
        Assert.Equal("A30-2-12C", One<VmVgpuInfo>("Get-VmVgpu 101").VgpuType);
    }

    [Fact]
    public void The_guest_sees_a_PCI_device_where_that_is_asked_for() =>
        Assert.False(One<VmVgpuInfo>("Add-VmVgpu 101 A30-6C -PciExpress:$false -PassThru").PciExpress);

    [Fact]
    public void The_hookscript_is_left_alone_where_that_is_asked_for()
    {
        Run("Add-VmVgpu 101 A30-6C -NoHook");
        Assert.False(One<VgpuHookInfo>("Get-VgpuHook 101").IsRegistered);
    }

    [Fact]
    public void Rows_of_a_table_bind_blank_cells_and_all_and_one_that_fails_does_not_stop_the_next()
    {
        var result = Try("""
            @'
            VmId,Type,Profile,Memory,Function,PrimaryGpu
            101,A30-6C,,,,
            build,,,6GB,,true
            777,A30-6C,,,,
            103,A30-6C,,6GB,,
            104,,,"6144MB",0000:ca:00.9,
            104,,,"6144MB",0000:ca:00.7,
            '@ | ConvertFrom-Csv | Add-VmVgpu -PassThru
            """);
        var created = result.Output.Select(o => (VmVgpuInfo)o.BaseObject).ToList();
        Assert.Equal([101, 102, 104], created.Select(m => m.VmId));
        Assert.Equal([false, true, false], created.Select(m => m.PrimaryGpu));
        Assert.Equal("0000:ca:00.7", created[2].FunctionAddress);
        Assert.Equal(["VmNotFound", "ConflictingParameters", "InvalidAddress"], result.ErrorIds);
    }

    [Fact]
    public void A_second_type_is_refused_where_a_type_allows_one_a_VM()
    {
        Lab("A40");
        Run("Add-VmVgpu 101 A40-1B");
        AssertRefused("Add-VmVgpu 101 A40-1B", "TooManyVgpus", ErrorCategory.ResourceUnavailable);
    }

    [Fact]
    public async Task VMs_get_different_functions_from_several_runspaces_at_once()
    {
        await Task.WhenAll(Enumerable.Range(101, 4).Select(vm => RunElsewhereAsync($"Add-VmVgpu {vm} A30-6C")));
        Assert.Equal(4, Values("(Get-VmVgpu).FunctionAddress | Select-Object -Unique").Length);
    }

    [Fact]
    public void VMs_that_got_one_start()
    {
        Run("Add-VmVgpu 101, 102 -Memory 12GB; Start-LabVm 101, 102");
        Assert.Equal([101, 102], Values("(Get-Vgpu).VmId | Sort-Object"));
    }

    [Fact]
    public async Task Mappings_that_are_for_vGPUs_are_completed_and_used_and_others_refused()
    {
        var host = (await OpenLabAsync()).Host;
        Run("Enable-Sriov 0");
        host.Put("/etc/pve/mapping/pci.cfg", Mapping("gpus", 1) + Mapping("whole", 0));
        Assert.Equal(["gpus"], Complete("Add-VmVgpu 101 A30-6C -Mapping g"));
        Assert.Empty(Complete("Add-VmVgpu 101 A30-6C -Mapping w"));
        Assert.Equal("gpus", One<VmVgpuInfo>("Add-VmVgpu 101 A30-6C -Mapping gpus -PassThru").Mapping);
        Assert.True(One<VgpuInfo>("Start-LabVm 101 -PassThru").IsRunning);
        AssertRefused(
            "Add-VmVgpu 102 A30-6C -Mapping whole", "MappingUnusable", ErrorCategory.InvalidArgument,
            action: "pvesh set /cluster/mapping/pci/whole --mdev 1");
    }

    /// <summary>As Datacenter, Resource Mappings writes it: facts are those of the functions.</summary>
    private string Mapping(string id, int mdev) => $"{id}\n\tmdev {mdev}\n" + string.Concat(
        Values("Get-SriovFunction -Gpu 0 | Select-Object -First 2").Cast<SriovFunctionInfo>().Select(f =>
            $"\tmap node=pve1,path={f.FunctionAddress},id=10de:20b7,subsystem-id=10de:0000," +
            $"iommugroup={f.IommuGroup}\n")) + "\n";
}
