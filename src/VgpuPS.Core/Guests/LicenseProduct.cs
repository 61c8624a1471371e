namespace VgpuPS.Core.Guests;

/// <summary>The licensed product of a vGPU type.</summary>
/// <remarks>Source: facts/host-behaviour.md 9: products by class, ctrl2080gpu.h of the open kernel module.</remarks>
public static class LicenseProduct
{
    /// <summary>
    /// Letter of a type's class, by its name (<c>A30-2-12C</c>, <c>A30-1-6CME</c>): A, B, C or Q; null for another
    /// name.
    /// </summary>
    public static char? ClassOf(string typeName)
    {
        var digit = typeName.AsSpan().LastIndexOfAnyInRange('0', '9');
        return digit > 0 && digit + 1 < typeName.Length && typeName[digit + 1] is 'A' or 'B' or 'C' or 'Q'
            ? typeName[digit + 1] : null;
    }

    /// <summary>The product of a type; null where its name does not show it.</summary>
    public static string? For(string typeName) => ClassOf(typeName) switch
    {
        'A' => "Virtual Applications",
        'B' => "Virtual PC",
        'C' => "Virtual Compute Server",
        'Q' => "RTX Virtual Workstation",
        _ => null,
    };
}
