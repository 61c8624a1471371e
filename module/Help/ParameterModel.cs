using System.Reflection;

namespace VgpuPS.Help;

/// <summary>A parameter as its attributes describe it.</summary>
/// <param name="Property">The property behind it.</param>
/// <param name="Aliases">Its other names.</param>
/// <param name="Values">Values that it takes; none where any will do.</param>
/// <param name="Sets">How it belongs to each parameter set; a null name means all of them.</param>
internal sealed record ParameterModel(
    PropertyInfo Property, IReadOnlyList<string> Aliases, IReadOnlyList<string> Values,
    IReadOnlyList<ParameterUse> Sets)
{
    private static readonly IReadOnlyDictionary<string, string> s_typeNames = new Dictionary<string, string>(
        StringComparer.Ordinal)
    {
        ["String"] = "string",
        ["Int32"] = "int",
        ["UInt32"] = "uint",
        ["Int64"] = "long",
        ["Double"] = "double",
        ["Object"] = "object",
        ["Boolean"] = "bool",
    };

    public string Name => Property.Name;

    /// <summary>Whether wildcard characters are patterns in it.</summary>
    public bool TakesWildcards => CommandModel.Find(Property, "SupportsWildcardsAttribute") is not null;

    public bool IsSwitch => Property.PropertyType.Name == "SwitchParameter";

    /// <summary>Name of its type as PowerShell shows it.</summary>
    public string TypeName
    {
        get
        {
            var type = Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;
            var element = type.IsArray ? type.GetElementType()! : type;
            return s_typeNames.GetValueOrDefault(element.Name, element.Name) + (type.IsArray ? "[]" : "");
        }
    }

    /// <summary>How it is used in a parameter set; null where it does not belong to it.</summary>
    public ParameterUse? In(string? set) => Sets.FirstOrDefault(s => s.Set == set)
        ?? Sets.FirstOrDefault(s => s.Set is null);

    public static IReadOnlyList<ParameterModel> FindAll(Type command) =>
    [
        .. command.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(
                p =>
                    (Property: p, Uses: p.GetCustomAttributesData()
                        .Where(a => a.AttributeType.Name == "ParameterAttribute").ToList()))
            .Where(p => p.Uses.Count > 0)
            .Select(p => new ParameterModel(
                p.Property, Texts(p.Property, "AliasAttribute"), Texts(p.Property, "ValidateSetAttribute"),
                [.. p.Uses.Select(ParameterUse.Read)]))
            .OrderBy(p => p.Name, StringComparer.Ordinal),
    ];

    private static List<string> Texts(PropertyInfo property, string attribute) =>
        CommandModel.Find(property, attribute) is not { } found ? [] : [.. found.ConstructorArguments.SelectMany(a =>
            a.Value is IEnumerable<CustomAttributeTypedArgument> several
                ? several.Select(s => s.Value) : [a.Value]).OfType<string>()];
}
