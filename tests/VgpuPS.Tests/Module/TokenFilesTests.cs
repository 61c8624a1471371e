using System.Management.Automation;
using System.Reflection;
using VgpuPS.Commands;
using VgpuPS.Core.Errors;
using VgpuPS.Tests.Licensing;
using VgpuPS.Text;
using Xunit;

namespace VgpuPS.Tests.Module;

/// <summary>A token that is typed where its file's path belongs is told apart, and not repeated.</summary>
public sealed class TokenFilesTests
{
    public static TheoryData<string> Typed
    {
        get
        {
            var token = Tokens.Make();
            return [token, $"./{token}", $"/root/{token}", token[..60],
                token.Replace(".", "\n.", StringComparison.Ordinal), $" {token} ", token.Split('.')[1]];
        }
    }

    [Theory]
    [MemberData(nameof(Typed))]
    public void A_token_in_place_of_its_path_is_refused_and_nowhere_in_the_failure(string typed)
    {
        var failure = Assert.Throws<InvalidRequestException>(() => TokenFiles.RequirePath(typed));
        Assert.Equal((ErrorIds.InvalidToken, null), (failure.ErrorId, failure.Target));
        var record = ErrorRecords.From(failure);
        foreach (var part in Tokens.Make().Split('.').SelectMany(p => new[] { p, p[..Math.Min(20, p.Length)] }))
        {
            Assert.DoesNotContain(
                part, $"{failure} {failure.RecommendedAction} {record} {record.TargetObject} {record.ErrorDetails}",
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("lab.tok")]
    [InlineData("./client_configuration_token_01-02-2026-03-04-05.tok")]
    [InlineData("/home/me/a folder with a long name/client_configuration_token_2026.tok")]
    [InlineData("C:\\tokens\\client_configuration_token_01-02-2026-03-04-05.tok")]
    public void A_path_is_none(string path) => TokenFiles.RequirePath(path);

    [Fact]
    public void No_other_name_of_the_parameter_asks_for_the_token_itself() =>
        Assert.Null(typeof(SetGridLicenseCommand).GetProperty(
            nameof(SetGridLicenseCommand.TokenPath))!.GetCustomAttribute<AliasAttribute>());
}
