using System.Reflection;
using VgpuPS.Core.Errors;
using Xunit;

namespace VgpuPS.Tests.Golden;

/// <summary>Error ids are what scripts match on: each keeps its name and its value.</summary>
public sealed class GoldenErrorIdTests
{
    [Fact]
    public void Every_id_is_what_it_was() => GoldenFile.Check("error-ids.txt", string.Concat(
        typeof(ErrorIds).GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            .Where(f => f.IsLiteral).OrderBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => $"{f.Name} = {f.GetRawConstantValue()}\n")));
}
