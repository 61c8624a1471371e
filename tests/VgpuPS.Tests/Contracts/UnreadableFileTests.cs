using System.Text;
using FsCheck;
using FsCheck.Fluent;
using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;
using Xunit;

namespace VgpuPS.Tests.Contracts;

/// <summary>Readers of our own files answer bytes of any kind with a document or with their own exception.</summary>
public sealed class UnreadableFileTests
{
    private const string Claims = """
        {"version":1,"claims":[{"vm":101,"entry":0,"type":689,"state":"pending","candidates":["0000:4b:00.4"],"function":
        "0000:4b:00.4","mdev":null,"reserved":false,"heldUntil":0}],"instances":[{"gpu":"0000:4b:00.0","profile":14,"start":0,
        "size":1,"instance":3,"isOurs":true,"computeInstance":0}],"demand":{"NVIDIA A30":{"1g.6gb":2.5}}}
        """;

    private const string Settings = """
        {"version":1,"sriov":"ensure","migMode":"whenIdle","demand":{"1g.6gb":1},"timeoutSeconds":60,"keepTypes":{"101":
        {"hostpci0":"nvidia-689"}},"chain":{"101":{"path":"/root/other","order":"before"}}}
        """;

    private const string Layout = """
        {"version":1,"gpus":[{"gpu":"NVIDIA A30","sriov":true,"mig":true,"instances":[{"profile":"1g.6gb"}]}]}
        """;

    private static readonly string[] s_fragments =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\"version\":1", "\"version\":99", "\"claims\":[", "\"vm\":", "101", "null", "1e999",
        "-0", "\"\\ud800\"", "\"demand\":{", "\"gpus\":[{\"gpu\":\"A30\"", "\"mig\":true", "\"timeoutSeconds\":", "\"keepTypes\":{\"101\":",
        "\uFEFF", "\0", "\u00ff", "true", "99999999999999999999", "/*", "//", "\\", "\n",
    ];

    private static readonly Dictionary<string, (string Valid, Action<byte[]> Read)> s_readers = new()
    {
        ["claims"] = (Claims, raw => ClaimFileFormat.Read(raw, "/run/vgpups/claims.json")),
        ["settings"] = (Settings, raw => SettingsFormat.Read(raw, "/etc/vgpups/config.json")),
        ["layout"] = (Layout, raw => LayoutFormat.Read(raw, "/etc/vgpups/layout.json")),
    };

    public static TheoryData<string> Readers => [.. s_readers.Keys];

    [Theory]
    [MemberData(nameof(Readers))]
    public void Valid_file_is_read(string reader) => s_readers[reader].Read(Encoding.UTF8.GetBytes(s_readers[reader].Valid));

    [Theory]
    [MemberData(nameof(Readers))]
    public void Any_bytes_give_a_document_or_the_readers_own_exception(string reader)
    {
        var (valid, read) = s_readers[reader];
        var noise = ArbMap.Default.GeneratorFor<byte[]>();
        var pieces = Gen.Elements(s_fragments).ListOf().Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts)));
        var broken =
            from at in Gen.Choose(0, valid.Length)
            from length in Gen.Choose(0, 8)
            from middle in Gen.OneOf(noise, pieces)
            select (byte[])
            [
                .. Encoding.UTF8.GetBytes(valid[..at]), .. middle,
                .. Encoding.UTF8.GetBytes(valid[Math.Min(valid.Length, at + length)..]),
            ];

        Prop.ForAll(Gen.OneOf(noise, pieces, broken).ToArbitrary(), raw => IsOwn(Record.Exception(() => read(raw))))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(600));
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Deep_nesting_is_refused(string reader) => Assert.IsType<UnreadableDataException>(
        Record.Exception(() => s_readers[reader].Read(Encoding.UTF8.GetBytes(new string('[', 100_000)))));

    private static bool IsOwn(Exception? error) => error is null
        or UnreadableDataException { Message.Length: > 0, RecommendedAction.Length: > 0 };
}
