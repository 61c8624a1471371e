using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VgpuPS.Core.Layout;
using VgpuPS.Core.Rows;
using VgpuPS.Host;
using VgpuPS.Tests.Architecture;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>What becomes of rows in the rest of PowerShell: every type of them, made by its properties.</summary>
public sealed class RowTests : EngineTests
{
    /// <summary>A row of a job has this depth, one of a file the other.</summary>
    private static readonly int[] s_depths = [1, 2];

    private static int s_number;

    public static TheoryData<string> Types => new(RowTypes().Select(t => t.FullName!));

    [Theory]
    [MemberData(nameof(Types))]
    public void A_list_is_text_in_a_table_of_text_and_a_list_in_JSON(string type)
    {
        var row = Sample(type);
        Run($"$row | Export-Csv '{PathOf("rows.csv")}'");
        foreach (var list in row.GetType().GetProperties().Where(p => IsList(p.PropertyType)))
        {
            var items = ((IEnumerable)list.GetValue(row)!).Cast<object>().ToList();
            Assert.True(items.Count > 1, list.Name);
            Assert.Equal(string.Join(", ", items), One<string>($"(Import-Csv '{PathOf("rows.csv")}').{list.Name}"));
            Assert.Equal(
                items.Count, One<int>($"($row | ConvertTo-Json -Depth 9 | ConvertFrom-Json).{list.Name}.Count"));
            Assert.Equal(items.Count, Values($"$row.{list.Name}").Length);
        }

        Assert.DoesNotMatch(@"`\d|System\.|\{ ", File.ReadAllText(PathOf("rows.csv")));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_row_of_a_file_or_a_job_looks_like_the_row(string type)
    {
        Sample(type);
        Run($"$row | Export-Clixml '{PathOf("row.xml")}'");
        Assert.Equal(Show("$row"), Show($"Import-Clixml '{PathOf("row.xml")}'"));
        foreach (var depth in s_depths)
        {
            Assert.Equal(
                Show("$row"),
                Show($"[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::"
                    + $"Serialize($row, {depth}))"));
        }
    }

    [Theory]
    [InlineData(79)]
    [InlineData(80)]
    [InlineData(120)]
    public void A_view_has_all_its_columns_and_all_of_their_text(int width)
    {
        foreach (var (type, headers) in Tables())
        {
            Sample(type);
            var lines = Show("$row", width).Split('\n');
            Assert.Contains(string.Join(' ', headers), lines.Select(l => Regex.Replace(l.Trim(), " +", " ")));
            Assert.All(lines, l => Assert.True(l.Length <= width, $"{type}: {l}"));
            Assert.All(lines, l => Assert.DoesNotContain('…', l));
        }
    }

    [Fact]
    public void What_failed_has_the_colour_of_errors_where_there_are_colours()
    {
        var rendering = PSStyle.Instance.OutputRendering;
        try
        {
            foreach (var (type, word) in new[] { ("VgpuHostTestInfo", "Failed"), ("VmVgpuTestInfo", "False") })
            {
                Sample($"VgpuPS.Core.Rows.{type}");
                PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
                Assert.DoesNotContain('\e', Show("$row"));
                PSStyle.Instance.OutputRendering = OutputRendering.Ansi;
                Assert.Contains(PSStyle.Instance.Formatting.Error + word, Show("$row"), StringComparison.Ordinal);
            }
        }
        finally
        {
            PSStyle.Instance.OutputRendering = rendering;
        }
    }

    private static IEnumerable<Type> RowTypes() =>
        typeof(HostObject).Assembly.GetExportedTypes().Concat(typeof(HostPorts).Assembly.GetExportedTypes())
            .Where(t => t.IsSubclassOf(typeof(HostObject)) && !t.IsAbstract)
            .Append(typeof(HostLayout)).OrderBy(t => t.FullName, StringComparer.Ordinal);

    private static IEnumerable<(string Type, IEnumerable<string> Headers)> Tables() =>
        XDocument.Load(Path.Combine(Checkout.Root, "module", "VgpuPS.Format.ps1xml")).Descendants("View")
            .Where(v => v.Descendants("TableColumnHeader").Any())
            .Select(v => (v.Element("Name")!.Value, v.Descendants("Label")
                .Where(l => l.Parent!.Name == "TableColumnHeader").Select(l => l.Value)));

    /// <summary>A row with something in every property, in the variable <c>$row</c>.</summary>
    private object Sample(string type)
    {
        s_number = 0;
        var row = Make(RowTypes().Single(t => t.FullName == type), "", 0);
        Set("row", row);
        return row;
    }

    private static object Make(Type type, string name, int depth)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
        {
            return Word(name);
        }

        if (IsList(type))
        {
            var item = type.GetGenericArguments()[0];
            var items = Array.CreateInstance(item, 2);
            for (var i = 0; i < items.Length && depth < 4; i++)
            {
                items.SetValue(Make(item, name, depth + 1), i);
            }

            return items;
        }

        if (type.IsEnum)
        {
            return Enum.GetValues(type).GetValue(0)!;
        }

        return type == typeof(bool) ? name != "Passed"
            : type == typeof(DateTime) ? new DateTime(2026, 1, 5, 8, 0, 0)
            : type == typeof(DateTimeOffset) ? new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.FromHours(2))
            : type.IsPrimitive ? Convert.ChangeType(++s_number, type, CultureInfo.InvariantCulture)
            : MakeObject(type, depth);
    }

    private static object MakeObject(Type type, int depth)
    {
        var made = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var property in type.GetProperties(
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
        {
            property.SetMethod?.Invoke(made, [Make(property.PropertyType, property.Name, depth)]);
        }

        return made;
    }

    /// <summary>As long as hosts have it.</summary>
    private static string Word(string name) => name switch
    {
        _ when name.EndsWith("Address", StringComparison.Ordinal) => "0000:4b:00.4",
        "VgpuHost" => "pve1",
        "VmName" => "render-node-01",
        "Verdict" => "Failed",
        "Driver" => "nvidia",
        "Model" or "Gpus" => "NVIDIA A100-SXM4-80GB",
        "VgpuType" or "CreatableTypes" or "VgpuTypes" or "Creatable" => "A100D-4-40C",
        "License" or "LicenseStatus" => "Unlicensed (Unrestricted)",
        "Profile" => "2g.12gb+me",
        "Volume" => "local:snippets/vgpu-hook",
        "Kernel" => "6.14.11-4-pve",
        "GuestDriver" or "HostDriver" or "DriverVersion" => "580.105.06",
        _ => "some text",
    };

    private static bool IsList(Type type) => type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable));
}
