namespace VgpuPS.Tests.Architecture;

/// <summary>The folder that the tests were built in.</summary>
internal static class Checkout
{
    /// <summary>Its root, where the module's manifest lies.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "VgpuPS.psd1")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
