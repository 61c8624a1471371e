namespace VgpuPS.Text;

/// <summary>Lets a switch be set by a cell of a table: <c>true</c>, <c>yes</c>, <c>1</c>, <c>x</c>; blank is
/// off.</summary>
/// <remarks>A cell that is not there is blank too: left to PowerShell, null would switch it on.</remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SwitchTextAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        inputData is null ? false
        : (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is not string text ? inputData
        : text.Trim().ToUpperInvariant() switch
        {
            "" or "FALSE" or "NO" or "0" => false,
            "TRUE" or "YES" or "1" or "X" => true,
            _ => throw new ArgumentTransformationMetadataException($"'{text}' is neither true nor false"),
        };
}
