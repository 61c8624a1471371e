namespace VgpuPS.Tests.Licensing;

/// <summary>Recorded texts of guests.</summary>
internal static class Recorded
{
    public static string Read(string name)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "VgpuPS.psd1")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return File.ReadAllText(Path.Combine(folder, "tests", "data", "licensing", name));
    }
}
