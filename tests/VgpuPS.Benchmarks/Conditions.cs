using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VgpuPS.Benchmarks;

/// <summary>What a figure was measured on.</summary>
internal static class Conditions
{
    public static string Describe()
    {
        var model = ReadLines("/proc/cpuinfo")
            .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        var load = ReadLines("/proc/loadavg").FirstOrDefault() ?? "?";
        return $"on {model?.Split(':')[^1].Trim() ?? "unknown CPU"}, {Environment.ProcessorCount} cores, load "
            + $"{load.Split(' ')[0]},"
            + $" {RuntimeInformation.FrameworkDescription}{(RuntimeFeature.IsDynamicCodeSupported ? "" : " (native)")},"
            + $" {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC";
    }

    private static string[] ReadLines(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];
}
