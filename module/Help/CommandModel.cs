using System.Reflection;

namespace VgpuPS.Help;

/// <summary>A command as its attributes describe it.</summary>
/// <param name="Type">Its class.</param>
/// <param name="Verb">Its verb.</param>
/// <param name="Noun">Its noun.</param>
/// <param name="DefaultSet">Parameter set taken where several would do; null for none.</param>
/// <param name="AsksBefore">Whether it has <c>-WhatIf</c> and <c>-Confirm</c>.</param>
/// <param name="Page">Address of the page that <c>Get-Help -Online</c> opens.</param>
/// <param name="Parameters">Its parameters, by name.</param>
/// <param name="Outputs">Types that it writes.</param>
internal sealed record CommandModel(
    Type Type, string Verb, string Noun, string? DefaultSet, bool AsksBefore, string? Page,
    IReadOnlyList<ParameterModel> Parameters, IReadOnlyList<Type> Outputs)
{
    public string Name => $"{Verb}-{Noun}";

    /// <summary>The topic that the command belongs to.</summary>
    public string Topic => Noun == "VgpuLayout" ? "about_VgpuPS_Layout" : Path.GetFileNameWithoutExtension(Page) switch
    {
        "hook" => "about_VgpuPS_Hook",
        "lab" => "about_VgpuPS_Lab",
        "licensing" => "about_VgpuPS_Licensing",
        "ssh" => "about_VgpuPS_SSH",
        _ => "about_VgpuPS",
    };

    /// <summary>Names of the commands to look at next: those of its noun, and those that its comment names.</summary>
    /// <param name="commands">All commands.</param>
    /// <param name="comments">Their comments.</param>
    public IReadOnlyList<string> Related(IEnumerable<CommandModel> commands, DocComments comments)
    {
        var named = comments.SeeAlso(Type);
        return
        [
            .. commands.Where(c => c != this && (c.Noun == Noun || named.Contains(c.Type.Name))).Select(c => c.Name),
        ];
    }

    /// <summary>Names of its parameter sets; one without a name where it has none.</summary>
    public IReadOnlyList<string?> Sets
    {
        get
        {
            List<string?> names = [.. Parameters.SelectMany(p => p.Sets).Select(s => s.Set).OfType<string>().Distinct()
                .Order(StringComparer.Ordinal)];
            if (DefaultSet is not null && !names.Contains(DefaultSet))
            {
                names.Insert(0, DefaultSet);
            }

            return names.Count == 0 ? [null] : names;
        }
    }

    /// <summary>All commands of an assembly, by name.</summary>
    /// <remarks>Attributes are read as data: PowerShell itself is not here to run them.</remarks>
    public static IReadOnlyList<CommandModel> FindAll(Assembly assembly) =>
    [
        .. assembly.GetExportedTypes().Where(t => !t.IsAbstract)
            .Select(t => (Type: t, Cmdlet: Find(t, "CmdletAttribute")))
            .Where(t => t.Cmdlet is not null)
            .Select(t => new CommandModel(
                t.Type,
                (string)t.Cmdlet!.ConstructorArguments[0].Value!,
                (string)t.Cmdlet.ConstructorArguments[1].Value!,
                Named(t.Cmdlet, "DefaultParameterSetName") as string,
                Named(t.Cmdlet, "SupportsShouldProcess") is true,
                Named(t.Cmdlet, "HelpUri") as string,
                ParameterModel.FindAll(t.Type),
                [.. t.Type.GetCustomAttributesData().Where(a => a.AttributeType.Name == "OutputTypeAttribute")
                    .SelectMany(OutputTypes)]))
            .OrderBy(c => c.Name, StringComparer.Ordinal),
    ];

    internal static CustomAttributeData? Find(MemberInfo member, string attribute) =>
        member.GetCustomAttributesData().FirstOrDefault(a => a.AttributeType.Name == attribute);

    internal static object? Named(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.Where(a => a.MemberName == name).Select(a => a.TypedValue.Value).FirstOrDefault();

    private static IEnumerable<Type> OutputTypes(CustomAttributeData attribute) =>
        attribute.ConstructorArguments.SelectMany(a =>
        a.Value is IEnumerable<CustomAttributeTypedArgument> several
            ? several.Select(s => s.Value) : [a.Value]).OfType<Type>();
}
