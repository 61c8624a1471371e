using VgpuPS.Core.Errors;
using VgpuPS.Core.Layout;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Operations.Vgpus;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>The log of changes as it is read: who, what, before and after, whatever a full storage or a rotation
/// left.</summary>
public sealed class ReadEventsTests
{
    private const string Log = "/var/log/vgpups/events.jsonl";

    private readonly Changes _host = Changes.On("A30", LabBackend.Mdev, mig: true);

    [Fact]
    public void Every_change_says_what_was_and_what_is()
    {
        _host.Apply(Changes.With(instances: [new("2g.12gb")]));
        _host.Do(
            HostUseCases.CreateVgpu,
            new CreateVgpuRequest
            {
                FunctionAddress = Changes.First,
                Type = "nvidia-690",
                Uuid = "11111111-2222-3333-4444-555555555555"
            });
        _host.Do(HostUseCases.RemoveVgpu, new RemoveVgpuRequest { MdevUuid = "11111111-2222-3333-4444-555555555555" });
        _host.Do(
            HostUseCases.SaveLayout, new SaveLayoutRequest { Layout = new HostLayout([Changes.With(mig: false)]) });
        _host.Apply(Changes.With(mig: false, scheduler: Changes.Equal()), force: true, reset: true);
        var events = Read();
        Assert.All(events, e => Assert.Equal("Test", e.Source));
        Assert.All(events, e => Assert.True(e.Before.Length + e.After.Length > 0, $"{e.Action} says nothing"));
        Assert.Equal("nvidia-690", events.Single(e => e.Action == "removeMediatedDevice").Before);
        Assert.Equal("2g.12gb", events.Single(e => e.Action == "createComputeInstance").After);
        Assert.Equal(("", "0000:4b:00.0 MIG off"), Ends(events.Single(e => e.Action == "saveLayout")));
        Assert.Equal(("best effort", "equal share"), Ends(events.Single(e => e.Action == "setVgpuScheduler")));
        Assert.Equal(events.Select(e => e.Time).Order(), events.Select(e => e.Time));
    }

    [Fact]
    public void Mixed_sizes_say_what_was_and_what_is()
    {
        var host = Changes.On("L40S");
        host.Do(HostUseCases.ApplyLayout, new ApplyLayoutRequest { Gpus = [Changes.With(mixed: true)] });
        var entry = Assert.Single(
            new ReadEvents(host.Host).Run(new ReadEventsRequest(), TestContext.Current.CancellationToken).Events);
        Assert.Equal(("enableMixedSizes", "off", "on"), (entry.Action, entry.Before, entry.After));
    }

    [Fact]
    public void Newest_are_chosen_by_number_time_VM_source_and_action()
    {
        Put(Log, Line(1, "hook", 101), Line(2, "boot", null), Line(3, "New-MigInstance", null), Line(4, "hook", 102));
        Assert.Equal("3 4", Seconds(new ReadEventsRequest { Last = 2 }));
        Assert.Equal("2 3", Seconds(new ReadEventsRequest { After = At(2), Before = At(3) }));
        Assert.Equal("1", Seconds(new ReadEventsRequest { VmIds = [101, 103] }));
        Assert.Equal("3", Seconds(new ReadEventsRequest { Sources = ["*-mig*"] }));
        Assert.Equal("1 2 4", Seconds(new ReadEventsRequest { Sources = ["hook", "b??t"] }));
        Assert.Equal("", Seconds(new ReadEventsRequest { Actions = ["create*"] }));
        Assert.Equal("", Seconds(new ReadEventsRequest { Last = 0 }));
    }

    [Fact]
    public void Rotated_log_comes_before_the_present_one()
    {
        Put(Log + ".1", Line(1, "hook", 101), Line(2, "hook", 101));
        Put(Log, Line(3, "hook", 101));
        Assert.Equal("1 2 3", Seconds(new ReadEventsRequest()));
        Assert.Equal("2 3", Seconds(new ReadEventsRequest { Last = 2 }));
        _host.Node.Host.Files.Delete(Log);
        Assert.Equal("1 2", Seconds(new ReadEventsRequest()));
    }

    [Fact]
    public void Torn_line_is_counted_and_what_was_appended_to_one_is_read()
    {
        var half = Line(2, "hook", 101)[..40];
        _host.Node.Host.Put(Log,
            $"{Line(1, "hook", 101)}\n{half}{Line(3, "hook", 101)}\nnonsense\n{{}}\n{Line(4, "hook", 101)}\n{half}");
        var result = new ReadEvents(_host.Host).Run(new ReadEventsRequest(), TestContext.Current.CancellationToken);
        Assert.Equal("1 3 4", Seconds(result));
        Assert.Equal(3, result.UnreadableLines);
    }

    [Fact]
    public void Host_without_a_log_has_no_changes_and_one_that_cannot_be_read_says_so()
    {
        Assert.Equal("", Seconds(new ReadEventsRequest()));
        Put(Log, Line(1, "hook", 101));
        _host.Node.Host.Gate.Fail("read " + Log, 5, times: 9);
        var failure = Assert.ThrowsAny<VgpuException>(() => Seconds(new ReadEventsRequest()));
        Assert.Equal(ErrorIds.ReadFailed, failure.ErrorId);
        Assert.Contains(Log, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Log_is_followed_from_its_end_over_half_lines_rotation_and_truncation()
    {
        var files = _host.Node.Host.Files;
        var position = "";
        Assert.Equal("", Next());
        Put(Log, Line(1, "hook", 101));
        Assert.Equal("1", Next());
        Append(Line(2, "hook", 101) + "\n" + Line(3, "boot", null)[..30]);
        Assert.Equal("2", Next());
        Assert.Equal("", Next());
        Append(Line(3, "boot", null)[30..] + "\n");
        Assert.Equal("3", Next());
        Append(Line(4, "hook", 101) + "\n");
        files.Rename(Log, Log + ".1");
        Append(Line(5, "hook", 101) + "\n");
        Assert.Equal("4", Next());
        Assert.Equal("5", Next());
        files.Delete(Log);
        Assert.Equal("", Next());
        Append(Line(6, "hook", 101) + "\n");
        Assert.Equal("6", Next());
        Assert.Equal("", Next());

        // copytruncate: the same file, shorter; then the same file again, longer than it was.
        Cut(Line(7, "a", null) + "\n");
        Assert.Equal("7", Next());
        Cut(new string(' ', 200) + "\n" + Line(8, "a", null) + "\n");
        Assert.Equal("8", Next());

        string Next()
        {
            var result = new ReadEvents(_host.Host).Run(
                new ReadEventsRequest { Position = position }, TestContext.Current.CancellationToken);
            position = result.Position!;
            return Seconds(result);
        }

        void Cut(string text)
        {
            var inode = files.GetInfo(Log)!.Inode;
            _host.Node.Host.Edit(s => s.Root.Entries!["var"].Entries!["log"].Entries!["vgpups"].Entries!["events.jsonl"]
                .Content = System.Text.Encoding.UTF8.GetBytes(text));
            Assert.Equal(inode, files.GetInfo(Log)!.Inode);
        }

        void Append(string text) =>
            files.Append(Log, System.Text.Encoding.UTF8.GetBytes(text), FileModes.Mode644);
    }

    [Fact]
    public void Who_begins_to_follow_gets_what_the_other_members_ask_for_and_filters_hold_afterwards()
    {
        Put(Log, Line(1, "hook", 101), Line(2, "boot", null), Line(3, "hook", 102));
        var first = Follow(new ReadEventsRequest { Position = "", Last = 1 });
        Assert.Equal("3", Seconds(first));
        Put(Log + ".1", "");
        _host.Node.Host.Files.Append(
            Log, System.Text.Encoding.UTF8.GetBytes(Line(4, "boot", null) + "\n" + Line(5, "hook", 101) + "\n"),
            FileModes.Mode644);
        Assert.Equal("5", Seconds(Follow(new ReadEventsRequest { Position = first.Position, VmIds = [101] })));
        Assert.Equal("", Seconds(Follow(new ReadEventsRequest { Position = "nonsense" })));
        Assert.Null(Follow(new ReadEventsRequest()).Position);

        ReadEventsResult Follow(ReadEventsRequest request) =>
            new ReadEvents(_host.Host).Run(request, TestContext.Current.CancellationToken);
    }

    private void Put(string path, params string[] lines) => _host.Node.Host.Put(path, string.Join('\n', lines) + "\n");

    private static string Line(int second, string source, int? vm) =>
        $$"""{"time":"2026-01-05T08:00:0{{second}}.000Z","source":"{{source}}","vm":{{vm?.ToString()
            ?? "null"}},"action":"a","target":"t","before":"","after":"x"}""";

    private static DateTime At(int second) => new(2026, 1, 5, 8, 0, second, DateTimeKind.Utc);

    private IReadOnlyList<VgpuEventInfo> Read() =>
        new ReadEvents(_host.Host).Run(new ReadEventsRequest(), TestContext.Current.CancellationToken).Events;

    private string Seconds(ReadEventsRequest request) =>
        Seconds(new ReadEvents(_host.Host).Run(request, TestContext.Current.CancellationToken));

    private static string Seconds(ReadEventsResult result) =>
        string.Join(' ', result.Events.Select(e => e.Time.Second));

    private static (string Before, string After) Ends(VgpuEventInfo entry) => (entry.Before, entry.After);
}
