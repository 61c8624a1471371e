using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Settings;
using Xunit;

namespace VgpuPS.Tests.Settings;

public sealed class SettingsFormatTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("\uFEFF{ \"version\": 1, \"demand\": \"learn\" }")]
    [InlineData(
        """{"sriov":"ensure","migMode":"never","computeInstance":"full","reclaim":"onStop","unreadableEntry":"refuse","timeoutSeconds":60,"lockTimeoutSeconds":300,"keepTypes":{},"chain":{}}""")]
    public void Defaults_hold_where_nothing_else_is_said(string text) =>
        Assert.Equivalent(new HookSettings(), Read(text), strict: true);

    [Fact]
    public void Every_other_choice_is_read()
    {
        var settings = Read(
            """
            {
              "sriov": "never", "migMode": "whenIdle", "computeInstance": "guest", "reclaim": "never",
              "unreadableEntry": "warn", "demand": { "2g.12gb": 0.5, "1g.6gb": 3 },
              "timeoutSeconds": 3600, "lockTimeoutSeconds": 1,
              "keepTypes": { "101": { "hostpci15": "nvidia-1147" } },
              "chain": { "101": { "path": "/x/y" }, "102": { "path": "/z", "order": "before" } },
              "vgpuParameters": { "101": { "hostpci0": { "enable_profiling": 1, "enable_uvm": 1 }, "hostpci1": {} } }
            }
            """);
        var expected = new HookSettings
        {
            Sriov = SriovPolicy.Never,
            MigMode = MigModePolicy.WhenIdle,
            ComputeInstance = ComputeInstancePolicy.Guest,
            Reclaim = ReclaimPolicy.Never,
            UnreadableEntry = UnreadableEntryPolicy.Warn,
            Demand = new Dictionary<string, double> { ["2g.12gb"] = 0.5, ["1g.6gb"] = 3 },
            TimeoutSeconds = 3600,
            LockTimeoutSeconds = 1,
            KeepTypes = new Dictionary<string, IReadOnlyDictionary<string, string>>
            {
                ["101"] = new Dictionary<string, string> { ["hostpci15"] = "nvidia-1147" },
            },
            Chain = new Dictionary<string, ChainedScript>
            {
                ["101"] = new("/x/y", ChainOrder.After),
                ["102"] = new("/z", ChainOrder.Before),
            },
            VgpuParameters = new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>>>
            {
                ["101"] = new Dictionary<string, IReadOnlyDictionary<string, int>>
                {
                    ["hostpci0"] = new Dictionary<string, int> { ["enable_profiling"] = 1, ["enable_uvm"] = 1 },
                    ["hostpci1"] = new Dictionary<string, int>(),
                },
            },
        };
        Assert.Equivalent(expected, settings, strict: true);
        Assert.Equal("enable_uvm=1,enable_profiling=1", settings.ParametersOf(new VmId(101), "hostpci0"));
        Assert.Equal("", settings.ParametersOf(new VmId(101), "hostpci2"));
        Assert.Equal("", settings.ParametersOf(new VmId(102), "hostpci0"));
    }

    [Theory]
    [InlineData("", 1, 1, "not JSON")]
    [InlineData("[]", 1, 1, "not an object")]
    [InlineData("{\n  \"sriov\": ensure }", 2, 12, "not JSON")]
    [InlineData("{\n  \"Sriov\": \"never\" }", 2, 12, "'Sriov'")]
    [InlineData("{\n  \"sriov\": \"Never\" }", 2, 12, "ensure, never")]
    [InlineData("{ \"sriov\": 1 }", 1, 13, "$.sriov")]
    [InlineData("{ \"timeoutSeconds\": 0 }", 1, 21, "1 to 3600")]
    [InlineData("{ \"timeoutSeconds\": 3601 }", 1, 21, "1 to 3600")]
    [InlineData("{ \"timeoutSeconds\": 1.5 }", 1, 24, "$.timeoutSeconds")]
    [InlineData("{ \"lockTimeoutSeconds\": 86401 }", 1, 25, "1 to 86400")]
    [InlineData("{ \"demand\": \"guess\" }", 1, 13, "learn")]
    [InlineData("{ \"demand\": {\n\"1g.6gb\": -1 } }", 2, 11, "1g.6gb")]
    [InlineData("{ \"keepTypes\": { \"99\": {} } }", 1, 24, "'99'")]
    [InlineData("{ \"keepTypes\": { \"101\": {\n\"hostpci16\": \"nvidia-1\" } } }", 2, 14, "hostpci16")]
    [InlineData("{ \"keepTypes\": { \"101\": { \"hostpci0\": \"nvidia-01\" } } }", 1, 39, "nvidia-01")]
    [InlineData("{ \"keepTypes\": { \"101\": null } }", 1, 25, "101")]
    [InlineData("{ \"chain\": { \"101\": { \"path\": \"x\" } } }", 1, 31, "absolute")]
    [InlineData("{ \"chain\": { \"101\": { \"order\": \"after\" } } }", 1, 21, "'path' is missing")]
    [InlineData("{ \"chain\": { \"101\": { \"path\": \"/x\", \"order\": \"last\" } } }", 1, 46, "after, before")]
    [InlineData("{ \"chain\": { \"101\": { \"path\": \"/x\", \"args\": 1 } } }", 1, 45, "'args'")]
    [InlineData("{ \"sriow\": \"never\" }", 1, 12, "the nearest is 'sriov' (known: version, sriov, ")]
    [InlineData("{ \"vgpuParameters\": { \"99\": {} } }", 1, 29, "'99'")]
    [InlineData("{ \"vgpuParameters\": { \"101\": { \"hostpci16\": {} } } }", 1, 45, "hostpci16")]
    [InlineData("{ \"vgpuParameters\": { \"101\": {\n\"hostpci0\": { \"enable_uwm\": 1 } } } }", 2, 29, "'enable_uvm'")]
    [InlineData("{ \"vgpuParameters\": { \"101\": {\n\"hostpci0\": { \"enable_uvm\": 2 } } } }", 2, 29, "0 or 1")]
    [InlineData("{ \"vgpuParameters\": { \"101\": {\n\"hostpci0\": { \"enable_profiling\": 1 } } } }", 2, 13,
        "enable_profiling=1 needs enable_uvm=1")]
    [InlineData("{ \"vgpuParameters\": { \"101\": {\n\"hostpci0\": { \"enable_uvm\": true } } } }", 2, 33,
        "enable_uvm")]
    [InlineData("{ \"version\": 0 }", 1, 14, "version")]
    public void What_is_wrong_is_refused_with_its_place(string text, int line, int column, string reason)
    {
        var failure = Assert.Throws<UnreadableDataException>(() => Read(text));
        Assert.Equal(ErrorIds.UnreadableData, failure.ErrorId);
        Assert.Contains($"line {line}, column {column}:", failure.Message, StringComparison.Ordinal);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.Contains("/etc/vgpups/config.json", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_version_is_refused_before_its_unknown_members()
    {
        var failure = Assert.Throws<UnreadableDataException>(() => Read("""{"version":2,"news":true}"""));
        Assert.Equal(ErrorIds.NewerVersion, failure.ErrorId);
        Assert.Contains("version 2", failure.Message, StringComparison.Ordinal);
        Assert.Contains("up to 1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_in_another_encoding_is_refused_with_its_place()
    {
        var failure = Assert.Throws<UnreadableDataException>(() => SettingsFormat.Read(
            [.. "{\n\""u8, 0xFF, .. "\": 1 }"u8], "/etc/vgpups/config.json"));
        Assert.Contains("line 2, column 2: the text is not UTF-8", failure.Message, StringComparison.Ordinal);
    }

    private static HookSettings Read(string text) =>
        SettingsFormat.Read(Encoding.UTF8.GetBytes(text), "/etc/vgpups/config.json");
}
