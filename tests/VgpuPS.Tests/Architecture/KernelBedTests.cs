using System.Text.RegularExpressions;
using Xunit;

namespace VgpuPS.Tests.Architecture;

/// <summary>The stand-in library of tests/kernel keeps up with what the product calls.</summary>
public sealed partial class KernelBedTests
{
    [Fact]
    public void Stand_in_library_exports_every_function_that_is_called() =>
        Assert.Equal(Called(), Names("tests/kernel/nvml", "*.cs", Exported()));

    [Fact]
    public void C_program_calls_every_function_that_the_product_calls() =>
        Assert.Equal(Called(), Names("tests/kernel/programs", "nvml-check*.c", Quoted()));

    private static SortedSet<string> Called() => Names("src/VgpuPS.Host/Nvml", "NativeNvmlApi*.cs", Quoted());

    private static SortedSet<string> Names(string folder, string files, Regex form)
    {
        var names = new SortedSet<string>(
            Directory.GetFiles(Path.Combine(Checkout.Root, folder), files)
                .SelectMany(file => form.Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value),
            StringComparer.Ordinal);
        Assert.True(names.Count > 40, $"only {names.Count} names in {folder}");
        return names;
    }

    [GeneratedRegex("\"(nvml[A-Z][A-Za-z0-9_]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("EntryPoint = \"(nvml[A-Za-z0-9_]+)\"")]
    private static partial Regex Exported();
}
