using System.Reflection;
using System.Text.RegularExpressions;
using VgpuPS.Core.Errors;
using Xunit;

namespace VgpuPS.Tests.Architecture;

public sealed partial class ErrorsChapterTests
{
    [Fact]
    public void The_chapter_has_every_error_id_once_and_no_other()
    {
        var rows = File.ReadLines(Path.Combine(Checkout.Root, "src/docs/errors.md"))
            .Select(line => Row().Match(line)).Where(row => row.Success).ToList();
        Assert.Equal(Ids.Order(StringComparer.Ordinal),
            rows.Select(row => row.Groups["id"].Value).Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.False(
            string.IsNullOrWhiteSpace(row.Groups["meaning"].Value)
                || string.IsNullOrWhiteSpace(row.Groups["command"].Value), row.Value));
    }

    [Fact]
    public void Every_id_is_that_of_some_refusal() => Assert.Empty(
        Ids.Except(Uses().Select(use => use.Id), StringComparer.Ordinal));

    /// <summary>It once stood for a dozen causes that scripts could not tell apart.</summary>
    [Fact]
    public void Only_what_cannot_be_understood_is_an_invalid_request() => Assert.Equal(
        [
            "hookscripts/VgpuPS.Hook/BootCommand.cs", "hookscripts/VgpuPS.Hook/HookCommands.cs",
            "hookscripts/VgpuPS.Hook/MetricsCommand.cs",
            "hookscripts/VgpuPS.LabHook/Commands/LabOptionsReader.cs", "src/VgpuPS.Host/Sessions/UseCase.cs",
        ],
        Uses().Where(use => use.Id == ErrorIds.InvalidRequest).Select(use => use.File).Distinct()
            .Order(StringComparer.Ordinal));

    private static IEnumerable<string> Ids => typeof(ErrorIds).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (string)f.GetRawConstantValue()!);

    private static IEnumerable<(string File, string Id)> Uses() =>
        from line in Documents.CodeLines()
        where !line.Where.StartsWith("tests", StringComparison.Ordinal)
        from Match use in Use().Matches(line.Text)
        select (line.Where.Split(':')[0], use.Groups["id"].Value);

    [GeneratedRegex(@"\bErrorIds\.(?<id>[A-Za-z]+)")]
    private static partial Regex Use();

    [GeneratedRegex(@"^\| `(?<id>[A-Za-z]+)` \|(?<meaning>[^|]*)\|(?<command>[^|]*)\|$")]
    private static partial Regex Row();
}
