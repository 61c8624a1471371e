using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using VgpuPS.Sessions;
using Xunit;

namespace VgpuPS.Tests.Architecture;

public sealed partial class ChapterCommandTests
{
    // What is not built yet may be named where the design is told.
    private static readonly string[] s_plans = ["design.md", "conventions.md", "planner.md"];

    private static readonly Dictionary<string, HashSet<string>> s_commands =
        typeof(VgpuCmdlet).Assembly.GetExportedTypes()
        .Select(type => (Type: type, Cmdlet: type.GetCustomAttribute<CmdletAttribute>()))
        .Where(c => c.Cmdlet is not null)
        .ToDictionary(
            c => $"{c.Cmdlet!.VerbName}-{c.Cmdlet.NounName}",
            c => c.Type.GetProperties().Where(p => p.IsDefined(typeof(ParameterAttribute), inherit: true))
                .Select(p => p.Name)
                .Concat(
                    c.Type.GetProperties().SelectMany(p => p.GetCustomAttribute<AliasAttribute>()?.AliasNames ?? []))
                .Concat([.. Cmdlet.CommonParameters, .. Cmdlet.OptionalCommonParameters])
                .ToHashSet(StringComparer.OrdinalIgnoreCase),
            StringComparer.Ordinal);

    public static TheoryData<string> Pages => new(
        Directory.GetFiles(Documents.Root, "*.md").Where(page => !s_plans.Contains(Path.GetFileName(page)))
            .Append(Path.Combine(Checkout.Root, "README.md"))
            .Select(page => Path.GetRelativePath(Checkout.Root, page)));

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_command_that_a_chapter_names_exists_with_its_parameters(string page) =>
        Assert.Empty(File.ReadLines(Path.Combine(Checkout.Root, page)).SelectMany(Wrong));

    [Theory]
    [InlineData("`Get-Gpu -Session a | Enable-Sriov -WhatIf`", "")]
    [InlineData("`Import-Csv vms.csv | Add-VmVgpu -Type A30-8C`", "")]
    [InlineData("`Enable-Sriovs 0`", "Enable-Sriovs")]
    [InlineData("`Enable-Sriov 0 -Really`", "Enable-Sriov -Really")]
    public void A_command_or_parameter_that_does_not_exist_is_found(string line, string wrong) =>
        Assert.Equal(wrong, string.Join(' ', Wrong(line)));

    private static IEnumerable<string> Wrong(string line)
    {
        foreach (Match use in Use().Matches(line))
        {
            var name = use.Groups["name"].Value;
            if (!s_commands.TryGetValue(name, out var parameters))
            {
                if (OurNoun().IsMatch(name))
                {
                    yield return name;
                }

                continue;
            }

            foreach (var parameter in use.Groups["parameter"].Captures.Select(c => c.Value)
                .Where(p => !parameters.Contains(p)))
            {
                yield return $"{name} -{parameter}";
            }
        }
    }

    [GeneratedRegex(@"\b(?<name>[A-Z][a-z]+-[A-Z]\w+)(?:(?: -(?<parameter>[A-Z]\w+))|[^|;`\n(){}](?<! -))*")]
    private static partial Regex Use();

    [GeneratedRegex(@"-(?:Vgpu|VmVgpu|Mig|Gpu|Sriov|Grid|Lab(?:Vm|Guest|Token))")]
    private static partial Regex OurNoun();
}
