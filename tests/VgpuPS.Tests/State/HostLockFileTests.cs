using VgpuPS.Core.Errors;
using VgpuPS.Host.Seams;
using VgpuPS.Host.State;
using VgpuPS.Tests.Seams;
using Xunit;

namespace VgpuPS.Tests.State;

public sealed class HostLockFileTests
{
    private const string Path = "/run/vgpups/lock";

    private readonly FileTree _tree = new();
    private readonly JumpingClock _clock = new();
    private readonly HostLockFile _lock;

    public HostLockFileTests() => _lock = new HostLockFile(_tree, _clock, 1234);

    [Fact]
    public async Task The_holder_names_itself_until_it_lets_go()
    {
        await using (await AcquireAsync())
        {
            Assert.Equal("pid 1234: VM 101 pre-start since 2026-03-01T08:00:00Z", _tree[Path]);
            Assert.NotNull(_lock.Held);
            Assert.Null(_tree.TryLock(Path, 0));
        }

        Assert.Null(_lock.Held);
        Assert.NotNull(_tree.TryLock(Path, 0));
        Assert.Equal(Convert.ToInt32("700", 8), _tree.GetInfo("/run/vgpups")!.Mode);
    }

    [Fact]
    public async Task Waiting_grows_from_two_milliseconds_to_a_quarter_of_a_second_and_ends_with_the_lock()
    {
        _tree.Hold(Path);
        _clock.OnWait = () =>
        {
            if (_clock.Waits.Count == 9)
            {
                _tree.Free(Path);
            }
        };
        await using var held = await AcquireAsync();
        Assert.Equal(
            [2d, 4d, 8d, 16d, 32d, 64d, 128d, 250d, 250d], _clock.Waits.Select(wait => wait.TotalMilliseconds));
    }

    [Fact]
    public async Task Those_who_share_one_after_the_other_let_whoever_waits_take_it()
    {
        using var first = _lock.TryShare();
        Assert.NotNull(first);
        Assert.False(first.IsWanted);
        var others = new List<IDisposable?>();
        _clock.OnWait = () =>
        {
            others.Add(_lock.TryShare());
            if (others.Count == 3)
            {
                Assert.True(first.IsWanted);
                first.Dispose();
            }
        };
        await using (await AcquireAsync())
        {
            Assert.Equal([null, null, null], others);
            Assert.Null(_lock.TryShare());
        }

        _clock.OnWait = null;
        using var again = _lock.TryShare();
        Assert.NotNull(again);
    }

    [Fact]
    public async Task Who_gives_up_keeps_nobody_from_sharing()
    {
        _tree.Hold(Path);
        _ = await Assert.ThrowsAsync<ResourceBusyException>(AcquireAsync);
        _tree.Free(Path);
        using var shared = _lock.TryShare();
        Assert.NotNull(shared);
    }

    [Fact]
    public async Task A_full_run_costs_who_waits_their_turn_and_nothing_else()
    {
        _tree.Fail("open", $"{Path}.waiting", Errno.ENOSPC);
        using (_lock.TryShare())
        {
            _ = await Assert.ThrowsAsync<ResourceBusyException>(AcquireAsync);
        }

        await using var held = await AcquireAsync();
    }

    [Fact]
    public async Task A_lock_not_had_in_time_names_its_holder()
    {
        _tree[Path] = "pid 77: VM 102 pre-start since 2026-03-01T07:59:00Z";
        _tree.Hold(Path);
        var failure = await Assert.ThrowsAsync<ResourceBusyException>(AcquireAsync);
        Assert.Equal(ErrorIds.LockTimeout, failure.ErrorId);
        Assert.Contains("within 5 s; held by pid 77: VM 102 pre-start", failure.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(5), _clock.Elapsed);
    }

    [Theory]
    [InlineData("VM 101 pre-start", "qm start 101")]
    [InlineData("VM 101 post-start", "vgpu-hook sweep")]
    [InlineData("VM 101 post-stop", "vgpu-hook sweep")]
    [InlineData("sweep", "vgpu-hook sweep")]
    [InlineData("boot", "vgpu-hook boot")]
    [InlineData("New-MigInstance", "New-MigInstance")]
    public async Task Whoever_asked_is_told_what_to_run_again(string asker, string command)
    {
        _tree.Hold(Path);
        var failure = await Assert.ThrowsAsync<ResourceBusyException>(
            () => _lock.AcquireAsync(asker, TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
        Assert.EndsWith($": {command}", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_run_costs_the_holders_name_and_not_the_lock()
    {
        _tree.Fail("write", Path, Errno.ENOSPC);
        await using var held = await AcquireAsync();
        Assert.NotNull(_lock.Held);
    }

    [Theory]
    [InlineData("mkdir", "/run/vgpups", Errno.EROFS, typeof(HostNotReadyException))]
    [InlineData("open", Path, Errno.EACCES, typeof(AccessDeniedException))]
    public async Task A_lock_that_cannot_be_made_says_why(string operation, string path, int errno, Type exception)
    {
        _tree.Fail(operation, path, errno);
        Assert.IsType(exception, await Record.ExceptionAsync(AcquireAsync));
    }

    private Task<IAsyncDisposable> AcquireAsync() =>
        _lock.AcquireAsync("VM 101 pre-start", TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
}
