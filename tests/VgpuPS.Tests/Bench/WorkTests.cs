using System.Runtime.InteropServices;
using VgpuPS.Bench;
using Xunit;

namespace VgpuPS.Tests.Bench;

/// <summary>What counts, and what is found wrong; the rest needs a driver: tests/system/bench.</summary>
public sealed class WorkTests
{
    [Fact]
    public void A_copy_within_the_GPU_counts_twice_and_a_product_2mnk()
    {
        Assert.Equal(384e6, new HostCopyWork(null!, 384_000_000, isToDevice: true).Amount);
        Assert.Equal(768e6, new DeviceCopyWork(null!, 384_000_000).Amount);
        Assert.Equal(2.0 * 8192 * 8192 * 16400, new GemmWork(null!, 8192, 8192, 16400).Amount);
    }

    [Theory]
    [InlineData(0, 1f, "block 0, warp 0: its sum after 16 iterations is 1665 instead of 1664")]
    [InlineData(511, -0.5f, "block 1, warp 7: its sum after 16 iterations is 1663.5 instead of 1664")]
    [InlineData(300, float.NaN, "block 1, warp 1: its sum after 16 iterations is NaN instead of 1664")]
    public void A_warp_with_a_wrong_sum_is_named(int place, float added, string named)
    {
        var floats = Enumerable.Repeat(1664f / 32, 512).ToArray();
        TensorWork.Require(floats, 16);
        floats[place] += added;
        var failure = Assert.Throws<BenchFailure>(() => TensorWork.Require(floats, 16));
        Assert.Equal(74, failure.ExitCode);
        Assert.Equal($"the tensor cores' loop is wrong in {named}", failure.Message);
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(1000, 999, 0)]
    [InlineData(1000, 3, 31_999_000)]
    public void A_byte_that_did_not_arrive_is_named(int bytes, int wrong, long start)
    {
        var buffer = Marshal.AllocHGlobal(bytes);
        try
        {
            CopyPattern.Write(buffer, bytes);
            CopyPattern.Require(buffer, bytes, 32_000_000, start);
            var right = Marshal.ReadByte(buffer, wrong);
            Marshal.WriteByte(buffer, wrong, (byte)(right ^ 0x10));
            var failure = Assert.Throws<BenchFailure>(() => CopyPattern.Require(buffer, bytes, 32_000_000, start));
            Assert.Equal(74, failure.ExitCode);
            Assert.Equal(
                $"byte {start + wrong} of 32000000 that were copied to the GPU and back is 0x{right ^ 0x10:x2}, "
                    + $"and must be 0x{right:x2}",
                failure.Message);
            CopyPattern.Clear(buffer, bytes);
            if (bytes > 1)
            {
                Assert.Throws<BenchFailure>(() => CopyPattern.Require(buffer, bytes, bytes, 0));
            }
        }
        finally
        {
            Marshal.FreeHGlobal(buffer);
        }
    }
}
