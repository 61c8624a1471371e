using VgpuPS.Tests.Architecture;

namespace VgpuPS.Tests.Licensing;

/// <summary>Recorded texts of guests.</summary>
internal static class Recorded
{
    public static string Read(string name) =>
        File.ReadAllText(Path.Combine(Checkout.Root, "tests", "data", "licensing", name));
}
