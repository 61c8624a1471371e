using System.Management.Automation;
using System.Reflection;
using System.Text;
using VgpuPS.Tests.Commands;
using Xunit;

namespace VgpuPS.Tests.Golden;

/// <summary>What scripts name: commands, their parameters, and the properties of the rows that they write.</summary>
public sealed class GoldenCommandTests : EngineTests
{
    private static readonly IReadOnlySet<string> s_common =
        Cmdlet.CommonParameters.Concat(Cmdlet.OptionalCommonParameters).ToHashSet(StringComparer.Ordinal);

    [Fact]
    public void Every_command_takes_what_it_took()
    {
        var text = new StringBuilder();
        foreach (var command in Commands())
        {
            var attribute = command.ImplementingType.GetCustomAttribute<CmdletAttribute>()!;
            text.Append(command.Name).Append('\n');
            text.Append(
                $"  ShouldProcess {attribute.SupportsShouldProcess}, ConfirmImpact {attribute.ConfirmImpact}, ");
            text.Append($"default set {command.DefaultParameterSet ?? "none"}\n");
            text.Append($"  writes {string.Join(", ", command.OutputType.Select(t => t.Type.Name))}\n");
            foreach (var parameter in command.Parameters.Values.Where(p => !s_common.Contains(p.Name))
                .OrderBy(p => p.Name, StringComparer.Ordinal))
            {
                AddParameter(text, parameter);
            }
        }

        GoldenFile.Check("commands.txt", text.ToString());
    }

    [Fact]
    public void Every_row_has_the_properties_that_it_had()
    {
        var text = new StringBuilder();
        var waiting = new Queue<Type>(Commands().SelectMany(c => c.OutputType).Select(t => t.Type).Where(IsOurs)
            .DistinctBy(t => t.Name).OrderBy(t => t.Name, StringComparer.Ordinal));
        var seen = waiting.ToHashSet();
        while (waiting.TryDequeue(out var type))
        {
            text.Append(type.Name).Append('\n');
            foreach (var line in type.IsEnum ? EnumLines(type) : PropertyLines(type))
            {
                text.Append("  ").Append(line).Append('\n');
            }

            foreach (var inner in (type.IsEnum ? [] : Properties(type)).SelectMany(p => Parts(p.PropertyType))
                .Where(IsOurs))
            {
                if (seen.Add(inner))
                {
                    waiting.Enqueue(inner);
                }
            }
        }

        GoldenFile.Check("rows.txt", text.ToString());
    }

    private IEnumerable<CmdletInfo> Commands() => Values("Get-Command -Module VgpuPS").Cast<CmdletInfo>()
        .OrderBy(c => c.Name, StringComparer.Ordinal);

    private static void AddParameter(StringBuilder text, ParameterMetadata parameter)
    {
        text.Append($"  -{parameter.Name} {NameOf(parameter.ParameterType)}");
        text.Append(parameter.Aliases.Count == 0
            ? "" : $", alias {string.Join(' ', parameter.Aliases.Order(StringComparer.Ordinal))}");
        text.Append(parameter.Attributes.OfType<ValidateSetAttribute>().FirstOrDefault() is { } words
            ? $", one of {string.Join(' ', words.ValidValues)}" : "");
        text.Append(parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any() ? ", wildcards" : "");
        text.Append('\n');
        foreach (var (set, use) in parameter.ParameterSets.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            text.Append($"      {set}: {(use.Position == int.MinValue ? "named" : $"position {use.Position}")}");
            text.Append(use.IsMandatory ? ", mandatory" : "").Append(use.ValueFromPipeline ? ", by value" : "");
            text.Append(use.ValueFromPipelineByPropertyName ? ", by property name" : "");
            text.Append(use.ValueFromRemainingArguments ? ", remaining arguments" : "").Append('\n');
        }
    }

    private static IEnumerable<string> PropertyLines(Type type) =>
        Properties(type).Select(p => $"{p.Name} {NameOf(p.PropertyType)}");

    private static IEnumerable<string> EnumLines(Type type) =>
        Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(v => $"{Enum.GetName(type, v)} = {v}");

    private static PropertyInfo[] Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance);

    private static IEnumerable<Type> Parts(Type type) =>
        type.IsArray ? Parts(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts)
        : [type];

    private static bool IsOurs(Type type) =>
        type.Assembly.GetName().Name!.StartsWith("VgpuPS", StringComparison.Ordinal);

    private static string NameOf(Type type) => Nullable.GetUnderlyingType(type) is { } value ? NameOf(value) + "?"
        : type.IsGenericType
            ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.Name;
}
