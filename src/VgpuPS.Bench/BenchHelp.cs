namespace VgpuPS.Bench;

/// <summary>What <c>--help</c> prints.</summary>
internal static class BenchHelp
{
    /// <summary>The text, at most 80 columns wide.</summary>
    public const string Text = """
        vgpu-bench measures what a vGPU delivers, in the guest that has it. It needs the
        guest driver (libcuda.so.1) and nothing else.

        usage: vgpu-bench h2d|d2h|d2d --bytes N [OPTIONS]
               vgpu-bench gemm --m M --n N --k K [OPTIONS]
               vgpu-bench tensor [OPTIONS]
               vgpu-bench info [--device N]
               vgpu-bench clock
               vgpu-bench --version | --help

        h2d, d2h  copies of N bytes between pinned memory of the guest and the GPU
        d2d       copies of N bytes within the GPU's memory; each byte counts twice,
                  read and written
        gemm      products of an M x K by a K x N matrix in TF32 on tensor cores; a part
                  of the product is checked before and after
        tensor    tensor cores alone, in a loop over registers; a short one is checked
                  before
        info      what the GPU is
        clock     what time this guest has

        --seconds S    how long is measured at least, after a warm-up; 10 without it
        --start-at T   begins at T, in seconds of Unix time by this guest's clock; sets
                       up and warms up before; too late by more than a second fails
        --interval S   length of a sample; 0.25 without it
        --device N     which GPU, from 0; 0 without it

        Standard output has one JSON object a line: the device, ready, a sample for each
        interval, the result (the median of the samples; GB/s are 1e9 bytes, GFLOP/s 1e9
        operations a second). SIGTERM and SIGINT end it without a result.

        exit code  64 wrong command line       66 no CUDA device
                   69 no libcuda.so.1, a driver that is too old, no permission, or
                      standard output takes nothing
                   74 a wrong result, or a failed CUDA call, with name and number
                   75 out of memory, or too late for --start-at
                   130, 143 stopped by a signal, 70 a bug

        The article's sizes: vgpu-bench h2d --bytes 32000000
                             vgpu-bench d2d --bytes 384000000
                             vgpu-bench gemm --m 1024 --n 1024 --k 1024
                             vgpu-bench gemm --m 8192 --n 8192 --k 16400
        """;
}
