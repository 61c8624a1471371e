using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Layout;
using Xunit;

namespace VgpuPS.Tests.Settings;

public sealed class LayoutFormatTests
{
    [Fact]
    public void Every_member_is_read_and_absent_ones_are_null()
    {
        var layout = Read(
            """
            {
              "version": 1,
              "gpus": [
                {
                  "gpu": "0000:41:00.0", "sriov": true, "mig": true,
                  "instances": [
                    { "profile": "2g.12gb", "placement": "0:2", "computeInstances": [] },
                    { "profile": "1g.6gb" }
                  ]
                },
                { "gpu": "NVIDIA A10*", "mixedSizes": false, "scheduler": { "policy": "equalShare" } }
              ]
            }
            """);
        var expected = new HostLayout(
            [
                new GpuLayout
                {
                    Gpu = "0000:41:00.0",
                    Sriov = true,
                    Mig = true,
                    Instances = [new InstanceLayout("2g.12gb", "0:2", []), new InstanceLayout("1g.6gb")],
                },
                new GpuLayout
                {
                    Gpu = "NVIDIA A10*",
                    MixedSizes = false,
                    Scheduler = new SchedulerLayout(SchedulerPolicy.EqualShare),
                },
            ]);
        Assert.Equivalent(expected, layout, strict: true);
    }

    [Theory]
    [InlineData("{\"gpu\":\"x\"}", "x: as it is")]
    [InlineData(
        "{\"gpu\":\"x\",\"sriov\":true,\"mig\":true,\"instances\":[{\"profile\":\"2g.12gb\",\"placement\":\"0:2\"},"
            + "{\"profile\":\"1g.6gb\"}]}",
        "x: virtual functions enabled, MIG on, instances 2g.12gb at 0:2, 1g.6gb")]
    [InlineData(
        "{\"gpu\":\"x\",\"instances\":[{\"profile\":\"2g.12gb\",\"computeInstances\":[]},{\"profile\":\"2g.12gb\","
            + "\"computeInstances\":[\"1c.2g.12gb\",\"1c.2g.12gb\"]}]}",
        "x: instances 2g.12gb [none], 2g.12gb [1c.2g.12gb, 1c.2g.12gb]")]
    [InlineData(
        "{\"gpu\":\"x\",\"mig\":false,\"instances\":[],\"mixedSizes\":true,\"scheduler\":{\"policy\":\"fixedShare\","
            + "\"timesliceMilliseconds\":2}}",
        "x: MIG off, no instances, mixed sizes on, fixed share, 2 ms")]
    public void A_GPU_is_told_in_words(string gpu, string words) =>
        Assert.Equal(words, Read($"{{\"version\":1,\"gpus\":[{gpu}]}}").Gpus[0].Describe());

    [Theory]
    [InlineData("{\"version\":1}", 1, 1, "'gpus' is missing")]
    [InlineData("{\"version\":1,\"gpus\":[\n{}]}", 2, 1, "'gpu' is missing")]
    [InlineData("{\"version\":1,\"gpus\":[\nnull]}", 2, 1, "'gpus' is null")]
    [InlineData("{\"version\":1,\"gpus\":[{\"gpu\":\"x\"},\n{\"gpu\":\"X\"}]}", 2, 1, "twice")]
    [InlineData("{\"version\":1,\"gpus\":[{\"gpu\":\"x\",\n\"sriow\":true}]}", 2, 9, "'sriow'")]
    [InlineData("{\"version\":1,\"gpus\":[{\"gpu\":\"x\",\"scheduler\":{\n\"policy\":\"fair\"}}]}", 2, 16, "policy")]
    [InlineData("{\"version\":1,\"gpus\":[{\"gpu\":\"x\",\"instances\":[{\n\"profil\":\"1g\"}]}]}", 2, 10, "'profil'")]
    public void What_is_wrong_is_refused_with_its_place(string text, int line, int column, string reason)
    {
        var failure = Assert.Throws<UnreadableDataException>(() => Read(text));
        Assert.Equal(ErrorIds.UnreadableData, failure.ErrorId);
        Assert.Contains($"line {line}, column {column}:", failure.Message, StringComparison.Ordinal);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    private static HostLayout Read(string text) =>
        LayoutFormat.Read(Encoding.UTF8.GetBytes(text), "/etc/vgpups/layout.json");
}
