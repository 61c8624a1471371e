using VgpuPS.Core.Errors;
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

    // Source: public listings of a B200 and of a H200; facts/mig-profiles.json for the A100.
    [Theory]
    [InlineData("B200", "1g.23gb", 18)]
    [InlineData("B200", "1g.45gb", 30)]
    [InlineData("B200", "2g.45gb", 36)]
    [InlineData("H200", "1g.35gb", 26)]
    [InlineData("H200", "3g.71gb", 60)]
    [InlineData("H200", "4g.71gb", 64)]
    [InlineData("H200 NVL", "3g.71gb", 60)]
    [InlineData("A800", "3g.40gb", 42)]
    public void A_profile_has_the_multiprocessors_that_are_listed(string model, string profile, int count)
    {
        var found = GpuModel.Load(model).Profiles.Single(p => p.Name == "MIG " + profile);
        Assert.Equal(count, found.Multiprocessors);
        Assert.Equal(
            count, found.ComputeProfiles.Single(c => c.ComputeSlices == found.ComputeSlices).Multiprocessors);
    }

    [Fact]
    public void A_file_that_is_printed_is_read()
    {
        foreach (var name in GpuModel.Names)
        {
            Assert.Equal(name, GpuModel.Parse(GpuModel.ReadFile(name), "x.json").Name);
        }
    }

    [Theory]
    [InlineData("\"totalFunctions\": 16", "\"totalFunctions\": 99", "totalFunctions must be 0 to 64, and is 99")]
    [InlineData("\"deviceId\": \"0x20b7\"", "\"deviceId\": \"20b7\"", "deviceId '20b7' is not of the form 0x20b7")]
    [InlineData("\"memorySlices\": 4", "\"memorySlices\": 2", "a placement is outside of the 2 memorySlices")]
    [InlineData("\"id\": 685", "\"id\": 684", "id 684 of types is there twice")]
    [InlineData("\"gpuInstanceProfile\": 5,", "\"gpuInstanceProfile\": 99,", "profiles has no gpuInstanceProfile 99")]
    [InlineData("\"name\": \"NVIDIA A30\"", "\"name\": null", "line 2: ")]
    [InlineData("\"name\": \"NVIDIA A30\",", "", "name")]
    [InlineData("\"aliases\": [\"A30\"]", "\"aliases\": [null]", "a list has null in it")]
    [InlineData("\"mixedSizes\": true", "\"mixedSize\": true", "line 14: The JSON property 'mixedSize'")]
    [InlineData("\"mixedSizes\": true,", "\"mixedSizes\": true", "line 15: ")]
    [InlineData("\"class\": \"Compute\"", "\"class\": \"C\"", "class is none of Compute, Quadro, NVS")]
    public void A_file_that_describes_no_board_says_what_is_wrong(string part, string with, string why)
    {
        var text = GpuModel.ReadFile("A30");
        Assert.Contains(part, text, StringComparison.Ordinal);
        var at = text.IndexOf(part, StringComparison.Ordinal);
        var failure = Assert.Throws<UnreadableDataException>(
            () => GpuModel.Parse(text[..at] + with + text[(at + part.Length)..], "my.json"));
        Assert.StartsWith("my.json does not describe a GPU model: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
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
