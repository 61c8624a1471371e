using VgpuPS.Lab.Models;
using Xunit;

namespace VgpuPS.Tests.Lab.Machine;

public sealed class GpuModelTests
{
    public static TheoryData<string> Models { get; } = [.. GpuModel.Names];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_is_consistent(string name)
    {
        var model = GpuModel.Load(name);
        Assert.Equal(model.Types.Count, model.Types.Select(t => t.Id).Distinct().Count());
        Assert.Equal(model.Profiles.Count, model.Profiles.Select(p => p.Id).Distinct().Count());
        Assert.Equal(model.Profiles.Count, model.Profiles.Select(p => p.Slot).Distinct().Count());
        Assert.All(model.Types, t => Assert.True(
            t.GpuInstanceProfile is null || model.FindProfile(t.GpuInstanceProfile.Value) is not null, t.Name));
        foreach (var profile in model.Profiles)
        {
            Assert.All(
                profile.PlacementStarts, start => Assert.InRange(start + profile.PlacementSize, 1, model.MemorySlices));
            Assert.InRange(profile.MaxInstances, 1, profile.PlacementStarts.Count);
            Assert.True(!profile.Media || profile.MaxInstances == 1
                || profile.Name.EndsWith("+gfx", StringComparison.Ordinal), profile.Name);
            Assert.Contains(profile.ComputeProfiles, c => c.ComputeSlices == profile.ComputeSlices);
        }
    }

    // Source: facts/mig-profiles.json, trap: 3g is {0,4}:4 and 7g {0}:8 on every GPU with seven compute slices.
    [Theory]
    [InlineData("A100-40")]
    [InlineData("H100 SXM5")]
    [InlineData("H200")]
    [InlineData("H20")]
    [InlineData("GH200")]
    [InlineData("B200")]
    public void Seven_slice_gpus_have_the_same_windows(string name)
    {
        var windows = GpuModel.Load(name).Profiles.Where(p => !p.Media).ToDictionary(
            p => (p.ComputeSlices, p.PlacementSize), p => string.Join(',', p.PlacementStarts));
        Assert.Equal("0,1,2,3,4,5,6", windows[(1, 1)]);
        Assert.Equal("0,2,4,6", windows[(1, 2)]);
        Assert.Equal("0,2,4", windows[(2, 2)]);
        Assert.Equal("0,4", windows[(3, 4)]);
        Assert.Equal("0", windows[(4, 4)]);
        Assert.Equal("0", windows[(7, 8)]);
    }
}
