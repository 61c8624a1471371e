using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VgpuPS.Core.Advice;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Advising;

/// <summary>What an agent says of its GPUs gives the same advice at the other end.</summary>
public sealed class AdviceTravelTests
{
    [Theory]
    [InlineData("A30")]
    [InlineData("RTX-PRO-6000")]
    [InlineData("L40S")]
    [InlineData("T4")]
    public void GPUs_travel_whole(string model)
    {
        var here = AdviceLab.Read(model, model);
        var type = (JsonTypeInfo<AdviceHost>)UseCaseJsonContext.Default.GetTypeInfo(typeof(AdviceHost))!;
        var there = JsonSerializer.Deserialize(JsonSerializer.Serialize(here, type), type)!;
        there.Stamp("lab");
        Tenant[] tenants =
        [
            new() { Name = "a", Count = 3, MemoryMiB = 8192, Guarantee = true },
            new() { Name = "b", Count = 2, MemoryMiB = 4096, Burst = true },
        ];
        Assert.Equal(AdviceLab.Recommend(here, tenants), AdviceLab.Recommend(there, tenants));
        Assert.Equal(here.Gpus.Select(g => g.Kind), there.Gpus.Select(g => g.Kind));
    }

    [Theory]
    [InlineData("A30")]
    [InlineData("A100-80")]
    [InlineData("H200")]
    public void Places_that_a_driver_does_not_report_follow_from_slices_and_counts(string model)
    {
        var node = LabHostNode.Create(new LabOptions { Gpus = [model] });
        using var driver = node.Connect(_ => { }).Driver.Open();
        var gpu = node.Connect(_ => { }).Devices.GetGpus()[0];
        var profiles = driver.GetProfiles(gpu.Address);
        Assert.All(profiles, p => Assert.NotEmpty(p.Placements));
        var assumed = AdviceProfile.From([.. profiles.Select(p => p with { Placements = [] })]);
        Assert.Equal(
            AdviceProfile.From(profiles).Select(p => (p.Name, string.Join(' ', p.Windows))),
            assumed.Select(p => (p.Name, string.Join(' ', p.Windows))));
    }
}
