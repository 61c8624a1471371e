using VgpuPS.Core.Capacity;
using VgpuPS.Core.Gpu;
using Xunit;

namespace VgpuPS.Tests.Capacity;

public sealed class VmVgpuLimitsTests
{
    [Theory]
    [InlineData("6C", null, null)]
    [InlineData("6C 12C", null, null)]
    [InlineData("6C 6C 6C", null, null)]
    [InlineData("1B 1B", "TooManyVgpus", "1B allows a VM at most 1")]
    [InlineData("6C 6C 1B", "TooManyVgpus", "1B allows a VM at most 1")]
    [InlineData("6C 6Q", "VgpusDoNotMix", "6C (Compute) and 6Q (Quadro) are of different series")]
    [InlineData("6C 12C other", "VgpusDoNotMix", "6C and other are of different boards")]
    [InlineData("alone alone", null, null)]
    [InlineData("alone 6C", "VgpusDoNotMix", "alone cannot be in one VM")]
    [InlineData("6C alone", "VgpusDoNotMix", "alone cannot be in one VM")]
    [InlineData("unknown 6C", null, null)]
    public void A_vm_may_have(string types, string? errorId, string? rule)
    {
        var vgpus = types.Split(' ').Select((t, i) => new VmVgpu($"hostpci{i}", Type(t))).ToList();
        var breach = VmVgpuLimits.Find(vgpus, (a, b) => a.Name != "other" && b.Name != "other");
        Assert.Equal(errorId, breach?.ErrorId);
        Assert.StartsWith(rule ?? "", breach?.Rule ?? "", StringComparison.Ordinal);
        Assert.Equal(breach is null ? null : vgpus[^1], breach?.Excess);
    }

    private static VgpuType Type(string name) => new(
        new VgpuTypeId((uint)name.Sum(c => c)), name,
        name switch { "1B" => "NVS", "6Q" => "Quadro", "unknown" => "", _ => "Compute" }, 6144, 4, null, null)
    {
        MaxPerVm = name switch { "1B" => 1, "unknown" => 0, _ => 16 },
        IsExclusiveInVm = name == "alone",
    };
}
