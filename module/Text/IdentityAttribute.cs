using System.Collections;

namespace VgpuPS.Text;

/// <summary>
/// Takes an id or a name as it is, and of an object the property that has it: what is piped in may be either. An object
/// without that property is left to its other properties, and not taken by its text.
/// </summary>
/// <remarks>
/// Source: PowerShell, src/System.Management.Automation/engine/CmdletParameterBinderController.cs,
/// BindValueFromPipeline: where a transformation ends with PSInvalidCastException, binding by property name goes on.
/// </remarks>
/// <param name="property">The property, such as <c>VmId</c>.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IdentityAttribute(string property) : ArgumentTransformationAttribute
{
    /// <summary>The only type whose objects are taken, by its short name; any without it.</summary>
    public string? Of { get; set; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        Bare(inputData) is IEnumerable several and not string
            ? several.Cast<object?>().Select(Take).ToArray() : Take(inputData);

    private object? Take(object? value) => Bare(value) is null or string or ValueType
        ? value
        : Find(PSObject.AsPSObject(value)) ?? throw new ArgumentTransformationMetadataException(
            $"the object has no {property}", new PSInvalidCastException());

    private object? Find(PSObject value) =>
        Of is null || value.TypeNames.Any(n => n.EndsWith("." + Of, StringComparison.Ordinal))
            ? value.Properties[property]?.Value : null;

    private static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
