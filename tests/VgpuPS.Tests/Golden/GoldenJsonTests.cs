using System.Text.RegularExpressions;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Golden;

/// <summary>What <c>vgpu-hook … --json</c> prints is what programs parse: it stays as it is, byte for byte.</summary>
public sealed class GoldenJsonTests
{
    public static TheoryData<string> Hosts => new(GoldenHosts.All.Keys);

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Show_prints_what_it_printed(string host)
    {
        var result = GoldenHosts.All[host]().Hook("show", "--json");
        GoldenFile.Check($"json/show-{host}.txt", $"exit {result.ExitCode}\n{result.Output}");
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Doctor_prints_what_it_printed(string host)
    {
        var result = GoldenHosts.All[host]().Hook("doctor", "--json");
        GoldenFile.Check($"json/doctor-{host}.txt", $"exit {result.ExitCode}\n{result.Output}");
    }

    [Fact]
    public void No_other_command_has_it() => Assert.Equal(
        ["doctor", "show"],
        Regex.Matches(LabNodes.A30(LabBackend.Vfio).Hook("--help").Output, @"vgpu-hook (\w+) \[--json\]")
            .Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal));
}
