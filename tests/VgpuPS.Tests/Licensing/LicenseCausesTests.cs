using VgpuPS.Core.Guests;
using Xunit;

namespace VgpuPS.Tests.Licensing;

/// <summary>Causes that are decided by what was seen, without a guest.</summary>
public sealed class LicenseCausesTests
{
    private const string Refused = "Failed to acquire license from dls.lab (Info: NVIDIA Virtual PC - Error: "
        + "No pool features found for : NVIDIA Virtual PC)";

    /// <summary>Every feature type against every class: 2 is of the workstation's, Q, 4 of the compute server's,
    /// C.</summary>
    [Theory]
    [InlineData(0, "QBAC", "")]
    [InlineData(1, "", "QBAC")]
    [InlineData(2, "BAC", "Q")]
    [InlineData(4, "QBA", "C")]
    public void Feature_type_that_is_not_the_class_s_is_F9_and_any_other_F5(int feature, string wrong, string right)
    {
        foreach (var vgpuClass in wrong)
        {
            var cause = Find(feature, vgpuClass);
            Assert.Equal("F9", cause.Row);
            Assert.Contains("-FeatureType 1", cause.Fix, StringComparison.Ordinal);
        }

        foreach (var vgpuClass in right)
        {
            Assert.Equal("F5", Find(feature, vgpuClass).Row);
        }
    }

    [Theory]
    [InlineData("older than the minimum", "is older than", "install the guest driver of the host's branch")]
    [InlineData("newer than the maximum", "is newer than", "update the host's driver first")]
    public void Guest_older_and_newer_than_the_host_takes_are_told_apart(string words, string text, string fix)
    {
        var line = $"Incompatible Guest/Host drivers: Guest VGX version is {words} version supported by the Host.";
        var cause = LicenseCauses.Find(Seen(line, 1, 'Q'));
        Assert.Equal("E3", cause.Row);
        Assert.Contains(text, cause.Text, StringComparison.Ordinal);
        Assert.StartsWith(fix, cause.Fix, StringComparison.Ordinal);
        Assert.NotEqual("E3", LicenseCauses.Find(Seen(
            line + "\nLicense acquired successfully. (Info: dls.lab, NVIDIA Virtual PC; Expiry: N/A)\n" + Refused,
            1, 'Q')).Row);
    }

    private static LicenseCause Find(int feature, char vgpuClass) =>
        LicenseCauses.Find(Seen(Refused, feature, vgpuClass));

    private static LicenseSituation Seen(string log, int feature, char vgpuClass) => new()
    {
        Log = GriddLog.Parse(log),
        Smi = SmiReport.Parse(""),
        FeatureType = feature,
        VgpuClass = vgpuClass,
        TokenServers = ["dls.lab"],
    };
}
