using System.Text;
using System.Text.Json;
using VgpuPS.Core.Proxmox;
using VgpuPS.Lab.Proxmox;
using VgpuPS.Tests.Lab.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Guests;

/// <summary>
/// Genuine readings of qemu-server 8.4.10 and 9.2.6 against our reader. Not compared: whether a function is a vendor
/// VFIO or a classic one (<c>kind</c> tells them apart by sysfs, the entry alone only whether it is mediated).
/// </summary>
public sealed class RecordedGrammarTests
{
    private static readonly HashSet<string> s_comparedApart = new(StringComparer.Ordinal)
    {
        "description", "devices", "devicesError", "digest", "keys", "main", "pending", "pendingDelete", "rewritten",
        "snapshots", "specialSections", "strictError", "warnings",
    };

    public static TheoryData<string> Recordings =>
        [.. Directory.GetFiles(GrammarRecording.Folder, "grammar-*.json").Order(StringComparer.Ordinal)
            .Select(path => Path.GetFileNameWithoutExtension(path))];

    public static TheoryData<string, int> Lines
    {
        get
        {
            var rows = new TheoryData<string, int>();
            foreach (var name in Recordings.Select(row => row.Data))
            {
                for (var i = 0; i < GrammarRecording.Load(name).Observed.GetProperty("hostpci").GetArrayLength(); i++)
                {
                    rows.Add(name, i);
                }
            }

            return rows;
        }
    }

    [Fact]
    public void There_are_ten_recordings_of_the_grammar() => Assert.Equal(10, Recordings.Count);

    [Theory]
    [MemberData(nameof(Lines))]
    public void Line_is_kept_or_dropped_as_recorded(string name, int index)
    {
        var recording = GrammarRecording.Load(name);
        var row = recording.Observed.GetProperty("hostpci")[index];
        var config = VmConfigReader.Read(Text(row, "line")!, recording.Generation);

        if (!row.GetProperty("kept").GetBoolean())
        {
            Assert.Empty(config.HostPci);
            Assert.Equal(Text(row, "warning"), config.Dropped.SingleOrDefault()?.Warning(recording.Vm));
            return;
        }

        Assert.Empty(config.Dropped);
        var entry = Assert.Single(config.HostPci);
        Assert.Equal(Text(row, "key"), entry.Key);
        Assert.Equal(Text(row, "value"), entry.Value);
        Assert.Equal(Values(row, "properties"), entry.Properties);
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public void Devices_of_a_kept_line_are_as_recorded(string name, int index)
    {
        var recording = GrammarRecording.Load(name);
        var row = recording.Observed.GetProperty("hostpci")[index];
        var config = VmConfigReader.Read(Text(row, "line")!, recording.Generation);
        if (config.HostPci.SingleOrDefault() is not { } entry)
        {
            Assert.False(row.TryGetProperty("ids", out _));
            return;
        }

        var choice = recording.ChoiceFor(entry);
        Assert.Equal(Text(row, "error"), choice.Error);
        Assert.Equal(Ids(row), choice.Alternatives.Select(set => string.Join(' ', set.Functions)));
        Assert.Equal(Flag(row, "multifunction"), choice.IsMultifunction);
        Assert.Equal(Flag(row, "liveMigrationCapable"), choice.IsLiveMigrationCapable);
        switch (Text(row, "kind"))
        {
            case "vendor-vfio":
                Assert.Equal(Text(row, "vgpuType"), entry.VgpuTypeText);
                break;
            case "mdev":
                Assert.NotNull(entry.Mdev);
                break;
            case "plain":
                Assert.True(entry.Mdev is null && !entry.KeepsDriver);
                break;
            case "plain-keep":
                Assert.True(entry.Mdev is null && entry.KeepsDriver);
                break;
            default:
                Assert.NotNull(choice.Error);
                break;
        }
    }

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Whole_file_is_read_as_recorded(string name)
    {
        var recording = GrammarRecording.Load(name);
        var expected = recording.Observed.GetProperty("config");
        var config = VmConfigReader.Read(recording.Conf, recording.Generation);

        Assert.Equal(Texts(expected, "keys"), config.Main.Keys);
        Assert.Equal(Values(expected, "main"), HostPciOf(config.Main));
        Assert.Equal(Values(expected, "pending"), HostPciOf(config.Pending));
        Assert.Equal(Text(expected, "pendingDelete"), config.Pending.DeleteText);
        Assert.Equal(Text(expected, "description"), config.Main.Description);
        Assert.Equal(Sections(expected, "snapshots"), HostPciOf(config.Snapshots));
        Assert.Equal(Sections(expected, "specialSections"), HostPciOf(config.SpecialSections));
        Assert.Equal(Texts(expected, "warnings"), config.Dropped.Select(line => line.Warning(recording.Vm)));
        Assert.Equal(Text(expected, "strictError"),
            config.Dropped.FirstOrDefault(l => l.Kind != DroppedLineKind.UnknownSection)?.Warning(recording.Vm));
        foreach (var value in expected.EnumerateObject().Where(value => !s_comparedApart.Contains(value.Name)))
        {
            Assert.Equal(value.Value.GetString(), config.Main[value.Name]);
        }
    }

    [Theory]
    [MemberData(nameof(Recordings))]
    public async Task Start_finds_the_recorded_devices_or_the_recorded_error(string name)
    {
        var recording = PveRecording.Load(name);
        var expected = GrammarRecording.Load(name).Observed.GetProperty("config");
        var proxmox = new LabProxmox(
            new RecordedMachine(recording, new LabTimeline()),
            new LabProxmoxOptions(recording.Node, recording.Generation));

        var shown = await proxmox.ShowCommandAsync(recording.Vm, TestContext.Current.CancellationToken);

        Assert.Equal(Text(expected, "devicesError"), shown.Error);
        if (shown.Succeeded)
        {
            Assert.Equal(
                Texts(expected, "devices"),
                shown.Output.SelectMany(text => text.Split(',')).Where(part => part.StartsWith("id=hostpci"))
                    .Select(part => part[3..].Split('.')[0]).Distinct());
        }
    }

    [Theory]
    [MemberData(nameof(Recordings))]
    public void File_is_written_as_recorded(string name)
    {
        var recording = GrammarRecording.Load(name);
        var config = VmConfigReader.Read(recording.Conf, recording.Generation);

        Assert.Equal(
            Text(recording.Observed.GetProperty("config"), "rewritten"),
            Encoding.UTF8.GetString(VmConfigWriter.Write(config)));
    }

    private static SortedDictionary<string, string> HostPciOf(VmConfigSection section) =>
        new(section.HostPci.ToDictionary(entry => entry.Key, entry => entry.Value), StringComparer.Ordinal);

    private static SortedDictionary<string, string> HostPciOf(IReadOnlyDictionary<string, VmConfigSection> sections) =>
        new(
            sections.ToDictionary(pair => pair.Key, pair => string.Join('|', HostPciOf(pair.Value))),
            StringComparer.Ordinal);

    private static SortedDictionary<string, string> Sections(JsonElement parent, string name)
    {
        var sections = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var section in parent.TryGetProperty(name, out var all) ? all.EnumerateObject().ToList() : [])
        {
            sections[section.Name] = string.Join('|', Values(all, section.Name));
        }

        return sections;
    }

    private static SortedDictionary<string, string> Values(JsonElement parent, string name)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var value in parent.TryGetProperty(name, out var all) ? all.EnumerateObject().ToList() : [])
        {
            values[value.Name] = value.Value.GetString()!;
        }

        return values;
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static List<string> Texts(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) ? [.. value.EnumerateArray().Select(item => item.GetString()!)] : [];

    private static bool Flag(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.GetBoolean();

    private static List<string> Ids(JsonElement row) => row.TryGetProperty("ids", out var ids)
        ? [.. ids.EnumerateArray().Select(set => string.Join(' ', set.EnumerateArray().Select(id => id.GetString())))]
        : [];
}
