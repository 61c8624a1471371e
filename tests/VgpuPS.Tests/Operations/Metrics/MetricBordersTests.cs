using VgpuPS.Core.Gpu;
using VgpuPS.Core.Metrics;
using VgpuPS.Tests.Golden;
using Xunit;

namespace VgpuPS.Tests.Operations.Metrics;

/// <summary>What guests and people write cannot break the text.</summary>
public sealed class MetricBordersTests
{
    public static TheoryData<string> Hosts => [.. GoldenHosts.All.Keys];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task The_text_of_every_host_can_be_read(string host)
    {
        var found = await GoldenHosts.All[host]().CollectAsync();
        var read = PrometheusReader.Read(found.Text);
        Assert.NotEmpty(read.Samples);
        Assert.All(read.Samples, s => Assert.NotNull(MetricTable.Find(s.Name)));
    }

    [Theory]
    [InlineData("a\"b", "a\"b")]
    [InlineData("a\\b", "a\\b")]
    [InlineData("</script><b>", "</script><b>")]
    [InlineData("a}b,c=\"d\"", "a}b,c=\"d\"")]
    [InlineData("ünïcödé", "ünïcödé")]
    public async Task A_VM_s_name_is_in_the_text_as_it_is(string name, string expected)
    {
        var read = await NameAsync(name);
        Assert.Equal(expected, read.Samples.Single(s => s.Name == HostMetrics.Vm.Name && s.Labels["vm"] == "101")
            .Labels["name"]);
    }

    [Fact]
    public async Task A_name_is_made_visible_and_short()
    {
        var read = await NameAsync("\u001b[31m\u0007" + new string('x', 4096));
        var name = read.Samples.Single(s => s.Name == HostMetrics.Vm.Name && s.Labels["vm"] == "101").Labels["name"];
        Assert.Equal(128, name.Length);
        Assert.DoesNotContain(name, char.IsControl);
        Assert.EndsWith("xx…", name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("580.105.08", "580.105.08")]
    [InlineData("550.54", "550.54")]
    [InlineData("Not Available", null)]
    [InlineData("580.105.08\"} 1\n", null)]
    [InlineData("580.105.08\n", null)]
    [InlineData("1.2.3", null)]
    [InlineData("580.105.08.1", null)]
    public async Task What_a_guest_says_is_a_label_only_where_it_is_a_version(string said, string? label)
    {
        var node = MeasuredNodes.TimeSliced();
        node.Host.Edit(s => s.Gpus[0].Vgpus[0].GuestDriver = said);
        var read = PrometheusReader.Read((await node.CollectAsync()).Text);
        Assert.Equal(
            label, read.Samples.Single(s => s.Name == VgpuMetrics.Info.Name && s.Labels["vm"] == "101").Labels
                .GetValueOrDefault("guest_driver"));
    }

    [Fact]
    public async Task Licences_have_a_state_each_and_their_end()
    {
        var found = await GoldenHosts.All["licensed"]().CollectAsync();
        Assert.Equal(1, found.Value(VgpuMetrics.Licence, ("vm", "201"), ("state", "uninitialized")));
        Assert.Equal(0, found.Value(VgpuMetrics.Licence, ("vm", "201"), ("state", "licensed")));
        Assert.Null(found.Value(VgpuMetrics.LicenceExpiry, ("vm", "201")));
    }

    [Fact]
    public async Task A_claim_of_a_VM_that_is_gone_is_an_orphan()
    {
        var s = Situation.Of("9.2", VgpuPS.Lab.Machine.LabBackend.Vfio)
            .Vm(101, $"0={Situation.First},mdev=nvidia-689");
        s.Starts(101);
        Assert.Equal(0, (await s.Node.CollectAsync()).Value(HostMetrics.Orphans, ("kind", "claim")));
        s.Kills(101);
        Assert.Equal(1, (await s.Node.CollectAsync()).Value(HostMetrics.Orphans, ("kind", "claim")));
    }

    [Theory]
    [InlineData(false, "vgpups_gpu_type_free", "A30-4C", 4)]
    [InlineData(true, "vgpups_gpu_profile_free", "2g.12gb", 2)]
    public async Task What_still_fits_is_counted(bool mig, string metric, string name, int free)
    {
        var node = LabNodes.A30(VgpuPS.Lab.Machine.LabBackend.Vfio, mig: mig);
        if (!mig)
        {
            MeasuredNodes.Start(node, 101, "0000:4b:00.4,mdev=nvidia-684");
            MeasuredNodes.Start(node, 102, "0000:4b:00.5,mdev=nvidia-684");
        }

        var found = await node.CollectAsync();
        Assert.Equal(
            free, found.Value(MetricTable.Find(metric)!, (mig ? "profile" : "type", name)));
    }

    [Fact]
    public async Task A_full_GPU_says_so_of_the_type_that_fills_it()
    {
        var node = LabNodes.A30(VgpuPS.Lab.Machine.LabBackend.Vfio, mig: false);
        MeasuredNodes.Start(node, 101, "0000:4b:00.4,mdev=nvidia-688");
        var found = await node.CollectAsync();
        var type = node.Host.State.Gpus[0].Model.FindType(688)!.Name["NVIDIA ".Length..];
        Assert.Equal(0, found.Value(GpuMetrics.TypeFree, ("type", type)));
    }

    private static async Task<PrometheusReader> NameAsync(string name)
    {
        var node = MeasuredNodes.TimeSliced();
        var path = node.ConfigPath(new VmId(101));
        var config = System.Text.Encoding.UTF8.GetString(node.Host.Files.Read(path, 1 << 20));
        node.Host.Put(path, string.Join('\n', config.Split('\n').Select(
            l => l.StartsWith("name:", StringComparison.Ordinal) ? $"name: {name}" : l)));
        return PrometheusReader.Read((await node.CollectAsync()).Text);
    }
}
