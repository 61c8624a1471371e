using VgpuPS.Host.Execution;
using VgpuPS.Sessions;
using Xunit;

namespace VgpuPS.Tests.Module;

public sealed class TurnsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_written_comes_in_order_and_at_once_where_it_is_live(bool isLive)
    {
        var sink = new RecordingSink();
        var (second, seen) = (new TaskCompletionSource(), new TaskCompletionSource());
        sink.OnObject = _ => seen.TrySetResult();
        List<object> before = [];
        await Turns.ForEachAsync(
            sink, ["one", "two"], 2, isLive,
            async (item, turn, stop) =>
            {
                turn.WriteObject(item + " first");
                if (item == "two")
                {
                    turn.WriteObject(item + " last");
                    second.SetResult();
                    return;
                }

                await second.Task.WaitAsync(stop);
                await (isLive ? seen.Task.WaitAsync(stop) : Task.CompletedTask);
                before = [.. sink.Objects];
                turn.WriteObject(item + " last");
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(isLive ? ["one first"] : [], before);
        Assert.Equal(["one first", "one last", "two first", "two last"], sink.Objects);
    }

    [Fact]
    public async Task Each_has_a_line_of_progress_that_is_taken_away()
    {
        var sink = new RecordingSink();
        await Turns.ForEachAsync(
            sink, ["one", "two"], 1, isLive: true,
            (item, turn, _) =>
            {
                turn.WriteProgress(item, new StepProgress(1, 1, "works"));
                return Task.CompletedTask;
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(["0 one works", "0 ends", "1 two works", "1 ends"], sink.Lines);
    }
}
