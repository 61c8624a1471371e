using System.Management.Automation;
using System.Text.Json;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class NewLabTokenCommandTests : CommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "New-LabToken . -Confirm:$false", "WriteFailed", ErrorCategory.NotEnabled },
        { "New-LabToken none/lab.tok", "WriteFailed", ErrorCategory.NotEnabled },
    };

    public static TheoryData<string, string> Typed => new() { { "New-LabToken -Ser", "-Server" } };

    private string Token => PathOf("lab.tok");

    [Fact]
    public void A_token_for_the_simulated_licence_server_is_written()
    {
        Assert.Equal(Token, One<FileInfo>($"New-LabToken '{Token}'").FullName);
        var said = Read();
        Assert.Equal("dls.lab", Server(said));
        Assert.Equal(2036, DateTimeOffset.FromUnixTimeSeconds(said.GetProperty("exp").GetInt64()).Year);
    }

    [Fact]
    public void Server_and_end_are_taken_a_file_is_replaced_and_written_as_an_object()
    {
        File.WriteAllText(Token, "old");
        var file = One<FileInfo>(
            $"New-LabToken -Path '{Token}' -Server 'dls \"two\".lab' -Expires '2027-02-03Z' -PassThru");
        Assert.Equal(Token, file.FullName);
        var said = Read();
        Assert.Equal("dls \"two\".lab", Server(said));
        Assert.Equal(
            new DateTimeOffset(2027, 2, 3, 0, 0, 0, TimeSpan.Zero),
            DateTimeOffset.FromUnixTimeSeconds(said.GetProperty("exp").GetInt64()));
        Assert.Equal(["System.IO.FileInfo"], Values("(Get-Command New-LabToken).OutputType.Name"));
    }

    [Fact]
    public void A_file_that_is_there_is_kept_where_that_is_wanted_and_a_read_only_one_is_replaced_by_force()
    {
        File.WriteAllText(Token, "old");
        AssertRefused($"New-LabToken '{Token}' -NoClobber -WhatIf", "FileExists", ErrorCategory.InvalidArgument);
        File.SetAttributes(Token, FileAttributes.ReadOnly);
        AssertRefused($"New-LabToken '{Token}'", "WriteFailed", ErrorCategory.NotEnabled, action: "-Force");
        Assert.Equal("old", File.ReadAllText(Token));
        Run($"New-LabToken '{Token}' -Force");
        Assert.Equal("dls.lab", Server(Read()));
    }

    [Fact]
    public void Paths_are_PowerShell_s()
    {
        Run($"Set-Location '{Path.GetDirectoryName(Token)}'; New-LabToken ./lab.tok");
        Assert.True(File.Exists(Token));
    }

    [Fact]
    public void WhatIf_says_what_it_would_write_and_writes_nothing()
    {
        var printed = Assert.Single(Run($"New-LabToken '{Token}' -Server other.lab -WhatIf").Printed);
        Assert.Matches(@"What if: New-LabToken on .*lab\.tok:\n  1\. write a token for other\.lab", printed);
        Assert.False(File.Exists(Token));
    }

    [Fact]
    public void It_is_written_after_a_yes_only()
    {
        AssertRefused(
            $"New-LabToken '{Token}' -Confirm", "ConfirmationRequired", ErrorCategory.NotEnabled,
            action: "-Confirm:$false");
        Answer("n");
        Assert.Contains(
            "Continue?", Assert.Single(Run($"New-LabToken '{Token}' -Confirm").Questions), StringComparison.Ordinal);
        Assert.False(File.Exists(Token));
        Answer("y");
        Run($"New-LabToken '{Token}' -Confirm");
        Assert.True(File.Exists(Token));
    }

    [Theory]
    [InlineData("''", "ParameterArgumentValidationError")]
    [InlineData("lab.tok -Server ''", "ParameterArgumentValidationError")]
    [InlineData("lab.tok -Expires soon", "CannotConvertArgumentNoMessage")]
    [InlineData("", "MissingMandatoryParameter")]
    public void What_cannot_be_is_no_value_of_a_parameter(string arguments, string id)
    {
        Run($"Set-Location '{Path.GetDirectoryName(Token)}'");
        Assert.StartsWith(id, RefusalId("New-LabToken " + arguments), StringComparison.Ordinal);
        Assert.False(File.Exists(Token));
    }

    [Fact]
    public void No_simulated_host_takes_one_that_has_ended()
    {
        Run($"Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; New-LabToken '{Token}' -Expires '2026-01-01Z'");
        Assert.Equal("TokenExpired", RefusalId($"Set-GridLicense 101 -TokenPath '{Token}'"));
    }

    /// <summary>What the token says of itself.</summary>
    private JsonElement Read()
    {
        var payload = File.ReadAllText(Token).Split('.')[1].Replace('-', '+').Replace('_', '/');
        return JsonDocument.Parse(
            Convert.FromBase64String(payload.PadRight((payload.Length + 3) / 4 * 4, '='))).RootElement;
    }

    private static string? Server(JsonElement said) =>
        said.GetProperty(
            "service_instance_configuration").GetProperty("node_url_list")[0].GetProperty("url").GetString();
}
