using System.Globalization;
using System.Management.Automation.Language;
using System.Xml.Linq;
using VgpuPS.Help;
using VgpuPS.Sessions;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>The help file as the build writes it, from the comments of the commands.</summary>
public sealed class HelpTests : EngineTests
{
    private static readonly DocComments s_comments = DocComments.OfModule();
    private static readonly IReadOnlyList<CommandModel> s_commands = CommandModel.FindAll(typeof(VgpuCmdlet).Assembly);
    private static readonly XDocument s_help = new MamlWriter(s_comments).Write(s_commands);

    [Fact]
    public void Every_command_names_its_page_commands_to_go_on_with_and_its_topic()
    {
        foreach (var command in Named("command"))
        {
            var links = Below(command, "navigationLink").Select(l => (Text(l, "linkText"), Text(l, "uri"))).ToList();
            Assert.StartsWith("https://", links[0].Item2, StringComparison.Ordinal);
            Assert.True(links.Count > 2, $"{NameOf(command)} has no related command: seealso in its comment");
            Assert.All(links[1..^1], l => Assert.Contains(l.Item1, s_commands.Select(c => c.Name)));
            Assert.True(
                File.Exists(Path.Combine(Architecture.Checkout.Root, "module", "en-US", $"{links[^1].Item1}.help.txt")),
                links[^1].Item1);
        }
    }

    [Fact]
    public void Every_parameter_says_what_it_is_where_it_is_not_given()
    {
        List<string> wrong = [];
        foreach (var command in s_commands)
        {
            using var made = (VgpuCmdlet)Activator.CreateInstance(command.Type)!;
            foreach (var parameter in command.Parameters.Where(p => !p.IsSwitch && !p.Sets.Any(s => s.IsMandatory)))
            {
                var text = s_comments.Default(parameter.Property);
                var value = Text(parameter.Property.GetValue(made));
                if ((s_comments.Summary(parameter.Property).Contains("ithout it", StringComparison.Ordinal)
                        && string.IsNullOrEmpty(text))
                    || (value.Length > 0 && text?.Contains(value, StringComparison.OrdinalIgnoreCase) != true))
                {
                    wrong.Add($"{command.Name} -{parameter.Name}: '{text}', and it is '{value}'");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("Connect-VgpuHost", "ConnectingTimeout", "30000")]
    [InlineData("Connect-VgpuHost", "UserName", "What ~/.ssh/config says")]
    [InlineData("Add-VmVgpu", "PciExpress", "False")]
    [InlineData("Get-Gpu", "Gpu", "All")]
    [InlineData("Sync-VgpuLayout", "Path", "the host's own, /etc/vgpups/layout.json")]
    [InlineData("Enable-Sriov", "Gpu", "None")]
    public void The_default_stands_in_its_field(string command, string parameter, string value) => Assert.All(
        Named("command").Where(c => NameOf(c) == command).SelectMany(c => Below(c, "parameter"))
            .Where(p => Text(p, "name") == parameter),
        p => Assert.Equal(value, Text(p, "defaultValue")));

    [Fact]
    public void Wildcards_are_accepted_where_the_text_says_so() => Assert.All(
        Named("parameter"), p => Assert.True(
            Below(p, "description").First().Value.Contains("wildcard", StringComparison.Ordinal)
                == ((string?)p.Attribute("globbing") == "true"),
            $"{NameOf(p.Ancestors().First(a => a.Name.LocalName == "command"))} -{Text(p, "name")}"));

    [Fact]
    [Trait("Duration", "Long")]
    public void Every_example_runs_and_prints_what_it_says()
    {
        List<string> wrong = [], silent = [];
        var count = 0;
        foreach (var (command, index, example) in s_commands.SelectMany(
            c => s_comments.Examples(c.Type).Index().Select(e => (c.Name, e.Index, e.Item))))
        {
            if (example.IsRemote)
            {
                continue;
            }

            count++;
            Lab();
            var result = Try($$"""
                $ConfirmPreference = 'None'
                Set-Location '{{Directory.CreateDirectory(PathOf($"{command}-{index}")).FullName}}'
                & { {{example.Code}} } | Out-String -Width 100
                """);
            wrong.AddRange(result.Errors.Select(e => $"{command} {index + 1}: {e}"));
            List<string> printed =
            [
                .. result.Printed.Concat(result.Warnings).Append(string.Concat(result.Output))
                    .SelectMany(text => text.Split('\n')).Select(l => l.TrimEnd()).Where(l => l.Length > 0),
            ];
            if (printed.Count == 0 && result.Steps.Count == 0)
            {
                silent.Add($"{command} {index + 1}");
            }

            if (example.Output.Count > 0 && !example.Output.SequenceEqual(printed))
            {
                wrong.Add($"{command} {index + 1} prints\n{string.Join('\n', printed)}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(
            silent.Count * 4 < count, $"{silent.Count} of {count} print nothing: {string.Join(", ", silent)}");
        Assert.DoesNotContain(silent, e => e.StartsWith("Get-", StringComparison.Ordinal));
    }

    [Fact]
    public void Examples_about_hosts_over_SSH_name_what_there_is()
    {
        var remote = s_commands.SelectMany(c => s_comments.Examples(c.Type)).Where(e => e.IsRemote).ToList();
        Assert.True(remote.Count >= 5, "examples over SSH");
        foreach (var example in remote)
        {
            var script = Parser.ParseInput(example.Code, out _, out var errors);
            Assert.Empty(errors);
            foreach (var call in script.FindAll(a => a is CommandAst, true).Cast<CommandAst>()
                .Where(c => c.GetCommandName()?.Contains("Vgpu", StringComparison.Ordinal) == true))
            {
                var model = Assert.Single(s_commands, c => c.Name == call.GetCommandName());
                var names = model.Parameters.SelectMany(m => m.Aliases.Prepend(m.Name)).Append("WhatIf");
                Assert.All(
                    call.CommandElements.OfType<CommandParameterAst>(), p => Assert.Contains(p.ParameterName, names));
            }
        }
    }

    private static IEnumerable<XElement> Named(string name) => Below(s_help.Root!, name);

    private static IEnumerable<XElement> Below(XElement element, string name) =>
        element.Descendants().Where(e => e.Name.LocalName == name);

    private static string NameOf(XElement command) => Text(Below(command, "details").First(), "name");

    private static string Text(XElement element, string name) =>
        element.Elements().First(e => e.Name.LocalName == name).Value;

    private static string Text(object? value) => value switch
    {
        null or "" or 0 => "",
        TimeSpan time when time == TimeSpan.Zero => "",
        DateTimeOffset time => time.Year.ToString(CultureInfo.InvariantCulture),
        System.Collections.IEnumerable list and not string => string.Concat(list.Cast<object>()),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
