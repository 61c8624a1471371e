namespace VgpuPS.Lab.Guests;

/// <summary>CUTLASS's <c>cutlass_profiler</c>, built with the article's kernel alone.</summary>
/// <remarks>Source: facts/measuring.md F1 and F8.</remarks>
internal static class LabProfiler
{
    private const string Kernel = "cutlass_tensorop_tf32_s1688gemm_tf32_256x128_16x3_tt_align4";

    // Name of an argument or of a column of the table, and its value.
    private static readonly (string Name, string Value)[] s_kernel =
    [
        ("alpha", "1"), ("beta", "0"), ("split_k_slices", "1"), ("batch_count", "1"), ("op_class", "tensorop"),
        ("accum", "f32"), ("cta_m", "256"), ("cta_n", "128"), ("cta_k", "16"), ("stages", "3"), ("warps_m", "4"),
        ("warps_n", "2"), ("warps_k", "1"), ("inst_m", "16"), ("inst_n", "8"), ("inst_k", "8"), ("min_cc", "80"),
        ("max_cc", "1024"),
    ];

    /// <summary>What it prints at its end.</summary>
    public static string Print(LabGuestWork work, double rate)
    {
        List<(string Name, string Value)> arguments =
        [
            ("gemm_kind", "universal"), ("m", Text(work.M)), ("n", Text(work.N)), ("k", Text(work.K)),
            ("A", "tf32:row"), ("B", "tf32:row"), ("C", "tf32:row"), .. s_kernel,
        ];
        var bytes = 4 * ((work.M * work.K) + (work.K * work.N) + (work.M * work.N));
        var milliseconds = work.Operation / rate * 1000;
        string[] figures =
        [
            Text(bytes), Text(work.Operation * 1e9, "0"), Text(milliseconds, "0.######"),
            Text(bytes / (milliseconds / 1000) / (1L << 30), "0.###"), Text(rate, "0.###"),
        ];
        return Report(arguments, figures) + Table(arguments, figures);
    }

    private static string Report(List<(string Name, string Value)> arguments, string[] figures) => $"""



        =============================
          Problem ID: 1

                Provider: CUTLASS
           OperationKind: gemm
               Operation: {Kernel}

                  Status: Success
            Verification: OFF
             Disposition: Not run

               Arguments: {string.Join(' ', arguments.Select(a => $"--{a.Name}={a.Value}"))}

                   Bytes: {figures[0]}  bytes
                   FLOPs: {figures[1]}  flops

                 Runtime: {figures[2]}  ms
                  Memory: {figures[3]} GiB/s

                    Math: {figures[4]} GFLOP/s


        """;

    private static string Table(List<(string Name, string Value)> arguments, string[] figures)
    {
        var columns = string.Join(',', arguments.Select(a => a.Name));
        var cells = string.Join(',', arguments.Select(a => a.Value));
        return $"""

            =============================

            CSV Results:

            Problem,Provider,OperationKind,Operation,Disposition,Status,{columns},Bytes,Flops,Runtime,GB/s,GFLOPs
            1,CUTLASS,gemm,{Kernel},not_run,success,{cells},{string.Join(',', figures)}

            """;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
