using FsCheck;
using FsCheck.Fluent;
using VgpuPS.Core.Guests;
using Xunit;

namespace VgpuPS.Tests.Licensing;

public sealed class GriddConfTests
{
    [Theory]
    [InlineData("", "FeatureType=1\n")]
    [InlineData("FeatureType=0\n", "FeatureType=1\n")]
    [InlineData("FeatureType = 0", "FeatureType=1")]
    [InlineData("# FeatureType=0\nEnableUI=TRUE\n", "# FeatureType=0\nEnableUI=TRUE\nFeatureType=1\n")]
    [InlineData("A=1\r\nFeatureType=0\r\nB=2\r\n", "A=1\r\nFeatureType=1\r\nB=2\r\n")]
    [InlineData("A=1\r\nB=2", "A=1\r\nB=2\r\nFeatureType=1\r\n")]
    [InlineData("FeatureType=0\nX=1\nFeatureType=2\n", "FeatureType=1\nX=1\n")]
    [InlineData("#ServerAddress=\nMyFeatureType=9\n", "#ServerAddress=\nMyFeatureType=9\nFeatureType=1\n")]
    public void Only_the_owned_line_changes(string before, string after)
    {
        var conf = GriddConf.Parse(before).With(GriddConf.FeatureType, "1");
        Assert.Equal(after, conf.ToString());
        Assert.Equal("1", conf[GriddConf.FeatureType]);
        Assert.Equal(after, conf.With(GriddConf.FeatureType, "1").ToString());
    }

    [Fact]
    public void A_comment_is_no_setting() => Assert.Null(GriddConf.Parse("#FeatureType=1\n")[GriddConf.FeatureType]);

    [Fact]
    public void A_key_is_taken_out_wherever_it_stands() =>
        Assert.Equal("A=1\n",
            GriddConf.Parse("ServerAddress=x\nA=1\nServerAddress=y").Without(GriddConf.ServerAddress).ToString());

    [Fact]
    public void A_key_that_is_not_ours_is_never_touched() =>
        Assert.Throws<ArgumentException>(() => GriddConf.Parse("").With("EnableUI", "FALSE"));

    [Fact]
    public void Whatever_else_a_file_holds_stays_byte_for_byte() => Prop.ForAll<NonNull<string>>(text =>
    {
        var before = text.Get.Replace("FeatureType", "Other", StringComparison.Ordinal);
        var after = GriddConf.Parse(before).With(GriddConf.FeatureType, "1").ToString();
        return after.StartsWith(before, StringComparison.Ordinal) && GriddConf.Parse(before).ToString() == before;
    }).Holds();
}
