using System.Globalization;
using System.Reflection;

namespace VgpuPS.Help;

/// <summary>How a parameter belongs to a parameter set.</summary>
/// <param name="Set">The set; null for all.</param>
/// <param name="IsMandatory">Whether it must be given.</param>
/// <param name="Position">Its position; null where it must be named.</param>
/// <param name="ByValue">Whether piped objects bind to it.</param>
/// <param name="ByPropertyName">Whether a property of piped objects binds to it.</param>
internal sealed record ParameterUse(string? Set, bool IsMandatory, int? Position, bool ByValue, bool ByPropertyName)
{
    public string PositionText => Position?.ToString(CultureInfo.InvariantCulture) ?? "named";

    public string PipelineText => (ByValue, ByPropertyName) switch
    {
        (true, true) => "True (ByPropertyName, ByValue)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };

    public static ParameterUse Read(CustomAttributeData attribute) => new(
        CommandModel.Named(attribute, "ParameterSetName") as string,
        CommandModel.Named(attribute, "Mandatory") is true,
        CommandModel.Named(attribute, "Position") as int?,
        CommandModel.Named(attribute, "ValueFromPipeline") is true,
        CommandModel.Named(attribute, "ValueFromPipelineByPropertyName") is true);
}
