using VgpuPS.Tests.Architecture;
using Xunit;

namespace VgpuPS.Tests.Golden;

/// <summary>
/// Expected outputs in <c>tests/data/golden</c>, compared byte for byte. With <see cref="Switch"/> set to <c>write</c>
/// the tests write them instead; the diff is then read.
/// </summary>
internal static class GoldenFile
{
    public const string Switch = "VGPUPS_GOLDEN";

    public static string Folder { get; } = Path.Combine(Checkout.Root, "tests", "data", "golden");

    private static bool IsWriting => Environment.GetEnvironmentVariable(Switch) == "write";

    /// <summary>Compares a text with the file of that name.</summary>
    public static void Check(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        if (IsWriting)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
            return;
        }

        var expected = File.Exists(path) ? File.ReadAllText(path) : "";
        if (expected == text)
        {
            return;
        }

        var (before, after) = (expected.Split('\n'), text.Split('\n'));
        var at = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.Fail(
            $"tests/data/golden/{name}, line {at + 1}:\n  was {Line(before, at)}\n  is  {Line(after, at)}\n"
            + $"Where that is meant: {Switch}=write dotnet test tests/VgpuPS.Tests -c Release --filter Golden, and "
            + "read the diff");
    }

    /// <summary>What an earlier build wrote, as it was recorded; the switch makes what is missing and replaces
    /// nothing.</summary>
    public static string Recorded(string name, Func<string> record)
    {
        var path = Path.Combine(Folder, name);
        if (IsWriting && !File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, record());
        }

        return File.ReadAllText(path);
    }

    private static string Line(string[] lines, int at) => at < lines.Length ? $"'{lines[at]}'" : "the end";
}
