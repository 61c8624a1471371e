using System.Text;
using FsCheck.Fluent;
using Newtonsoft.Json.Linq;
using VgpuPS.Core.Boot;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Layout;
using VgpuPS.Core.Metrics;
using VgpuPS.Core.Settings;
using Xunit;

namespace VgpuPS.Tests.Settings;

/// <summary>Readers of our own files answer bytes of any kind with a document or with their own exception.</summary>
public sealed class UnreadableFileTests
{
    private const string Claims = """
        {"version":1,"claims":[{"vm":101,"entry":0,"type":689,"state":"pending","candidates":["0000:4b:00.4"],"function":
        "0000:4b:00.4","mdev":null,"reserved":false,"heldUntil":0}],"instances":[{"gpu":"0000:4b:00.0","profile":14,"start":0,
        "size":1,"instance":3,"isOurs":true,"computeInstance":0}],"demand":{"NVIDIA A30":{"1g.6gb":2.5}}}
        """;

    private const string Settings = """
        {"version":1,"sriov":"ensure","migMode":"whenIdle","demand":{"1g.6gb":1},"timeoutSeconds":90,"keepTypes":{"101":
        {"hostpci0":"nvidia-689"}},"chain":{"101":{"path":"/root/other","order":"before"}}}
        """;

    private const string Boot = """
        {"version":1,"state":"failed","time":"2026-01-01T00:00:00Z","seconds":2.5,"gpus":[{"gpu":"0000:4b:00.0","outcome":"failed",
        "steps":["a"],"problem":{"errorId":"Timeout","message":"m","recommendedAction":"r"}}],"notes":["n"],"problems":[]}
        """;

    private const string Counters = """
        {"version":1,"runs":{"pre-start":3},"failures":[{"phase":"pre-start","errorId":"Timeout","count":1}]}
        """;

    private const string Doctor = """
        {"version":1,"time":"2026-01-01T00:00:00Z","seconds":2.5,"checks":3,"failed":["a"],"warnings":["b"],"layout":[{"gpu":
        "0000:4b:00.0","drifted":true}],"xids":[{"gpu":"0000:4b:00.0","xid":79,"count":1,"last":"2026-01-01T00:00:00Z"}]}
        """;

    private const string Layout = """
        {"version":1,"gpus":[{"gpu":"NVIDIA A30","sriov":true,"mig":true,"instances":[{"profile":"1g.6gb"}]}]}
        """;

    private static readonly string[] s_fragments =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\"version\":1", "\"version\":99", "\"claims\":[", "\"vm\":", "101", "null",
        "1e999",
        "-0", "\"\\ud800\"", "\"demand\":{", "\"gpus\":[{\"gpu\":\"A30\"", "\"mig\":true", "\"timeoutSeconds\":",
        "\"keepTypes\":{\"101\":", "\uFEFF", "\0", "\u00ff", "true", "99999999999999999999", "/*", "//", "\\", "\n",
    ];

    // What was read, as its own writer has it; the configuration has none.
    private static readonly Dictionary<string, (string Valid, Func<byte[], object> Read)> s_readers = new()
    {
        ["claims"] = (Claims, raw => ClaimFileFormat.Write(ClaimFileFormat.Read(raw, "/run/vgpups/claims.json"))),
        ["settings"] = (Settings, raw => SettingsFormat.Read(raw, "/etc/vgpups/config.json")),
        ["boot"] = (Boot, raw => BootStatusFormat.Write(BootStatusFormat.Read(raw, "/run/vgpups/boot.json"))),
        ["counters"] = (
            Counters, raw => HookCountersFormat.Write(HookCountersFormat.Read(raw, "/run/vgpups/counters.json"))),
        ["doctor"] = (
            Doctor, raw => DoctorRecordFormat.Write(DoctorRecordFormat.Read(raw, "/run/vgpups/doctor.json"))),
        ["layout"] = (Layout, raw => LayoutFormat.Write(LayoutFormat.Read(raw, "/etc/vgpups/layout.json"))),
    };

    public static TheoryData<string> Readers => [.. s_readers.Keys];

    [Theory]
    [InlineData("claims")]
    [InlineData("boot")]
    [InlineData("counters")]
    [InlineData("doctor")]
    [InlineData("layout")]
    public void Valid_file_is_read(string reader)
    {
        var (valid, read) = s_readers[reader];
        var again = Encoding.UTF8.GetString(Assert.IsType<byte[]>(read(Encoding.UTF8.GetBytes(valid))));
        Assert.True(JToken.DeepEquals(JToken.Parse(valid), JToken.Parse(again)), again);
    }

    [Fact]
    public void Valid_configuration_is_read()
    {
        var settings = Assert.IsType<HookSettings>(s_readers["settings"].Read(Encoding.UTF8.GetBytes(Settings)));
        Assert.Equal(
            (SriovPolicy.Ensure, MigModePolicy.WhenIdle, 90, 1.0),
            (settings.Sriov, settings.MigMode, settings.TimeoutSeconds, settings.Demand?["1g.6gb"]));
        Assert.Equal("nvidia-689", settings.KeepTypes["101"]["hostpci0"]);
        Assert.Equal(new ChainedScript("/root/other", ChainOrder.Before), settings.Chain["101"]);
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Any_bytes_give_a_document_or_the_readers_own_exception(string reader)
    {
        var (valid, read) = s_readers[reader];
        var bytes = ArbMap.Default.GeneratorFor<byte[]>();
        var pieces = Gen.Elements(s_fragments).ListOf().Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts)));
        var broken =
            from at in Gen.Choose(0, valid.Length)
            from length in Gen.Choose(0, 8)
            from middle in Gen.OneOf(bytes, pieces)
            select (byte[])
            [
                .. Encoding.UTF8.GetBytes(valid[..at]), .. middle,
                .. Encoding.UTF8.GetBytes(valid[Math.Min(valid.Length, at + length)..]),
            ];

        Prop.ForAll(Gen.OneOf(bytes, pieces, broken).ToArbitrary(), raw => IsOwn(Record.Exception(() => read(raw))))
            .Holds(600);
    }

    /// <summary>What the serializer refuses in a way of its own, or does not refuse and should.</summary>
    [Theory]
    [InlineData("claims", "{\"NVIDIA A30\":{\"1g.6gb\":2.5}}", "{\"\\ud800\":{}}", "a lone surrogate")]
    [InlineData("claims", "2.5", "1e400", "too large")]
    [InlineData("claims", "\"0000:4b:00.4\"]", "null]", "null")]
    [InlineData("claims", "\"pending\"", "\"\\udc00\"", "a lone surrogate")]
    [InlineData("settings", "\"ensure\"", "\"\\ud800\"", "a lone surrogate")]
    [InlineData("settings", "\"1g.6gb\":1", "\"\\ud800\":1", "a lone surrogate")]
    [InlineData("settings", "\"101\":{\"path", "\"\\ud800\":{\"path", "a lone surrogate")]
    [InlineData("settings", "{\"path\":\"/root/other\",\"order\":\"before\"}", "null", "null")]
    [InlineData("layout", "\"NVIDIA A30\"", "\"\\ud800\"", "a lone surrogate")]
    [InlineData("layout", "{\"profile\":\"1g.6gb\"}", "null", "null")]
    [InlineData("layout", "{\"profile\":\"1g.6gb\"}", "{}", "profile")]
    [InlineData("layout", "{\"profile\":\"1g.6gb\"}", "{\"profile\":\"1g.6gb\",\"computeInstances\":[null]}", "null")]
    [InlineData("boot", "\"n\"", "\"\\ud800\"", "a lone surrogate")]
    [InlineData("boot", "2.5", "1e400", "too large")]
    [InlineData("boot", "\"problems\":[]", "\"problems\":[null]", "null")]
    [InlineData("boot", "\"errorId\":\"Timeout\",", "", "errorId")]
    [InlineData("boot", "[\"a\"]", "[null]", "null")]
    [InlineData("counters", "\"pre-start\":3", "\"mid-life\":3", "runs")]
    [InlineData("counters", ":3}", ":-1}", "runs")]
    [InlineData("counters", "\"Timeout\"", "\"a b\"", "failures")]
    [InlineData("counters", "\"count\":1", "\"count\":-1", "failures")]
    [InlineData("counters", "[{\"phase\"", "[null,{\"phase\"", "null")]
    [InlineData("doctor", "2026-01-01T00:00:00Z\",\"seconds", "yesterday\",\"seconds", "time")]
    [InlineData("doctor", "\"a\"", "\"\"", "failed")]
    [InlineData("doctor", "\"xid\":79", "\"xid\":-1", "xids")]
    [InlineData("doctor", "{\"gpu\":\"0000:4b:00.0\",\"xid\"", "{\"gpu\":\"x\",\"xid\"", "xids")]
    public void What_is_json_and_no_value_of_ours_is_the_files_fault(
        string reader, string right, string wrong, string words)
    {
        var (valid, read) = s_readers[reader];
        Assert.Contains(right, valid, StringComparison.Ordinal);
        var failure = Assert.IsType<UnreadableDataException>(Record.Exception(
            () => read(Encoding.UTF8.GetBytes(valid.Replace(right, wrong, StringComparison.Ordinal)))));
        Assert.Equal(ErrorIds.UnreadableData, failure.ErrorId);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.Matches("line [0-9]+, column [0-9]+:", failure.Message);
    }

    [Fact]
    public void Boot_status_without_lists_has_empty_ones()
    {
        var status = BootStatusFormat.Read("""{"state":"done","time":"t","seconds":1}"""u8, "/run/vgpups/boot.json");
        Assert.Equal((1, 0, 0, 0), (status.Version, status.Gpus.Count, status.Notes.Count, status.Problems.Count));
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Deep_nesting_is_refused(string reader) => Assert.IsType<UnreadableDataException>(
        Record.Exception(() => s_readers[reader].Read(Encoding.UTF8.GetBytes(new string('[', 100_000)))));

    private static bool IsOwn(Exception? error) => error is null
        or UnreadableDataException { Message.Length: > 0, RecommendedAction.Length: > 0 };
}
