using System.Globalization;
using VgpuPS.Core.Gpu;
using VgpuPS.Hook;
using VgpuPS.Host.Linux;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>A worker and the hook that waits for it agree on who has the last word.</summary>
public sealed class WorkerTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_start_that_was_given_up_is_rolled_back_and_any_other_stays(bool isAbandoned)
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        var before = s.Node.Snapshot();
        using var page = WorkerPage.Create(TimeProvider.System);
        if (isAbandoned)
        {
            Assert.True(page.TryAbandon());
        }

        using var output = new StringWriter(CultureInfo.InvariantCulture);
        var text = new HookText(output, output);
        var code = await WorkerCommand.RunAsync(
            s.Node.Connect(text.Warn), page, new VmId(101), "pre-start", text, null,
            TestContext.Current.CancellationToken);
        Assert.Equal(0, code);
        Assert.Null(page.LockedAt);
        if (isAbandoned)
        {
            s.Is(before);
        }
        else
        {
            Assert.NotEmpty(s.Gpu().Instances);
            Assert.False(page.TryAbandon());
        }
    }

    [Fact]
    public void The_first_word_on_a_worker_stands()
    {
        using var finished = WorkerPage.Create(TimeProvider.System);
        Assert.True(finished.TryFinish());
        Assert.False(finished.TryAbandon());
        using var left = WorkerPage.Create(TimeProvider.System);
        Assert.True(left.TryAbandon());
        Assert.False(left.TryFinish());
    }

    [Fact]
    public void What_a_worker_calls_is_reported_with_its_time()
    {
        using var page = WorkerPage.Create(TimeProvider.System);
        Assert.Null(page.LastCall);
        Assert.Null(page.LockedAt);
        page.Note("nvmlDeviceSetMigMode");
        page.Note(new string('é', 5000));
        page.Note("nvmlInit_v2");
        Assert.Equal("nvmlInit_v2", page.LastCall!.Value.Text);
        Assert.InRange(page.LastCall.Value.At, 1, TimeProvider.System.GetTimestamp());
    }
}
