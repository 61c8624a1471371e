using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Lab.Machine;

public sealed class LabGateTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Crash_ends_the_actor_before_or_after_the_call(bool isBefore)
    {
        var host = LabHost.Create();
        using (host.BeginActor("vm101"))
        {
            Assert.NotNull(host.Files.TryLock("/run/l", 384));
            if (isBefore)
            {
                host.Gate.CrashBefore(1);
            }
            else
            {
                host.Gate.CrashAfter(1);
            }

            Assert.Throws<LabCrashException>(() => host.Files.WriteWhole("/etc/x", "1"u8, 420));
            Assert.Throws<LabCrashException>(() => host.Files.GetInfo("/etc"));
        }

        Assert.Equal(isBefore, host.Files.GetInfo("/etc/x") is null);
        Assert.NotNull(host.Files.TryLock("/run/l", 384));
    }

    [Fact]
    public void Failures_lies_and_delays_hit_the_calls_they_name()
    {
        var host = LabHost.Create();
        host.Gate.Fail("nvmlInit*", NvmlStatus.Unknown);
        host.Gate.Fail("read /etc/hostname", Errno.EIO);
        host.Gate.Lie("write /etc/y");
        host.Gate.Delay("stat /etc/*", TimeSpan.FromSeconds(3));
        Assert.Equal(NvmlStatus.Unknown, host.Nvml.Init());
        Assert.Equal(NvmlStatus.Success, host.Nvml.Init());
        Assert.Throws<HostFileException>(() => host.Files.Read("/etc/hostname", 99));
        host.Files.WriteWhole("/etc/y", "1"u8, 420);
        var before = host.Clock.GetTimestamp();
        Assert.Null(host.Files.GetInfo("/etc/y"));
        Assert.Equal(TimeSpan.FromSeconds(3), host.Clock.GetElapsedTime(before));
    }

    [Fact]
    public async Task Waits_move_the_clock_and_cancellations_wait_for_it()
    {
        var host = LabHost.Create();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), host.Clock);
        await Task.Delay(TimeSpan.FromSeconds(4), host.Clock, limit.Token);
        Assert.False(limit.IsCancellationRequested);
        host.Clock.Advance(TimeSpan.FromSeconds(6));
        Assert.True(limit.IsCancellationRequested);
    }
}
