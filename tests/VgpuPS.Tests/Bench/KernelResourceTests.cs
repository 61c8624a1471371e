using System.Text;
using System.Text.RegularExpressions;
using VgpuPS.Bench;
using VgpuPS.Tests.Architecture;
using Xunit;

namespace VgpuPS.Tests.Bench;

/// <summary>What the program assumes of the PTX that it carries.</summary>
public sealed class KernelResourceTests
{
    private static readonly string s_folder = Path.Combine(Checkout.Root, "src", "VgpuPS.Bench");
    private static readonly string s_ptx = Encoding.ASCII.GetString(CudaSession.ReadPtx());

    [Fact]
    public void The_program_carries_the_kernels_of_the_checkout_with_a_zero_at_the_end() =>
        Assert.Equal(
            File.ReadAllText(Path.Combine(s_folder, "Kernels", "kernels.ptx")) + "\0", s_ptx);

    [Fact]
    public void Shared_memory_is_what_the_kernel_says() =>
        Assert.Equal(
            GemmWork.SharedBytes,
            int.Parse(
                Regex.Match(s_ptx, @"^// gemm_tf32 shared (\d+)$", RegexOptions.Multiline).Groups[1].Value,
                System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("fill_tf32", "u64 u32 u32 u32 u32")]
    [InlineData("gemm_tf32", "u64 u64 u64 u32 u32 u32 u32 u32 u32")]
    [InlineData("tensor_loop", "u64 u32")]
    public void Kernels_take_what_the_program_gives(string kernel, string types)
    {
        var entry = Regex.Match(s_ptx, $@"\.visible \.entry {kernel}\(([^)]*)\)").Groups[1].Value;
        Assert.Equal(types, string.Join(' ', Regex.Matches(entry, @"\.param \.(\w+)").Select(m => m.Groups[1].Value)));
    }

    /// <remarks>What is created is destroyed, too.</remarks>
    [Fact]
    public void Only_calls_of_the_facts_are_made()
    {
        var facts = File.ReadLines(Path.Combine(Documents.Root, "facts", "measuring.md"))
            .Single(l => l.StartsWith("F11. ", StringComparison.Ordinal));
        var known = Regex.Matches(facts, @"cu[A-Z]\w+(?:/\w+)*").Select(m => m.Value.Split('/'))
            .SelectMany(names => names[1..].Select(n => "cuEvent" + n).Prepend(names[0]))
            .ToHashSet(StringComparer.Ordinal);
        Assert.Contains("cuEventElapsedTime", known);
        Assert.Equal(
            ["cuEventDestroy_v2", "cuStreamDestroy_v2"],
            CudaDriver.Calls.Where(c => !known.Contains(c)).Order(StringComparer.Ordinal));
        var code = string.Concat(Directory.GetFiles(s_folder, "CudaDriver*.cs").Select(File.ReadAllText));
        Assert.Equal(
            CudaDriver.Calls.Order(StringComparer.Ordinal),
            Regex.Matches(code, "Begin\\(\\s*\"(\\w+)\"\\)").Select(m => m.Groups[1].Value)
                .Order(StringComparer.Ordinal));
    }
}
