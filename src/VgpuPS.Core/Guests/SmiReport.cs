namespace VgpuPS.Core.Guests;

/// <summary>What <c>nvidia-smi -q</c> in a guest says of driver and licence; Linux and Windows print alike.</summary>
/// <param name="DriverVersion">Version of the guest's driver; null where unknown.</param>
/// <param name="Products">One entry per GPU that has a licensed product.</param>
/// <remarks>Source: facts/host-behaviour.md 9 for the block; the line "Driver Version" is assumed to be as
/// ever.</remarks>
public sealed record SmiReport(string? DriverVersion, IReadOnlyList<SmiProduct> Products)
{
    /// <summary>Whether all GPUs have their licence, and there is one.</summary>
    public bool IsLicensed => Products.Count > 0 && Products.All(p => p.State == VgpuLicenseState.Licensed);

    /// <summary>Reads the text.</summary>
    public static SmiReport Parse(string text)
    {
        string? version = null;
        var products = new List<SmiProduct>();
        var isProduct = false;
        var depth = 0;
        string? name = null;
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.TrimEnd();
            var indent = line.Length - line.TrimStart().Length;
            var (key, value) = Split(line);
            isProduct = isProduct && (line.Length == 0 || indent > depth);
            if (key == "Driver Version")
            {
                version ??= value is "N/A" or "" ? null : value;
            }
            else if (key is "vGPU Software Licensed Product" or "GRID Licensed Product")
            {
                (isProduct, depth, name) = (true, indent, null);
            }
            else if (isProduct && key == "Product Name")
            {
                name = value;
            }
            else if (isProduct && key == "License Status")
            {
                products.Add(Product(name, value));
            }
        }

        return new SmiReport(version, products);
    }

    private static SmiProduct Product(string? name, string status)
    {
        var at = status.IndexOf('(', StringComparison.Ordinal);
        var word = (at < 0 ? status : status[..at]).Trim();
        var inner = at < 0 ? "" : status[(at + 1)..].TrimEnd(')', ' ');
        var state = word switch
        {
            "Licensed" => VgpuLicenseState.Licensed,
            "Unlicensed" when inner == "Unrestricted" => VgpuLicenseState.UnlicensedUnrestricted,
            "Unlicensed" when inner == "Restricted" => VgpuLicenseState.UnlicensedRestricted,
            "Unlicensed" => VgpuLicenseState.Unlicensed,
            "Uninitialized" => VgpuLicenseState.Uninitialized,
            _ => VgpuLicenseState.Unknown,
        };
        var expiry = inner.StartsWith("Expiry:", StringComparison.Ordinal) ? inner[7..].Trim() : null;
        return new SmiProduct(name, state, status, LicenseExpiry.Parse(expiry));
    }

    private static (string Key, string Value) Split(string line)
    {
        var at = line.IndexOf(':', StringComparison.Ordinal);
        return at < 0 ? (line.Trim(), "") : (line[..at].Trim(), line[(at + 1)..].Trim());
    }
}

/// <summary>A licensed product as <c>nvidia-smi -q</c> names it.</summary>
/// <param name="Name">Its name, such as <c>NVIDIA Virtual Compute Server</c>; null where unknown.</param>
/// <param name="State">How its licence stands.</param>
/// <param name="Status">The words of it.</param>
/// <param name="Expiry">When the licence ends; null where it does not or is unknown.</param>
public sealed record SmiProduct(
    string? Name, VgpuLicenseState State, string Status, DateTimeOffset? Expiry);

/// <summary>The end of a licence as NVIDIA's programs print it.</summary>
/// <remarks>Source: facts/host-behaviour.md 9: digits are not zero padded, <c>2026-4-3 19:11:16 GMT</c>.</remarks>
public static class LicenseExpiry
{
    private static readonly string[] s_forms = ["yyyy-M-d H:m:s 'GMT'", "yyyy-M-d H:m:s"];

    /// <summary>Reads one; null for <c>N/A</c>, <c>Permanent</c>, and what is none.</summary>
    public static DateTimeOffset? Parse(string? text) => DateTime.TryParseExact(
        text?.Trim(), s_forms, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var time)
        ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc))
        : null;

    /// <summary>Writes one as NVIDIA's programs do.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-M-d H:m:s 'GMT'", CultureInfo.InvariantCulture);
}
