using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VgpuPS.Core.Rows;
using VgpuPS.Help;
using VgpuPS.Host;
using VgpuPS.Sessions;
using VgpuPS.Tests.Architecture;
using VgpuPS.Tests.Commands;
using Xunit;

namespace VgpuPS.Tests.Module;

/// <summary>The module as PowerShell sees it once it is imported.</summary>
[Collection(nameof(HostSessions))]
public sealed class ManifestTests
{
    private static readonly string[] s_changing =
    [
        "New", "Remove", "Set", "Add", "Enable", "Disable", "Register", "Unregister", "Sync", "Start", "Stop",
        "Install", "Uninstall", "Update", "Initialize", "Repair", "Invoke", "Optimize",
    ];

    /// <summary>One for all of them, which change nothing in it.</summary>
    private static readonly Lazy<Engine> s_engine = new();

    private readonly Engine _engine = s_engine.Value;

    public static TheoryData<string> Names => new(
        typeof(VgpuCmdlet).Assembly.GetExportedTypes().Select(t => t.GetCustomAttribute<CmdletAttribute>())
            .OfType<CmdletAttribute>().Select(c => $"{c.VerbName}-{c.NounName}"));

    [Fact]
    public void The_manifest_exports_every_command_and_nothing_else()
    {
        var names = _engine.Run("(Get-Command -Module VgpuPS).Name").Output.Select(o => o.ToString())
            .Order(StringComparer.Ordinal);
        Assert.Equal(Names.Select(n => n.Data).Order(StringComparer.Ordinal), names);
        Assert.Empty(_engine.Run(
            "(Get-Module VgpuPS).ExportedFunctions.Values; (Get-Module VgpuPS).ExportedAliases.Values").Output);
    }

    [Fact]
    public void A_manifest_whose_commands_are_listed_by_hand_is_not_filled() =>
        Assert.Throws<FormatException>(() => Manifest.Fill("CmdletsToExport = @('Get-Gpu')", ["Get-Gpu"]));

    [Fact]
    public void Every_command_has_a_class_of_tests()
    {
        var tested = typeof(CommandTests).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(CommandTests)) && !t.IsAbstract).Select(CommandTests.NameOf);
        Assert.Empty(Names.Select(n => n.Data).Except(tested));
    }

    /// <remarks>They stand in several classes, as these have bases of their own.</remarks>
    [Theory]
    [InlineData("Via")]
    [InlineData("GuestAddress")]
    [InlineData("GuestCredential")]
    public void How_a_guest_is_reached_is_one_parameter_in_all_commands(string name)
    {
        var found = typeof(VgpuCmdlet).Assembly.GetExportedTypes().Where(t => t.IsDefined(typeof(CmdletAttribute)))
            .Select(t => t.GetProperty(name)).OfType<PropertyInfo>().ToList();
        Assert.True(found.Count > 3, $"only {found.Count} commands");
        Assert.Single(found.Select(p => $"{p.PropertyType}: " + string.Join(", ", p.GetCustomAttributesData()
            .Where(a => a.AttributeType.Namespace != "System.Runtime.CompilerServices").Select(a => a.ToString())
            .Order(StringComparer.Ordinal))).Distinct());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_command_is_named_typed_and_asks_before_it_changes(string name)
    {
        var command = Assert.IsType<CmdletInfo>(Assert.Single(_engine.Run($"Get-Command {name}").Output).BaseObject);
        Assert.Equal(command.ImplementingType.Name, name.Replace("-", "", StringComparison.Ordinal) + "Command");
        Assert.True(command.ImplementingType.IsSealed);
        Assert.Contains(command.Verb, _engine.Run("(Get-Verb).Verb").Output.Select(o => o.ToString()));
        Assert.NotEmpty(command.OutputType);

        // As PowerShell's own Export- commands do, ours asks for the file that it writes; a measurement runs in guests.
        Assert.Equal(
            s_changing.Contains(command.Verb) || command.Verb is "Export" or "Measure",
            command.Parameters.ContainsKey("WhatIf"));
    }

    [Fact]
    public void Commands_that_destroy_what_is_on_a_host_ask_by_themselves()
    {
        var asking = _engine.Run("Get-Command -Module VgpuPS").Output.Select(o => (CmdletInfo)o.BaseObject)
            .Where(c => c.ImplementingType.GetCustomAttribute<CmdletAttribute>()!.ConfirmImpact == ConfirmImpact.High)
            .Select(c => c.Name).ToList();
        var removing = _engine.Run("Get-Command -Module VgpuPS -Verb Remove").Output.Select(o => o.ToString()).ToList();
        Assert.Contains("Remove-GridLicense", removing);
        Assert.Empty(removing.Append("Disable-MigMode").Append("Disable-Sriov").Except(asking));
        Assert.DoesNotContain(asking, name => Regex.IsMatch(name, "^(New|Add|Set|Enable|Register|Sync|Start|Stop)-"));
    }

    [Fact]
    public void Every_object_that_a_host_has_has_a_view()
    {
        var types = typeof(HostObject).Assembly.GetExportedTypes().Concat(typeof(HostPorts).Assembly.GetExportedTypes())
            .Where(t => t.IsSubclassOf(typeof(HostObject)) && !t.IsAbstract).Select(t => t.FullName!).ToList();
        var missing = _engine.Run(
            $"'{string.Join("', '", types)}' | Where-Object {{ -not (Get-FormatData $_) }}").Output;
        Assert.Empty(missing);
    }

    [Fact]
    public void A_table_has_at_most_seven_columns_within_120()
    {
        foreach (var view in XDocument.Load(Path.Combine(Checkout.Root, "module", "VgpuPS.Format.ps1xml"))
            .Descendants("View"))
        {
            var headers = view.Descendants("TableColumnHeader").ToList();
            Assert.True(headers.Count <= 7, view.Element("Name")!.Value);
            Assert.True(
                headers.Sum(h => (int?)h.Element("Width") ?? 12) + headers.Count <= 120, view.Element("Name")!.Value);
            Assert.Equal(headers.Count, view.Descendants("TableColumnItem").Count());
        }
    }
}
