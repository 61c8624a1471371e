using VgpuPS.Core.Performance;
using Xunit;

namespace VgpuPS.Tests.Performance;

public sealed class CudaToolOutputTests
{
    private const string Bandwidth = """
        [CUDA Bandwidth Test] - Starting...
        Running on...

         Device 0: GRID A30-6C
         Range Mode

         Host to Device Bandwidth, 1 Device(s)
         PINNED Memory Transfers
           Transfer Size (Bytes)	Bandwidth(GB/s)
           32000000			25.2

        Result = PASS

        NOTE: The CUDA Samples are not meant for performance measurements.
        """;

    private const string Nvbandwidth = """
        {
        "nvbandwidth" : {
        "CUDA Runtime Version" : 12040, "Driver Version" : "550.54.15", "GPU Device list" : [ "0: GRID A30-6C" ],
        "Hostname" : "web", "git_version" : "v0.8",
        "testcases" : [ { "bandwidth_description" : "memcpy local GPU(column) bandwidth (GB/s)",
        "bandwidth_matrix" : [ [ "393.01" ] ], "name" : "device_local_copy", "status" : "Passed", "sum" : 393.01 } ]
        }
        }
        """;

    private const string Blocks = """
        =============================
          Problem ID: 1
                Provider: CUTLASS
           OperationKind: gemm
               Operation: cutlass_slow
                  Status: Success
             Disposition: Not verified
                 Runtime: 0.9  ms
                  Memory: 13.1 GiB/s
                    Math: 2400.5 GFLOP/s
        =============================
          Problem ID: 1
               Operation: cutlass_not_here
                  Status: Error: not supported
                    Math: 9999 GFLOP/s
        =============================
          Problem ID: 1
               Operation: cutlass_fast
                  Status: Success
                    Math: 6680.25 GFLOP/s
        """;

    private const string Csv = """
        CSV Results:

        vm,Problem,Provider,OperationKind,Operation,Disposition,Status,gemm_kind,m,n,k,Bytes,Flops,Runtime,GB/s,GFLOPs
        101,1,CUTLASS,gemm,cutlass_slow,not_verified,success,universal,1024,1024,1024,1,2,0.9,13,2400.5
        101,1,CUTLASS,gemm,cutlass_failed,failed,error_internal,universal,1024,1024,1024,1,2,0.1,13,99999
        101,1,CUTLASS,gemm,cutlass_other,not_verified,success,universal,2048,1024,1024,1,2,0.1,13,88888
        101,1,CUTLASS,gemm,cutlass_fast,not_verified,success,universal,1024,1024,1024,1,2,0.3,36,6680.25
        """;

    [Fact]
    public void Figures_are_read_in_the_unit_of_the_article()
    {
        Assert.Equal(25.2, CudaToolOutput.ReadBandwidthTest(Bandwidth, 32_000_000).Value);
        Assert.Equal(
            25.2, CudaToolOutput.ReadBandwidthTest(
                With(With(Bandwidth, "GB/s", "MB/s"), "25.2", "24032.6"), 32_000_000).Value, 2);
        Assert.Equal(786.02, CudaToolOutput.ReadNvbandwidth(Nvbandwidth, "device_local_copy", 2).Value, 6);
        Assert.Equal(
            26.03, CudaToolOutput.ReadNvbandwidth(
                "warning: no NVML\n" + With(
                    With(Nvbandwidth, "[ [ \"393.01\" ] ]", "[ [ \"N/A\", \"26.03\" ] ]"),
                    "device_local_copy", "host_to_device_memcpy_ce"), "host_to_device_memcpy_ce", 1).Value);
        Assert.Equal(new CudaReading(6680.25, "cutlass_fast"), CudaToolOutput.ReadProfiler(Csv, 1024, 1024, 1024));
        Assert.Equal(new CudaReading(6680.25, "cutlass_fast"), CudaToolOutput.ReadProfiler(Blocks, 1024, 1024, 1024));
    }

    public static TheoryData<string, string> WrongBandwidth => new()
    {
        { "", "no figure for 32000000 bytes" },
        { "cudaGetDeviceProperties returned 100\n-> no CUDA-capable device is detected", "no figure" },
        { With(Bandwidth, "Result = PASS", "Result = FAIL"), "ended with 'Result = FAIL'" },
        { With(Bandwidth, "Result = PASS", ""), "no line 'Result = PASS'" },
        { With(Bandwidth, "25.2", "25,2"), "'25,2' is not a figure" },
        { With(Bandwidth, "25.2", "nan"), "'nan' is not a figure" },
        { With(Bandwidth, "25.2", "-1"), "'-1' is not a figure" },
        { With(Bandwidth, "25.2", "inf"), "'inf' is not a figure" },
        { With(Bandwidth, "GB/s", "TB/s"), "another unit" },
        { With(Bandwidth, "32000000", "64000000"), "no figure for 32000000 bytes" },
    };

    [Theory]
    [MemberData(nameof(WrongBandwidth))]
    public void Odd_outputs_of_bandwidthTest_are_refused(string text, string why) =>
        AssertRefused(why, () => CudaToolOutput.ReadBandwidthTest(text, 32_000_000));

    public static TheoryData<string, string> WrongNvbandwidth => new()
    {
        { "", "printed no JSON" },
        { "[[1]]", "printed no JSON" },
        { "{}", "no member nvbandwidth" },
        { "{\"nvbandwidth\":3}", "no list testcases" },
        { "{\"nvbandwidth\":{\"testcases\":[]}}", "no test device_local_copy" },
        { "{\"nvbandwidth\":{\"error\":\"CUDA_ERROR_NO_DEVICE\"}}", "it reports: CUDA_ERROR_NO_DEVICE" },
        { With(Nvbandwidth, "Passed", "Waived"), "has the status Waived" },
        { With(Nvbandwidth, "\"393.01\"", "\"N/A\""), "has no figure" },
        { With(Nvbandwidth, "\"393.01\"", "\"-3\""), "'-3' is not a figure" },
        { Nvbandwidth[..^4], "cannot be read" },
    };

    [Theory]
    [MemberData(nameof(WrongNvbandwidth))]
    public void Odd_outputs_of_nvbandwidth_are_refused(string text, string why) =>
        AssertRefused(why, () => CudaToolOutput.ReadNvbandwidth(text, "device_local_copy", 2));

    public static TheoryData<string, string> WrongProfiler => new()
    {
        { "", "no kernel that ran for 1024 x 1024 x 1024" },
        { With(Blocks, "Success", "Error"), "no kernel that ran" },
        { With(Blocks, "GFLOP/s", "TFLOP/s"), "another unit" },
        { With(Csv, ",success,", ",failed,"), "no kernel that ran" },
        { With(Csv, "GFLOPs", "TFLOPs"), "no column GFLOPs" },
        { With(Csv, "6680.25", "-nan"), "'-nan' is not a figure" },
    };

    [Theory]
    [MemberData(nameof(WrongProfiler))]
    public void Odd_outputs_of_the_profiler_are_refused(string text, string why) =>
        AssertRefused(why, () => CudaToolOutput.ReadProfiler(text, 1024, 1024, 1024));

    [Fact]
    public void The_programs_get_the_arguments_of_the_article()
    {
        Assert.Equal(
            "bandwidthTest --dtod --mode=range --start=384000000 --end=384000000 --increment=1",
            Line(CudaTool.For(Workload.DeviceMemory, 10)[0]));
        Assert.Equal(
            "cutlass_profiler --operation=Gemm --m=8192 --n=8192 --k=16400 --A=tf32:row --B=tf32:row --C=tf32 "
                + "--verification-enabled=false --profiling-iterations=100",
            Line(CudaTool.For(Workload.LargeGemm, 10)[0]));
        Assert.Equal(
            "nvbandwidth -t host_to_device_memcpy_ce -b 31 -i 500 -s -d -j",
            Line(CudaTool.For(Workload.HostToDevice, 10)[1]));
        Assert.Empty(CudaTool.For(Workload.TensorLoop, 10));
    }

    private static string Line(CudaTool tool) => string.Join(' ', [tool.Program, .. tool.Arguments]);

    private static void AssertRefused(string why, Func<CudaReading> read) =>
        Assert.Contains(why, Assert.Throws<FormatException>(read).Message, StringComparison.Ordinal);

    private static string With(string text, string old, string other)
    {
        Assert.Contains(old, text, StringComparison.Ordinal);
        return text.Replace(old, other, StringComparison.Ordinal);
    }
}
