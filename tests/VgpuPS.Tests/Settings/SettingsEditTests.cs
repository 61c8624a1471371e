using System.Text;
using VgpuPS.Core.Settings;
using Xunit;

namespace VgpuPS.Tests.Settings;

public sealed class SettingsEditTests
{
    private const string Entry = "{ \"path\": \"/x/pin.sh\", \"order\": \"after\" }";

    [Theory]
    [InlineData(null, "{\n  \"chain\": {\n    \"101\": ENTRY\n  }\n}")]
    [InlineData("{}", "{\n  \"chain\": {\n    \"101\": ENTRY\n  }\n}")]
    [InlineData("{\n}\n", "{\n  \"chain\": {\n    \"101\": ENTRY\n  }\n}\n")]
    [InlineData("{ \"sriov\":\t\"never\" }", "{ \"sriov\":\t\"never\",\n  \"chain\": {\n    \"101\": ENTRY\n  }\n }")]
    [InlineData(
        "{\n  \"mine\": [1,  2],\n  \"chain\": {\"102\":{\"path\":\"/a\"}},\n  \"sriov\": \"never\"\n}\n",
        "{\n  \"mine\": [1,  2],\n  \"chain\": {\n    \"102\": {\"path\":\"/a\"},\n    \"101\": ENTRY\n  },\n  "
            + "\"sriov\": \"never\"\n}\n")]
    public void Only_the_chain_is_written(string? before, string after) => Assert.Equal(
        after.Replace("ENTRY", Entry, StringComparison.Ordinal),
        Edit(before, new ChainedScript("/x/pin.sh")));

    [Theory]
    [InlineData("{\"chain\": {\"101\": {\"path\": \"/a\"}}}", "{}")]
    [InlineData("{ \"chain\": {\"101\": {\"path\": \"/a\"}}, \"sriov\": \"never\" }", "{ \"sriov\": \"never\" }")]
    [InlineData("{\n  \"a\": 1,\n  \"chain\": {\"101\": {\"path\": \"/a\"}},\n  \"b\": 2\n}\n",
        "{\n  \"a\": 1,\n  \"b\": 2\n}\n")]
    [InlineData("{ \"a\": 1, \"chain\": {\"101\": {\"path\": \"/a\"}} }", "{ \"a\": 1 }")]
    [InlineData("{ \"a\": 1 }", "{ \"a\": 1 }")]
    [InlineData(
        "{ \"chain\": {\"101\": {\"path\": \"/a\"}, \"7000\": {\"path\":  \"/b\"}} }",
        "{ \"chain\": {\n    \"7000\": {\"path\":  \"/b\"}\n  } }")]
    public void A_chain_that_is_taken_out_leaves_the_rest(string before, string after) =>
        Assert.Equal(after, Edit(before, null));

    [Theory]
    [InlineData(null, "enable_uvm=1", "{\n  \"vgpuParameters\": {\n    \"101\": {\n      \"hostpci0\": "
        + "{ \"enable_uvm\": 1 }\n    }\n  }\n}")]
    [InlineData("{ \"vgpuParameters\": {\"101\": {\"hostpci0\": {\"disable_vnc\": 1}}} }", "", "{ }")]
    [InlineData(
        "{ \"a\": 1, \"vgpuParameters\": {\"101\": {\"hostpci1\": {\"x\":  1}}, \"102\": {\"hostpci0\": {}}} }",
        "a=1,b=2",
        "{ \"a\": 1, \"vgpuParameters\": {\n    \"102\": {\"hostpci0\": {}},\n    \"101\": {\n      \"hostpci1\": "
            + "{\"x\":  1},\n      \"hostpci0\": { \"a\": 1, \"b\": 2 }\n    }\n  } }")]
    public void Parameters_of_one_entry_are_written(string? before, string parameters, string after) => Assert.Equal(
        after, Encoding.UTF8.GetString(SettingsEdit.WithParameters(
            before is null ? null : Encoding.UTF8.GetBytes(before), "101", "hostpci0", parameters)));

    [Theory]
    [InlineData("{}")]
    [InlineData("{\n}\n")]
    [InlineData("{\n  \"sriov\": \"never\"\n}\n")]
    [InlineData("{ \"demand\": {\"chain\": 1} }")]
    public void In_and_out_is_what_it_was_as_json(string before)
    {
        var there = Edit(before, new ChainedScript("/x/a b\"c.sh", ChainOrder.Before));
        using var whole = System.Text.Json.JsonDocument.Parse(there);
        Assert.Equal(
            "/x/a b\"c.sh", whole.RootElement.GetProperty("chain").GetProperty("101").GetProperty("path").GetString());
        using var first = System.Text.Json.JsonDocument.Parse(before);
        using var back = System.Text.Json.JsonDocument.Parse(Edit(there, null));
        Assert.True(System.Text.Json.JsonElement.DeepEquals(first.RootElement, back.RootElement));
    }

    private static string Edit(string? before, ChainedScript? script) => Encoding.UTF8.GetString(
        SettingsEdit.WithChain(before is null ? null : Encoding.UTF8.GetBytes(before), "101", script));
}
