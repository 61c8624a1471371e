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
        var ids = typeof(ErrorIds).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!);
        var rows = File.ReadLines(Path.Combine(Checkout.Root, "src/docs/errors.md"))
            .Select(line => Row().Match(line)).Where(row => row.Success).ToList();
        Assert.Equal(ids.Order(StringComparer.Ordinal),
            rows.Select(row => row.Groups["id"].Value).Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.False(
            string.IsNullOrWhiteSpace(row.Groups["meaning"].Value)
                || string.IsNullOrWhiteSpace(row.Groups["command"].Value), row.Value));
    }

    [GeneratedRegex(@"^\| `(?<id>[A-Za-z]+)` \|(?<meaning>[^|]*)\|(?<command>[^|]*)\|$")]
    private static partial Regex Row();
}
