using System.Xml.Linq;
using Xunit;

namespace VgpuPS.Tests.Architecture;

public sealed class SolutionTests
{
    private static readonly string[] s_folders = ["src", "hookscripts", "module", "tests"];

    [Fact]
    public void The_solution_has_every_project_and_nothing_that_is_not_there()
    {
        var solution = Path.Combine(Checkout.Root, "src", "VgpuPS.slnx");
        var named = XDocument.Load(solution).Descendants().Attributes("Path")
            .Select(path => Path.GetFullPath(path.Value, Path.GetDirectoryName(solution)!)).ToList();
        Assert.All(named, path => Assert.True(File.Exists(path), path));
        var projects = s_folders.SelectMany(folder => Directory.EnumerateFiles(
            Path.Combine(Checkout.Root, folder), "*.csproj", SearchOption.AllDirectories));
        Assert.Equal(projects.Order(StringComparer.Ordinal), named.Where(IsProject).Order(StringComparer.Ordinal));
    }

    private static bool IsProject(string path) => path.EndsWith(".csproj", StringComparison.Ordinal);
}
