using System.Text;
using System.Text.RegularExpressions;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Layout;
using VgpuPS.Tests.Architecture;
using VgpuPS.Text;
using Xunit;

namespace VgpuPS.Tests.Module;

/// <summary>Layouts that people write by hand on a workstation: more is right there than in the host's own
/// file.</summary>
public sealed class LayoutFilesTests : IDisposable
{
    private const string Strict = """
        {"version":1,"gpus":[
        {"gpu":"0000:4b:00.0","sriov":true,"mig":true,"instances":[{"profile":"2g.12gb","placement":"0:2"}]},
        {"gpu":"NVIDIA A10*","scheduler":{"policy":"equalShare","timesliceMilliseconds":2}}]}
        """;

    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Comments_trailing_commas_names_in_any_case_and_enums_by_name_are_right() => Assert.Equivalent(
        LayoutFormat.Read(Encoding.UTF8.GetBytes(Strict), "layout.json").Gpus,
        Read("""
            // Two kinds of GPU.
            {
              "Version": 1, /* of the form */
              "GPUS": [
                {
                  "Gpu": "0000:4b:00.0", "SRIOV": true, "Mig": true, "MixedSizes": null, "Scheduler": null,
                  "instances": [ { "Profile": "2g.12gb", "placement": "0:2", "ComputeInstances": null, }, ],
                },
                { "gpu": "NVIDIA A10*", "scheduler": { "policy": "EQUALSHARE", "TimesliceMilliseconds": 2 } },
              ],
            }
            // The end.

            """),
        strict: true);

    [Fact]
    public void The_one_in_the_documentation_is_right()
    {
        var chapter = File.ReadAllText(Path.Combine(Checkout.Root, "src", "docs", "powershell.md"));
        var layout = Read(Regex.Match(chapter, "```json\n(.*?)```", RegexOptions.Singleline).Groups[1].Value)!;
        Assert.Equal((2, 2), (layout.Count, layout[0].Instances!.Count));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("\"EqualShare\"")]
    public void Enums_as_ConvertTo_Json_writes_them_are_right(string policy) => Assert.Equal(
        SchedulerPolicy.EqualShare,
        Read("{\"Version\":1,\"Gpus\":[{\"Gpu\":\"x\",\"Scheduler\":{\"Policy\":" + policy
            + "}}]}")![0].Scheduler!.Policy);

    [Fact]
    public void Text_in_UTF_16_with_its_mark_is_right()
    {
        File.WriteAllText(_path, Strict, Encoding.Unicode);
        Assert.Equal(2, LayoutFiles.Read(_path)!.Count);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("null", "line 1", "it is empty")]
    [InlineData("[]", "line 1", "the document", "must be an object")]
    [InlineData("{\n\"version\":1,\n\"gpus\":[{]}", "line 3", "not JSON")]
    [InlineData("{\"version\":1,\"gpus\":[]}\n{}", "line 2", "Additional text")]
    [InlineData("{\n\"gpus\":[],\n\"gpu\":1}", "line 3", "'gpu' is not a known member", "version, gpus")]
    [InlineData("{\n\"gpus\":[],\n\"Gpus\":[]}", "line 3", "'gpus' is specified twice")]
    [InlineData("{\"version\":1}", "the member 'gpus' is missing")]
    [InlineData("{\"gpus\":[\n{\"mig\":true}]}", "line 2", "the member 'gpu' is missing")]
    [InlineData("{\"gpus\":[\n{\"gpu\":\"\"}]}", "line 2", "gpus[0] does not name a GPU")]
    [InlineData("{\"gpus\":[\n{\"gpu\":\"a\"},\n{\"gpu\":\"A\"}]}", "line 3", "the GPU A is listed twice")]
    [InlineData("{\"gpus\":[\n{\"gpu\":\"a\",\n\"mig\":\"yes\"}]}", "line 3", "$.gpus[0].mig", "wrong kind")]
    [InlineData("{\"gpus\":[\n{\"gpu\":7}]}", "line 2", "$.gpus[0].gpu", "wrong kind")]
    [InlineData("{\"gpus\":[\n{\"gpu\":null}]}", "line 2", "$.gpus[0].gpu", "wrong kind")]
    [InlineData("{\"gpus\":[\n{\"gpu\":[\"a\"]}]}", "line 2", "'gpus[0].gpu' must be a single value")]
    [InlineData("{\"gpus\":[{\"gpu\":\"a\",\n\"instances\":\"2g.12gb at 0:2\"}]}", "line 2",
        "'gpus[0].instances' must be a list")]
    [InlineData("{\"gpus\":[{\"gpu\":\"a\",\"scheduler\":{\n\"policy\":\"none\"}}]}", "line 2",
        "'none' is not one of bestEffort, equalShare, fixedShare")]
    [InlineData(
        "{\"gpus\":[{\"gpu\":\"a\",\"scheduler\":{\n\"policy\":9}}]}", "line 2", "'9' is not one of bestEffort")]
    [InlineData("{\n\"version\":0,\"gpus\":[]}", "line 2", "must be at least 1")]
    [InlineData("{\"gpus\":[\nnew Date(1)]}", "line 2", "must be an object")]
    public void What_is_wrong_is_reported_with_its_place(string text, params string[] words)
    {
        var failure = Assert.Throws<UnreadableDataException>(() => Read(text));
        Assert.Equal((ErrorIds.UnreadableData, _path), (failure.ErrorId, failure.Target));
        Assert.StartsWith(
            $"layout {_path} cannot be read{(text.Length > 0 ? " at " : ": ")}", failure.Message,
            StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, failure.Message, StringComparison.Ordinal));
        Assert.Contains($"Export-VgpuLayout -Path {_path}", failure.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("ConvertTo-Json -Depth", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_form_is_named_before_its_members_are() => Assert.Equal(
        ErrorIds.NewerVersion,
        Assert.Throws<UnreadableDataException>(() => Read("{\"version\":2,\"hosts\":{}}")).ErrorId);

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_named()
    {
        File.WriteAllBytes(_path, [.. "{\"gpus\":[{\"gpu\":\""u8, 0xFF, .. "\"}]}"u8]);
        Assert.Contains("not UTF-8", Assert.Throws<UnreadableDataException>(() => LayoutFiles.Read(_path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_and_a_folder_are_named()
    {
        Assert.Equal(
            ErrorIds.LayoutNotFound, Assert.Throws<ObjectNotFoundException>(() => LayoutFiles.Read(_path)).ErrorId);
        Assert.Equal(ErrorIds.LayoutNotFound,
            Assert.Throws<ObjectNotFoundException>(() => LayoutFiles.Read(Path.GetTempPath())).ErrorId);
    }

    private IReadOnlyList<GpuLayout>? Read(string text)
    {
        File.WriteAllText(_path, text);
        return LayoutFiles.Read(_path);
    }
}
