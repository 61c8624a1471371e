using System.Reflection;
using System.Runtime.InteropServices;
using Xunit;

namespace VgpuPS.Tests.Architecture;

public sealed class LayerTests
{
    [Theory]
    [InlineData("VgpuPS.Core", "")]
    [InlineData("VgpuPS.Host", "VgpuPS.Core")]
    [InlineData("vgpu-hook", "VgpuPS.Core VgpuPS.Host")]
    [InlineData("vgpu-bench", "")]
    [InlineData("VgpuPS.Lab", "VgpuPS.Core VgpuPS.Host")]
    [InlineData("VgpuPS.Ssh", "VgpuPS.Core VgpuPS.Host")]
    [InlineData("VgpuPS.Live", "VgpuPS.Core")]
    [InlineData("vgpu-lab", "VgpuPS.Core VgpuPS.Host VgpuPS.Lab vgpu-hook")]
    [InlineData("VgpuPS", "VgpuPS.Core VgpuPS.Host VgpuPS.Lab VgpuPS.Live VgpuPS.Ssh vgpu-lab")]
    public void A_room_knows_only_what_is_on_its_right(string assembly, string allowed)
    {
        var ours = Assembly.Load(assembly).GetReferencedAssemblies().Select(a => a.Name!)
            .Where(n => n.StartsWith("VgpuPS", StringComparison.Ordinal)
                || n.StartsWith("vgpu", StringComparison.Ordinal));
        Assert.Empty(ours.Except(allowed.Split(' ')));
    }

    [Theory]
    [InlineData("VgpuPS.Core")]
    [InlineData("VgpuPS.Host")]
    [InlineData("vgpu-hook")]
    [InlineData("vgpu-bench")]
    [InlineData("VgpuPS.Lab")]
    [InlineData("vgpu-lab")]
    public void No_third_party_assembly_is_needed_at_run_time(string assembly) =>
        Assert.DoesNotContain(
            Assembly.Load(assembly).GetReferencedAssemblies().Select(a => a.Name!),
            n => !n.StartsWith("System", StringComparison.Ordinal) && !n.StartsWith("VgpuPS", StringComparison.Ordinal)
                && n is not ("Microsoft.Win32.Primitives" or "vgpu-hook"));

    /// <remarks>It lies in the module's bin/lib and is loaded with the one assembly that names it.</remarks>
    [Theory]
    [InlineData("VgpuPS.Core")]
    [InlineData("VgpuPS.Host")]
    [InlineData("vgpu-hook")]
    [InlineData("VgpuPS.Lab")]
    [InlineData("vgpu-lab")]
    [InlineData("VgpuPS")]
    public void Only_one_room_names_each_library(string assembly) =>
        Assert.Empty(Assembly.Load(assembly).GetReferencedAssemblies().Select(a => a.Name!)
            .Intersect(["Renci.SshNet", "BouncyCastle.Cryptography", "Spectre.Console"]));

    /// <remarks>vgpu-bench, which runs elsewhere and knows none of them, may have a Libc of its own.</remarks>
    [Fact]
    public void No_two_types_have_one_simple_name()
    {
        string[] rooms =
        [
            "VgpuPS.Core", "VgpuPS.Host", "VgpuPS.Lab", "VgpuPS.Ssh", "VgpuPS.Live", "VgpuPS", "vgpu-hook", "vgpu-lab",
        ];
        var names = rooms.SelectMany(r => Assembly.Load(r).GetTypes())
            .Where(t => t is { IsNested: false, Namespace: not null } && t.Name != "Program"
                && t.Namespace.StartsWith("VgpuPS", StringComparison.Ordinal)
                && !t.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute), false))
            .GroupBy(t => t.Name).ToList();
        Assert.True(names.Count > 1000, $"only {names.Count} types");
        Assert.Empty(names.Where(n => n.Count() > 1).Select(n => string.Join(", ", n)));
    }

    /// <remarks>Who may create files beside the program must not bring a <c>libc.so.6</c> there.</remarks>
    [Theory]
    [InlineData("VgpuPS.Host")]
    [InlineData("vgpu-bench")]
    public void Native_libraries_are_not_looked_for_beside_the_program(string assembly) =>
        Assert.Equal(
            DllImportSearchPath.System32,
            Assembly.Load(assembly).GetCustomAttribute<DefaultDllImportSearchPathsAttribute>()?.Paths);
}
