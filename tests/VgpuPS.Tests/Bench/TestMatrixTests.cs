using VgpuPS.Bench;
using Xunit;

namespace VgpuPS.Tests.Bench;

public sealed class TestMatrixTests
{
    /// <remarks>Source: fill_value of tests/system/bench/compute.c, compiled with gcc.</remarks>
    [Theory]
    [InlineData(1u, 0u, 0u, -0.8125f)]
    [InlineData(1u, 0u, 1u, 0.9853515625f)]
    [InlineData(1u, 1u, 0u, -0.42578125f)]
    [InlineData(2u, 0u, 0u, -0.6240234375f)]
    [InlineData(2u, 8191u, 16399u, -0.3603515625f)]
    [InlineData(7u, 123456u, 654321u, -0.4609375f)]
    [InlineData(0u, 0u, 0u, -1f)]
    [InlineData(4294967295u, 4294967295u, 4294967295u, -0.3935546875f)]
    public void The_host_computes_what_the_kernel_writes(uint seed, uint row, uint column, float value) =>
        Assert.Equal(value, TestMatrix.Value(seed, row, column));

    [Fact]
    public void Values_are_the_same_numbers_in_TF32_and_from_minus_one_to_one()
    {
        var values = Enumerable.Range(0, 100_000).Select(i => TestMatrix.Value(1, (uint)i / 300, (uint)i % 300))
            .ToList();
        Assert.All(values, v => Assert.Equal(0u, BitConverter.SingleToUInt32Bits(v) & 0x1fff));
        Assert.All(values, v => Assert.InRange(v, -1, 1));
        Assert.Equal(2048, values.Distinct().Count());
        Assert.InRange(values.Average(), -0.01, 0.01);
    }
}
