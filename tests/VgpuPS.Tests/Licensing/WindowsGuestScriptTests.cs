using System.Management.Automation;
using System.Management.Automation.Language;
using VgpuPS.Core.Guests;
using Xunit;

namespace VgpuPS.Tests.Licensing;

/// <summary>What is sent to Windows guests, as PowerShell's own parser and engine take it.</summary>
public sealed class WindowsGuestScriptTests
{
    /// <summary>A registry in memory, in the place of the provider that only Windows has.</summary>
    private const string Registry = """
        function Get-Item { param($LiteralPath, $ErrorAction)
            if (-not $registry.ContainsKey($LiteralPath)) { return }
            $key = [pscustomobject]@{ Values = $registry[$LiteralPath] }
            $key | Add-Member ScriptMethod GetValueNames { @($this.Values.Keys) }
            $key | Add-Member ScriptMethod GetValueKind { param($name) $this.Values[$name][0] }
            $key | Add-Member ScriptMethod GetValue { param($name) $this.Values[$name][1] }
            $key
        }
        function Test-Path { param($LiteralPath) $registry.ContainsKey($LiteralPath) }
        function New-Item { param([switch]$Force, $Path) $registry[$Path] = @{} }
        function Set-ItemProperty { param($LiteralPath, $Name, $Type, $Value)
            $registry[$LiteralPath][$Name] = @($Type, $Value) }
        function Remove-ItemProperty { param($LiteralPath, $Name, $ErrorAction) $registry[$LiteralPath].Remove($Name) }
        """;

    private static readonly string[] s_laterTokens = ["QuestionQuestion", "QuestionQuestionEquals", "QuestionDot",
        "QuestionLBracket", "AndAnd", "OrOr", "QuestionMark"];

    public static TheoryData<string> Names => [.. WindowsGuestScripts.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_script_is_one_that_windows_powershell_can_parse(string name)
    {
        var script = WindowsGuestScripts.All.Single(s => s.Name == name);
        var tree = Parser.ParseInput(script.Body, out var tokens, out var errors);
        Assert.Empty(errors);

        // Windows PowerShell 5.1 knows none of these: operators, chains and the ternary came with PowerShell 7.
        Assert.DoesNotContain(tokens, t => s_laterTokens.Contains(t.Kind.ToString()));
        Assert.Empty(tree.FindAll(n => n is TernaryExpressionAst or PipelineChainAst, searchNestedScriptBlocks: true));

        // Nothing is read from the script's own surroundings but its arguments and what it sets itself.
        var set = tree.FindAll(n => n is AssignmentStatementAst or ForEachStatementAst, true)
            .Select(n => $"{(n as AssignmentStatementAst)?.Left ?? ((ForEachStatementAst)n).Variable}");
        var read = tree.FindAll(n => n is VariableExpressionAst, true).Cast<VariableExpressionAst>()
            .Where(v => !v.VariablePath.IsDriveQualified).Select(v => $"${v.VariablePath.UserPath}");
        Assert.Empty(read.Except([.. set, "$p1", "$p2", "$p3", "$p4", "$_", "$null", "$LASTEXITCODE"]));
    }

    [Fact]
    public void Values_of_both_keys_are_printed_with_their_types()
    {
        var printed = Run(WindowsGuestScripts.GetLicensing, $$"""
            @{ 'HKLM:\{{GridRegistry.DriverKey}}' = @{ FeatureType = @('String', '2'); Other = @('String', 'x') }
               'HKLM:\{{GridRegistry.SoftwareKey}}' = @{ FeatureType = @('DWord', 4)
                   ClientConfigTokenPath = @('String', 'D:\tokens'); ServerAddress = @('String', '10.0.0.1') } }
            """).Printed;
        Assert.Equal(
            [
                new GridRegistryValue(GridRegistry.DriverKey, "FeatureType", "String", "2"),
                new GridRegistryValue(GridRegistry.SoftwareKey, "FeatureType", "DWord", "4"),
                new GridRegistryValue(GridRegistry.SoftwareKey, "ClientConfigTokenPath", "String", @"D:\tokens"),
                new GridRegistryValue(GridRegistry.SoftwareKey, "ServerAddress", "String", "10.0.0.1"),
            ],
            GridRegistry.Parse(printed)!);
    }

    [Fact]
    public void A_guest_without_keys_prints_nothing() => Assert.Empty(
        Run(WindowsGuestScripts.GetLicensing, "@{}").Printed);

    [Theory]
    [InlineData("@{}", "FeatureType", "DWord", "2", "FeatureType DWord int 2")]
    [InlineData("@{ 'HKLM:\\K' = @{ A = @('String', 'x') } }", "A", "String", "y", "A String string y")]
    [InlineData("@{ 'HKLM:\\K' = @{ A = @('String', 'x') } }", "A", "", "", "")]
    [InlineData("@{}", "A", "", "", "")]
    public void A_value_is_set_or_taken_away(string before, string name, string kind, string text, string after) =>
        Assert.Equal(after, Run(WindowsGuestScripts.SetLicensing, before, "K", name, kind, text).Registry.Trim());

    [Theory]
    [InlineData("581.80", true, false)]
    [InlineData("527.41", true, false)]
    [InlineData("525.60.13", true, false)]
    [InlineData("514.08", true, true)]
    [InlineData("511.09", true, true)]
    [InlineData("474.44", false, true)]
    [InlineData(null, true, true)]
    [InlineData("x", true, true)]
    public void A_drivers_branch_decides_which_keys_it_reads(string? driver, bool own, bool software) => Assert.Equal(
        [
            .. (string[])(own ? [@"SYSTEM\CurrentControlSet\Services\nvlddmkm\Global\GridLicensing"] : []),
            .. (string[])(software ? [@"SOFTWARE\NVIDIA Corporation\Global\GridLicensing"] : []),
        ],
        GridRegistry.KeysOf(driver));

    [Theory]
    [InlineData("x")]
    [InlineData("SOFTWARE\\Else\tFeatureType\tDWord\t1")]
    [InlineData(GridRegistry.DriverKey + "\tImagePath\tString\tx")]
    [InlineData(GridRegistry.DriverKey + "\tFeatureType\tBinary\t1")]
    [InlineData(GridRegistry.DriverKey + "\tFeatureType\tDWord\t1\nmore")]
    public void A_line_that_is_no_value_is_not_passed_over(string text) => Assert.Null(GridRegistry.Parse(text));

    private static (string Printed, string Registry) Run(GuestScript script, string registry, params string[] words)
    {
        using var shell = PowerShell.Create();
        var arguments = string.Concat(words.Select((w, i) => $"$p{i + 1}={WindowsGuestScripts.Quote(w)};"));
        // A script's own exit ends it alone, as in a process of its own.
        shell.AddScript($$"""
            $registry = {{registry}}
            {{Registry}}
            $printed = & { {{arguments}} {{script.Body.Replace("exit 0", "return", StringComparison.Ordinal)}}
            }
            $printed -join "`n"
            "##"
            foreach ($key in $registry.Keys) { foreach ($name in $registry[$key].Keys) {
                $kind, $value = $registry[$key][$name]
                "$name $kind $($value.GetType()) $value"
            } }
            """);
        var lines = shell.Invoke<string>();
        Assert.Empty(shell.Streams.Error);
        var all = string.Join('\n', lines).Split("##");
        return (all[0].Trim(), all[1]);
    }
}
