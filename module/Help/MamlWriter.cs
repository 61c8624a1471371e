using System.Globalization;
using System.Xml.Linq;

namespace VgpuPS.Help;

/// <summary>Writes commands in the form in which PowerShell reads help.</summary>
/// <remarks>Source: PowerShell documentation, "How to create the cmdlet help file"; schema of MAML 2004/10.</remarks>
internal sealed class MamlWriter(DocComments comments)
{
    private static readonly XNamespace s_help = "http://msh";
    private static readonly XNamespace s_maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace s_command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace s_dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>The whole file.</summary>
    public XDocument Write(IReadOnlyList<CommandModel> commands) => new(
        new XDeclaration("1.0", "utf-8", null),
        new XElement(
            s_help + "helpItems",
            new XAttribute("schema", "maml"),
            commands.Select(c => Command(c, commands))));

    private XElement Command(CommandModel command, IReadOnlyList<CommandModel> commands) => new(
        s_command + "command",
        new XAttribute(XNamespace.Xmlns + "maml", s_maml),
        new XAttribute(XNamespace.Xmlns + "command", s_command),
        new XAttribute(XNamespace.Xmlns + "dev", s_dev),
        new XElement(
            s_command + "details",
            new XElement(s_command + "name", command.Name),
            new XElement(s_command + "verb", command.Verb),
            new XElement(s_command + "noun", command.Noun),
            Description(comments.Summary(command.Type))),
        Description(
            [comments.Summary(command.Type), .. comments.Remarks(command.Type) is { } more
                ? [more] : Array.Empty<string>()]),
        new XElement(s_command + "syntax", command.Sets.Select(s => Syntax(command, s))),
        new XElement(
            s_command + "parameters",
            command.Parameters.Select(p => Parameter(p, p.Sets[0])).Concat(Common(command))),
        new XElement(s_command + "inputTypes", Inputs(command)),
        new XElement(s_command + "returnValues",
            command.Outputs.Where(t => t != typeof(void)).Select(t => Value(t, "returnValue"))),
        new XElement(s_command + "examples", comments.Examples(command.Type).Select(Example)),
        new XElement(
            s_command + "relatedLinks",
            Link("Online Version:", command.Page),
            command.Related(commands, comments).Append(command.Topic).Select(name => Link(name, ""))));

    private static XElement Link(string text, string? address) => new(
        s_maml + "navigationLink", new XElement(s_maml + "linkText", text), new XElement(s_maml + "uri", address));

    private XElement Syntax(CommandModel command, string? set) => new(
        s_command + "syntaxItem",
        new XElement(s_maml + "name", command.Name),
        command.Parameters.Select(p => (Parameter: p, Use: p.In(set))).Where(p => p.Use is not null)
            .OrderBy(p => p.Use!.Position ?? int.MaxValue).ThenByDescending(p => p.Use!.IsMandatory)
            .Select(p => Parameter(p.Parameter, p.Use!)),
        Common(command));

    private XElement Parameter(ParameterModel parameter, ParameterUse use) => Parameter(
        parameter.Name, comments.Summary(parameter.Property), use.IsMandatory, use.PositionText, use.PipelineText,
        parameter.Aliases, parameter.IsSwitch ? null : parameter.TypeName, parameter.Values, parameter.TakesWildcards,
        use.IsMandatory ? null : parameter.IsSwitch ? "False" : comments.Default(parameter.Property));

    private static IEnumerable<XElement> Common(CommandModel command) => !command.AsksBefore ? [] :
    [
        Parameter(
            "WhatIf", "Shows the plan, step by step, and changes nothing.", false, "named", "False", ["wi"], null, []),
        Parameter("Confirm", "Asks before the plan is carried out.", false, "named", "False", ["cf"], null, []),
    ];

    private static XElement Parameter(
        string name, string text, bool isRequired, string position, string pipeline, IReadOnlyList<string> aliases,
        string? type, IReadOnlyList<string> values, bool takesWildcards = false, string? otherwise = "False") => new(
        s_command + "parameter",
        new XAttribute("required", isRequired ? "true" : "false"),
        new XAttribute("variableLength", type?.EndsWith("[]", StringComparison.Ordinal) == true ? "true" : "false"),
        new XAttribute("globbing", takesWildcards ? "true" : "false"),
        new XAttribute("pipelineInput", pipeline),
        new XAttribute("position", position),
        new XAttribute("aliases", aliases.Count == 0 ? "none" : string.Join(", ", aliases)),
        new XElement(s_maml + "name", name),
        Description(text),
        type is null ? null : new XElement(
            s_command + "parameterValue", new XAttribute("required", "true"), new XAttribute("variableLength", "false"),
            type),
        values.Count == 0 ? null : new XElement(
            s_command + "parameterValueGroup",
            values.Select(v => new XElement(
                s_command + "parameterValue", new XAttribute("required", "false"),
                new XAttribute("variableLength", "false"), v))),
        new XElement(s_dev + "type", new XElement(s_maml + "name", type ?? "SwitchParameter")),
        new XElement(s_dev + "defaultValue", otherwise ?? "None"));

    private static IEnumerable<XElement> Inputs(CommandModel command)
    {
        var piped = command.Parameters.Where(p => p.Sets.Any(s => s.ByPropertyName || s.ByValue)).ToList();
        return piped.Count == 0 ? [] :
        [
            new XElement(
                s_command + "inputType",
                new XElement(s_dev + "type", new XElement(s_maml + "name", "System.Object")),
                Description(
                    (piped.Find(p => p.Sets.Any(s => s.ByValue)) is { } byValue
                        ? $"Values of -{byValue.Name}, or objects" : "Objects") + " with a property for "
                        + $"{string.Join(", ", piped.Select(p => string.Join(" or ", p.Aliases.Prepend(p.Name))))}.")),
        ];
    }

    private XElement Value(Type type, string name) => new(
        s_command + name,
        new XElement(s_dev + "type", new XElement(s_maml + "name", type.FullName)),
        type.Assembly.GetName().Name!.StartsWith("VgpuPS", StringComparison.Ordinal)
            ? Description(comments.Summary(type)) : null);

    private static XElement Example(CommandExample example, int index) => new(
        s_command + "example",
        new XElement(s_maml + "title", string.Create(CultureInfo.InvariantCulture, $"Example {index + 1}")),
        new XElement(
            s_dev + "code",
            example.Output.Count == 0 ? example.Code : $"{example.Code}\n\n{string.Join('\n', example.Output)}"),
        new XElement(s_dev + "remarks", new XElement(s_maml + "para", example.Text)));

    private static XElement Description(params IEnumerable<string> paragraphs) =>
        new(s_maml + "description", paragraphs.Select(p => new XElement(s_maml + "para", p)));
}
