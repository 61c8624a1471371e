using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VgpuPS.Changing;
using VgpuPS.Core.Errors;
using VgpuPS.Sessions;
using VgpuPS.Tests.Architecture;
using Xunit;

namespace VgpuPS.Tests.Module;

/// <summary>What a release says of itself: manifest, package and programs name one version, one licence, one
/// address.</summary>
public sealed class ReleaseTests
{
    private static readonly string s_manifest = File.ReadAllText(Path.Combine(Checkout.Root, "VgpuPS.psd1"));

    private static readonly Dictionary<string, string> s_package = XDocument
        .Load(Path.Combine(Checkout.Root, "module", "VgpuPS.nuspec")).Root!.Elements().First().Elements()
        .ToDictionary(e => e.Name.LocalName, e => e.Value);

    private static readonly string[] s_searched = ["NVIDIA", "vGPU", "MIG", "SR-IOV", "Proxmox"];

    private static string Project => Value("ProjectUri");

    [Fact]
    public void The_manifest_says_what_a_gallery_shows()
    {
        Assert.Matches(@"^https://[^\s]+[^/]$", Project);
        Assert.StartsWith(Project + "/", Value("LicenseUri"), StringComparison.Ordinal);
        Assert.EndsWith("/module/LICENSE", Value("LicenseUri"), StringComparison.Ordinal);
        Assert.Contains($"{Project}/blob/main/src/docs/changelog.md", Value("ReleaseNotes"), StringComparison.Ordinal);
        Assert.Matches("^[a-z]+[0-9]+$", Value("Prerelease"));
        Assert.Contains("MIT", Value("Copyright"), StringComparison.Ordinal);
        Assert.NotEmpty(Value("Author"));
        Assert.NotEmpty(Value("CompanyName"));
        Assert.Empty(s_searched.Except(Tags));
    }

    [Fact]
    public void The_package_says_the_same_as_the_manifest()
    {
        Assert.Equal(Value("Author"), s_package["authors"]);
        Assert.Equal(Value("Description"), s_package["description"]);
        Assert.Equal(Value("Copyright"), s_package["copyright"]);
        Assert.Equal(Value("ReleaseNotes"), s_package["releaseNotes"]);
        Assert.Equal(Project, s_package["projectUrl"]);
        Assert.Equal("MIT", s_package["license"]);
        Assert.Equal(["PSModule", "PSEdition_Core", .. Tags], s_package["tags"].Split(' '));
    }

    [Fact]
    public void Programs_carry_the_version_with_its_prerelease_label() => Assert.Equal(
        $"{Value("ModuleVersion")}-{Value("Prerelease")}", VgpuPS.Host.ProgramVersion.Own);

    [Fact]
    public void A_module_without_the_hook_says_where_to_get_it()
    {
        var failure = Assert.Throws<ObjectNotFoundException>(() => HookProgram.Load(null));
        Assert.Equal(ErrorIds.HookNotInstalled, failure.ErrorId);
        Assert.StartsWith("this module has no vgpu-hook inside: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(Project + "/releases", failure.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("-Path VgpuPS/hookscripts/vgpu-hook", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_on_the_web_is_a_chapter_that_names_the_command()
    {
        var chapters = Project + "/blob/main/";
        var commands = typeof(VgpuCmdlet).Assembly.GetExportedTypes()
            .Select(t => t.GetCustomAttributesData().FirstOrDefault(a => a.AttributeType.Name == "CmdletAttribute"))
            .OfType<CustomAttributeData>().ToList();
        Assert.NotEmpty(commands);
        foreach (var command in commands)
        {
            var name = $"{command.ConstructorArguments[0].Value}-{command.ConstructorArguments[1].Value}";
            var page = command.NamedArguments.Where(a => a.MemberName == "HelpUri")
                .Select(a => (string)a.TypedValue.Value!).SingleOrDefault();
            Assert.True(page?.StartsWith(chapters, StringComparison.Ordinal), $"{name}: {page}");
            Assert.Contains(name, File.ReadAllText(Path.Combine(Checkout.Root, page![chapters.Length..])),
                StringComparison.Ordinal);
        }
    }

    private static string[] Tags =>
        [.. Regex.Matches(Regex.Match(s_manifest, @"Tags\s*=\s*@\((.*?)\)").Groups[1].Value, "'([^']+)'")
            .Select(m => m.Groups[1].Value)];

    private static string Value(string name)
    {
        var value = Regex.Match(s_manifest, $@"^\s*{name}\s*=\s*'((?:[^']|'')*)'", RegexOptions.Multiline);
        Assert.True(value.Success, $"the manifest has no {name}");
        return value.Groups[1].Value.Replace("''", "'", StringComparison.Ordinal);
    }
}
