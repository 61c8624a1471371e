using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VgpuPS.Core.Inventory;
using VgpuPS.Tests.Architecture;
using Xunit;

namespace VgpuPS.Tests.Module;

/// <summary>What can be said of the module without PowerShell: its attributes are read as data, never run.</summary>
public sealed class ManifestTests
{
    private static readonly string[] s_changing =
    [
        "New", "Remove", "Set", "Add", "Enable", "Disable", "Register", "Unregister", "Sync", "Start", "Stop",
        "Install", "Uninstall", "Update", "Initialize", "Repair",
    ];

    // The verbs of ours, all of PowerShell's approved list.
    private static readonly string[] s_approved =
    [
        .. s_changing, "Get", "Show", "Test", "Compare", "Export", "Connect", "Disconnect",
    ];

    private static IEnumerable<(Type Type, CustomAttributeData Cmdlet)> Commands =>
        typeof(Common.VgpuCmdlet).Assembly.GetExportedTypes().Where(t => !t.IsAbstract)
            .Select(t => (t, Cmdlet: t.GetCustomAttributesData().FirstOrDefault(a => a.AttributeType.Name == "CmdletAttribute")!))
            .Where(t => t.Cmdlet is not null);

    public static TheoryData<string> Names => new(Commands.Select(c => c.Type.Name));

    [Fact]
    public void The_manifest_exports_every_command_and_no_other()
    {
        var manifest = File.ReadAllText(Path.Combine(Checkout.Root, "VgpuPS.psd1"));
        var list = Regex.Match(manifest, @"CmdletsToExport = @\((.*?)\)", RegexOptions.Singleline).Groups[1].Value;
        var exported = Regex.Matches(list, "'([^']+)'").Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(Commands.Select(c => $"{Verb(c.Cmdlet)}-{Noun(c.Cmdlet)}").Order(StringComparer.Ordinal), exported);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_command_is_named_typed_and_asks_before_it_changes(string name)
    {
        var (type, cmdlet) = Commands.Single(c => c.Type.Name == name);
        Assert.Equal($"{Verb(cmdlet)}{Noun(cmdlet)}Command", name);
        Assert.True(type.IsSealed);
        Assert.Contains(Verb(cmdlet), s_approved);
        Assert.Contains(type.GetCustomAttributesData(), a => a.AttributeType.Name == "OutputTypeAttribute");
        var asks = cmdlet.NamedArguments.Any(a => a.MemberName == "SupportsShouldProcess" && a.TypedValue.Value is true);

        // As PowerShell's own Export- commands do, ours asks for the file that it writes.
        Assert.Equal(s_changing.Contains(Verb(cmdlet)) || Verb(cmdlet) == "Export", asks);
    }

    [Fact]
    public void Commands_that_destroy_what_is_on_a_host_ask_by_themselves()
    {
        var asking = Commands.Where(c => c.Cmdlet.NamedArguments.Any(
            a => a.MemberName == "ConfirmImpact" && a.TypedValue.Value is 3)).Select(c => $"{Verb(c.Cmdlet)}-{Noun(c.Cmdlet)}").ToList();
        string[] destroying =
        [
            "Remove-MigInstance", "Remove-MigComputeInstance", "Remove-Vgpu", "Remove-VmVgpu", "Disable-MigMode", "Disable-Sriov",
        ];
        Assert.Empty(destroying.Except(asking));
        Assert.DoesNotContain(asking, name => Regex.IsMatch(name, "^(New|Add|Set|Enable|Register|Sync|Start|Stop)-"));
    }

    [Fact]
    public void Every_object_that_a_host_has_has_a_view()
    {
        var views = XDocument.Load(Path.Combine(Checkout.Root, "module", "VgpuPS.Format.ps1xml"))
            .Descendants("TypeName").Select(t => t.Value).ToHashSet(StringComparer.Ordinal);
        var types = typeof(HostObject).Assembly.GetExportedTypes()
            .Where(t => t.IsSubclassOf(typeof(HostObject)) && !t.IsAbstract).Select(t => t.FullName!);
        Assert.Empty(types.Except(views));
    }

    [Fact]
    public void A_table_has_at_most_seven_columns_within_120()
    {
        foreach (var view in XDocument.Load(Path.Combine(Checkout.Root, "module", "VgpuPS.Format.ps1xml")).Descendants("View"))
        {
            var headers = view.Descendants("TableColumnHeader").ToList();
            Assert.True(headers.Count <= 7, view.Element("Name")!.Value);
            Assert.True(headers.Sum(h => (int?)h.Element("Width") ?? 12) + headers.Count <= 120, view.Element("Name")!.Value);
            Assert.Equal(headers.Count, view.Descendants("TableColumnItem").Count());
        }
    }

    private static string Verb(CustomAttributeData cmdlet) => (string)cmdlet.ConstructorArguments[0].Value!;

    private static string Noun(CustomAttributeData cmdlet) => (string)cmdlet.ConstructorArguments[1].Value!;
}
