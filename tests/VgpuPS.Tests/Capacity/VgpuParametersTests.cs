using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using Xunit;

namespace VgpuPS.Tests.Capacity;

/// <summary>Names and values of plugin parameters, by type.</summary>
public sealed class VgpuParametersTests
{
    private static readonly VgpuType s_part = new(new(1), "NVIDIA A30-6C", "Compute", 6144, 4, null, null);
    private static readonly VgpuType s_whole = new(new(2), "NVIDIA A30-24C", "Compute", 24576, 1, null, null);
    private static readonly VgpuType s_mig =
        new(new(3), "NVIDIA A30-1-6C", "Compute", 6144, 4, null, new ProfileId(14));

    [Theory]
    [InlineData("enable_uvm", 1, null)]
    [InlineData("vgpu-placement-id", 65534, null)]
    [InlineData("vgpu-placement-id", 65535, "must be 0 to 65534")]
    [InlineData("enable_uvm", 2, "must be 0 or 1")]
    [InlineData("disable_vnc", -1, "must be 0 or 1")]
    [InlineData("enable_uwm", 1, "the nearest is 'enable_uvm'")]
    [InlineData("Enable-Uvm", 1, "the nearest is 'enable_uvm'")]
    [InlineData("pciaddr_override", 1, "(known: enable_uvm, enable_profiling, enable_debugging, frame_rate_limiter, ")]
    public void A_name_and_its_value_are_known_or_refused(string name, long value, string? fault)
    {
        var found = VgpuParameters.FindFault(name, value);
        Assert.Equal(fault is null, found is null);
        Assert.Contains(fault ?? "", found ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_allows_what_the_facts_allow()
    {
        Assert.NotNull(Fault(s_part, ("enable_uvm", 1)));
        Assert.Null(Fault(s_part, ("enable_uvm", 0)));
        Assert.Null(Fault(s_part, ("enable_debugging", 1)));
        Assert.Null(Fault(s_whole, ("enable_uvm", 1)));
        Assert.Null(Fault(s_mig, ("enable_uvm", 1)));
        Assert.NotNull(Fault(s_mig, ("vgpu-placement-id", 0)));
        Assert.Null(Fault(s_part, ("vgpu-placement-id", 6)));
        Assert.Null(Fault(s_part with { MaxPerGpu = 0 }, ("enable_uvm", 1)));
    }

    [Fact]
    public void Profilers_need_unified_memory()
    {
        Assert.NotNull(VgpuParameters.FindFault(Of(("enable_profiling", 1))));
        Assert.NotNull(VgpuParameters.FindFault(Of(("enable_profiling", 1), ("enable_uvm", 0))));
        Assert.Null(VgpuParameters.FindFault(Of(("enable_profiling", 1), ("enable_uvm", 1))));
        Assert.Null(VgpuParameters.FindFault(Of(("enable_profiling", 0))));
    }

    [Fact]
    public void What_switches_migration_off_is_said()
    {
        Assert.Contains("enable_uvm and enable_debugging",
            VgpuParameters.FindCost(Of(("enable_debugging", 1), ("enable_uvm", 1))), StringComparison.Ordinal);
        Assert.Null(VgpuParameters.FindCost(Of(("disable_vnc", 1), ("enable_uvm", 0))));
    }

    [Theory]
    [InlineData("a=1,b=2", "b=2,a=1", true)]
    [InlineData("a=1, b=2\n", "b=2,a=1", true)]
    [InlineData("", " ", true)]
    [InlineData("a=1", "a=1,b=2", false)]
    [InlineData("a=1", "a=2", false)]
    [InlineData("a", "a=", true)]
    public void An_attribute_is_compared_by_what_it_says(string one, string other, bool same) =>
        Assert.Equal(same, VgpuParameters.AreSame(one, other));

    [Fact]
    public void A_text_has_the_table_s_order_and_reads_back()
    {
        var parameters = Of(("vgpu-placement-id", 12), ("enable_profiling", 1), ("enable_uvm", 1));
        Assert.Equal("enable_uvm=1,enable_profiling=1,vgpu-placement-id=12", VgpuParameters.Format(parameters));
        Assert.Equivalent(parameters, VgpuParameters.Read(VgpuParameters.Format(parameters)));
    }

    [Theory]
    [InlineData("sriow", "sriov")]
    [InlineData("reclaims", "reclaim")]
    [InlineData("TimeoutSecond", "timeoutSeconds")]
    [InlineData("x", null)]
    [InlineData("", null)]
    [InlineData("description", null)]
    public void The_nearest_name_is_one_that_could_have_been_meant(string typed, string? nearest) => Assert.Equal(
        nearest, NearestName.Find(typed, ["sriov", "reclaim", "timeoutSeconds", "chain"]));

    private static string? Fault(VgpuType type, params (string Name, int Value)[] parameters) =>
        VgpuParameters.FindFault(Of(parameters), type);

    private static Dictionary<string, int> Of(params (string Name, int Value)[] parameters) =>
        parameters.ToDictionary(p => p.Name, p => p.Value);
}
